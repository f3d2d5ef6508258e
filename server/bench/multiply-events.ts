import { join } from "node:path";
import { EngineClient } from "../src/storage/engine/engine-client.ts";
import { EngineProcess } from "../src/storage/engine/engine-process.ts";

export interface MultiplyOptions {
  /** Of a server that was stopped. */
  readonly directory: string;
  readonly childPath: string;
  /** How many events there shall be at least. */
  readonly events: number;
  readonly onProgress: (line: string) => void;
}

/** Between the copies of an event: not a round time, so that copies mingle with the others. */
const STEP_SECONDS = 37;
const STATEMENT_MS = 600_000;

/**
 * Copies the stored events inside the engine until there are enough, each copy with an id of its own and some seconds earlier: what
 * twenty million lines through the whole way would leave behind, in minutes instead of hours. Ends when no merges are under way.
 * @returns events and their bytes in use
 */
export async function multiplyEvents(
  options: MultiplyOptions,
): Promise<{ readonly events: number; readonly bytes: number }> {
  const { directory, events, onProgress } = options;
  const engine = await EngineProcess.start({
    childPath: options.childPath,
    directory: join(directory, "engine/data"),
    configPath: join(directory, "engine/config/config.xml"),
    readers: 1,
    clockMs: () => performance.now(),
  });
  try {
    const client = new EngineClient((limitMs) => engine.connection(limitMs), STATEMENT_MS);
    const numberOf = async (sql: string): Promise<number> =>
      Number((await client.rows({ sql, lane: "write" })).data[0]?.[0] ?? 0);
    const original = await numberOf("SELECT count() FROM events");
    await client.command({ sql: "CREATE TABLE originals AS events", lane: "write" });
    await client.command({ sql: "INSERT INTO originals SELECT * FROM events", lane: "write" });
    const copies = Math.ceil(events / original) - 1;
    for (let copy = 1; copy <= copies; copy++) {
      await client.command({ sql: copyStatement(copy), lane: "write" });
      if (copy % 10 === 0) onProgress(`${original * (copy + 1)} of ${events} events`);
    }
    await client.command({ sql: "DROP TABLE originals", lane: "write" });
    while ((await numberOf("SELECT count() FROM system.merges")) > 0)
      await new Promise((resolve) => setTimeout(resolve, 1_000));
    return {
      events: await numberOf("SELECT count() FROM events"),
      bytes: await numberOf("SELECT sum(bytes_on_disk) FROM system.parts WHERE table = 'events' AND active"),
    };
  } finally {
    await engine.close();
  }
}

function copyStatement(copy: number): string {
  const origin = copy.toString(16).padStart(16, "0");
  return `INSERT INTO events SELECT * REPLACE ('${origin}' AS origin, timestamp - toIntervalSecond(${copy * STEP_SECONDS}) AS timestamp) FROM originals`;
}
