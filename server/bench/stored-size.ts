import { join } from "node:path";
import { EngineClient } from "../src/storage/engine/engine-client.ts";
import { EngineProcess } from "../src/storage/engine/engine-process.ts";

/** What events take on disk: parts in use with their indexes, the journal and parts that were merged away apart. */
export interface StoredSize {
  readonly bytesAsLeft: number;
  readonly bytesAfterMerges: number;
  /** Of the bytes after merges. */
  readonly wordIndexBytes: number;
  readonly rawBytes: number;
}

/** Opens the engine of a server that was stopped. @param directory the server's data directory. */
export async function storedSize(directory: string, childPath: string): Promise<StoredSize> {
  const engine = await EngineProcess.start({
    childPath,
    directory: join(directory, "engine/data"),
    configPath: join(directory, "engine/config/config.xml"),
    readers: 1,
    clockMs: () => performance.now(),
  });
  try {
    const client = new EngineClient((limitMs) => engine.connection(limitMs), 60_000);
    const numberOf = async (sql: string): Promise<number> =>
      Number((await client.rows({ sql, lane: "write" })).data[0]?.[0] ?? 0);
    const active = "FROM system.parts WHERE table = 'events' AND active";
    const bytesAsLeft = await numberOf(`SELECT sum(bytes_on_disk) ${active}`);
    await client.command({ sql: "OPTIMIZE TABLE events FINAL", lane: "write" });
    return {
      bytesAsLeft,
      bytesAfterMerges: await numberOf(`SELECT sum(bytes_on_disk) ${active}`),
      wordIndexBytes: await numberOf(`SELECT sum(secondary_indices_compressed_bytes) ${active}`),
      rawBytes: await numberOf("SELECT sum(length(raw)) FROM events"),
    };
  } finally {
    await engine.close();
  }
}
