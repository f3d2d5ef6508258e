import type { Kysely, Migration } from "kysely";

/** How far each lane of the journal is. What stands there before has one checkpoint for all of them. */
export function laneCheckpoints(): Migration {
  return {
    async up({ schema }: Kysely<unknown>) {
      await schema.alterTable("checkpoint").addColumn("lanes", "text").execute();
    },
  };
}
