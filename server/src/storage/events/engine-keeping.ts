import type { Sequence } from "@tyto/domain";
import type { Census } from "../bundle/manifest.ts";
import type { EngineClient } from "../engine/engine-client.ts";
import { countUpTo, takeCensus } from "./event-census.ts";
import type { CountedTable } from "./event-census.ts";
import { EventArchive } from "./event-archive.ts";
import { EventPartitions } from "./event-partitions.ts";

/** What backup, archive and retention ask of the tables of events. */
export class EngineKeeping {
  readonly archive: EventArchive;
  readonly partitions: EventPartitions;
  readonly #client: EngineClient;

  constructor(client: EngineClient) {
    this.#client = client;
    this.archive = new EventArchive(client);
    this.partitions = new EventPartitions(client);
  }

  census(table: CountedTable, upTo: Sequence): Promise<Census> {
    return takeCensus(this.#client, table, upTo);
  }

  count(table: CountedTable, upTo: Sequence): Promise<number> {
    return countUpTo(this.#client, table, upTo);
  }
}
