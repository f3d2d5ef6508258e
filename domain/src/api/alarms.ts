import Type from "typebox";
import { InstantSchema } from "./basics.ts";

/** What is wrong with Tyto itself, and how its canary does. */
export const AlarmListSchema = Type.Object({
  items: Type.Array(
    Type.Object({
      kind: Type.String({ description: "engine-down, source-silent, …: docs/guides/monitoring.md has all" }),
      subject: Type.Union([Type.String(), Type.Null()], {
        description: "What it is about: a source's id, a pack",
      }),
      message: Type.String(),
      hint: Type.String({ description: "What to do" }),
      since: InstantSchema,
    }),
  ),
  canary: Type.Object({
    state: Type.Union([
      Type.Literal("never-sent"),
      Type.Literal("under-way"),
      Type.Literal("arrived"),
      Type.Literal("missing"),
    ]),
    sentAt: Type.Union([InstantSchema, Type.Null()]),
    tookMs: Type.Union([Type.Number(), Type.Null()], { description: "From the input to the alert" }),
  }),
});
export type AlarmList = Type.Static<typeof AlarmListSchema>;
