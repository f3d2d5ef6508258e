import { migrations } from "./control/migrations/index.ts";
import { SQLITE_TRAITS } from "./control/libsql-dialect.ts";
import { EVENT_MIGRATIONS } from "./events/schema.ts";

/** The newest migrations that this build knows. */
export const SCHEMA_VERSIONS = {
  engine: Math.max(0, ...EVENT_MIGRATIONS.map(({ number }) => number)),
  control: Object.keys(migrations(SQLITE_TRAITS)).sort().at(-1) ?? "",
} as const;
