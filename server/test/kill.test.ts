/** What was acknowledged survives `kill -9` of the whole process group, exactly once, and the books balance. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ServerProcess, ADMIN_TOKEN } from "./harness/server-process.ts";
import { until } from "./harness/wait.ts";

const ROUNDS = process.env["TYTO_VERIFY"] === undefined ? 2 : 20;
const SENDERS = 4;
const LINES_PER_REQUEST = 200;

const KEY = "0123456789abcdef".repeat(4);

let server: ServerProcess;

/** Sends numbered lines until the connection breaks. @returns the numbers that were acknowledged. */
async function sendUntilKilled(url: string, round: number, sender: number): Promise<string[]> {
  const acknowledged: string[] = [];
  for (let request = 0; ; request++) {
    const names = Array.from(
      { length: LINES_PER_REQUEST },
      (_, line) => `n${round}x${sender}x${request}x${line}`,
    );
    const lines = names.map((name) =>
      JSON.stringify({ message: `numbered ${name}`, batch: `${sender}-${request}` }),
    );
    try {
      const response = await fetch(`${url}/api/v1/ingest`, {
        method: "POST",
        headers: { authorization: `Bearer ${ADMIN_TOKEN}`, "content-type": "application/x-ndjson" },
        body: lines.join("\n"),
      });
      if (response.ok) acknowledged.push(...names);
    } catch {
      return acknowledged;
    }
  }
}

/** The round's stored markers, and how many rows hold them. */
async function storedMarkers(
  round: number,
): Promise<{ readonly markers: ReadonlySet<string>; readonly rows: number }> {
  // By batch, since a set holds at most 10,000 values.
  const kql = `Events | where message startswith "numbered n${round}x" | summarize rows = count(), markers = make_set(message) by batch = tostring(custom.batch)`;
  const reply = await server.search(kql, { from: "-1d", limit: 10_000 });
  const of = (name: string): number => reply.columns.findIndex((column) => column.name === name);
  return {
    rows: reply.rows.reduce((sum, row) => sum + Number(row[of("rows")]), 0),
    markers: new Set(
      reply.rows
        .flatMap((row) => row[of("markers")] as readonly string[])
        .map((message) => message.slice("numbered ".length)),
    ),
  };
}

describe.each([
  ["a killed server", []],
  ["a killed server whose data is encrypted", ["--encryption-key-command", `echo ${KEY}`]],
])("%s", (_name, args) => {
  beforeAll(async () => {
    server = await ServerProcess.start(...args);
  }, 120_000);

  afterAll(() => server.stop());

  it(`keeps every acknowledged event exactly once over ${ROUNDS} rounds`, async () => {
    let total = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const sending = Array.from({ length: SENDERS }, (_, sender) =>
        sendUntilKilled(server.url, round, sender),
      );
      await new Promise((resolve) => setTimeout(resolve, 400 + ((round * 337) % 1_500)));
      await server.killHard();
      const acknowledged = (await Promise.all(sending)).flat();
      await server.restart();
      const ledger = await until(
        "the journal to be replayed",
        async () => {
          const list = await server.ledger();
          return list.totals.queued === 0 ? list : undefined;
        },
        { timeoutMs: 60_000 },
      );
      const stored = await storedMarkers(round);
      expect(acknowledged.filter((marker) => !stored.markers.has(marker))).toEqual([]);
      expect(stored.rows).toBe(stored.markers.size);
      expect(ledger.items.every((source) => source.isBalanced)).toBe(true);
      total += acknowledged.length;
    }
    expect(total).toBeGreaterThan(ROUNDS * LINES_PER_REQUEST);
    const counted = await server.search("Events | where message startswith 'numbered n' | count", {
      from: "-1d",
    });
    const { stored } = (await server.ledger()).totals;
    expect(counted.rows[0]?.[0]).toBe(stored);
  }, 600_000);
});
