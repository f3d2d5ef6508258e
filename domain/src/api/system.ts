import Type from "typebox";
import { InstantSchema } from "./basics.ts";

/** What runs here, for settings and for people who help. No secrets and no event content. */
export const SystemSchema = Type.Object({
  version: Type.String(),
  node: Type.String(),
  platform: Type.String(),
  startedAt: InstantSchema,
  schemas: Type.Object({ control: Type.String(), engine: Type.Integer() }),
  dataDirectory: Type.String(),
  storage: Type.Array(Type.Object({ name: Type.String(), bytes: Type.Integer() })),
  disk: Type.Object({ free: Type.Integer(), total: Type.Integer() }),
  queue: Type.Object({ records: Type.Integer(), running: Type.Integer() }),
  encryption: Type.Object({
    isOn: Type.Boolean(),
    /** Where the master key comes from; never the key. */
    source: Type.String(),
  }),
  /** The last backups that were taken. */
  backups: Type.Array(Type.Object({ at: InstantSchema, actor: Type.String() })),
  /** Outward ways of alarms, without addresses' secrets. */
  alarmChannels: Type.Array(Type.Object({ kind: Type.String(), to: Type.String() })),
});
export type SystemReport = Type.Static<typeof SystemSchema>;
