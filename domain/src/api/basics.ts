import Type from "typebox";

/** RFC 3339, UTC, milliseconds or microseconds. */
export const InstantSchema = Type.String({ description: "RFC 3339 in UTC" });

/** Every error that the API answers with. */
export const ErrorBodySchema = Type.Object({
  error: Type.Object({
    code: Type.String(),
    message: Type.String(),
    hint: Type.Optional(Type.String({ description: "What to do next" })),
    field: Type.Optional(
      Type.String({ description: "Which part of the request is wrong: `query.limit`, `body.password`" }),
    ),
    at: Type.Optional(
      Type.Object({
        line: Type.Number(),
        column: Type.Number(),
        length: Type.Optional(Type.Number()),
      }),
    ),
  }),
});
export type ErrorBody = Type.Static<typeof ErrorBodySchema>;

export const HealthSchema = Type.Object({
  status: Type.Union([Type.Literal("ok"), Type.Literal("starting"), Type.Literal("degraded")]),
  version: Type.String(),
  /** Why it is not ok, or what works with less than it should; no secrets. */
  reasons: Type.Array(Type.String()),
});
export type Health = Type.Static<typeof HealthSchema>;

export const EntitySchema = Type.Object({
  type: Type.Union([
    Type.Literal("user"),
    Type.Literal("host"),
    Type.Literal("ip"),
    Type.Literal("process"),
    Type.Literal("file"),
    Type.Literal("hash"),
    Type.Literal("domain"),
    Type.Literal("url"),
    Type.Literal("service"),
  ]),
  value: Type.String(),
});

export const SeveritySchema = Type.Union([
  Type.Literal("low"),
  Type.Literal("medium"),
  Type.Literal("high"),
  Type.Literal("critical"),
]);

/** A list's answer: `nextCursor` is null on the last page. */
export const page = <T extends Type.TSchema>(item: T) =>
  Type.Object({
    items: Type.Array(item),
    nextCursor: Type.Union([Type.String(), Type.Null()]),
  });
