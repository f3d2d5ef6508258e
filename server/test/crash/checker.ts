/**
 * The judge. It imports nothing of the product and asks it only what anybody can ask: the search and the books, over HTTP. It gets what
 * the senders know and says what is lost, what is there twice, and whose books do not balance.
 */
import { countOf, mark } from "./stream.ts";
import type { Stream } from "./stream.ts";

export interface Verdict {
  /** Records that left the senders. */
  readonly sent: number;
  readonly acknowledged: number;
  /** Acknowledged and not found. */
  readonly lost: readonly string[];
  /** Found more than once. */
  readonly doubled: readonly string[];
  /** Found, and sent by nobody. */
  readonly foreign: readonly string[];
  /** What is wrong with the books, in words. */
  readonly unbalanced: readonly string[];
}

export interface Asked {
  readonly url: string;
  readonly token: string;
}

interface Account {
  readonly id: string;
  readonly name: string;
  readonly received: number;
  readonly stored: number;
  readonly filtered: number;
  readonly quarantined: number;
  readonly queued: number;
}

interface Found {
  readonly rows: number;
  readonly times: ReadonlyMap<string, number>;
}

const SOURCES_PER_SEARCH = 12;
const REPLY_ROWS = 10_000;
const ALL_TIMES = { from: "2000-01-01T00:00:00Z", to: "2100-01-01T00:00:00Z" } as const;

/** Judges the streams. Everything that was received must have been applied before: see {@link isApplied}. */
export async function judge(server: Asked, streams: readonly Stream[]): Promise<Verdict> {
  const accounts = new Map((await accountsOf(server)).map((account) => [account.name, account]));
  const lost: string[] = [];
  const doubled: string[] = [];
  const foreign: string[] = [];
  const unbalanced: string[] = [];
  const bySource = await recordsOf(
    server,
    streams.flatMap(({ name }) => accounts.get(name)?.id ?? []),
  );
  for (const stream of streams) {
    const account = accounts.get(stream.name);
    const found = bySource.get(account?.id ?? "") ?? NOTHING;
    for (const [block, count] of stream.acknowledged) {
      for (let line = 0; line < count; line++) {
        const name = mark(stream.name, block, line);
        if (!found.times.has(name)) lost.push(name);
      }
    }
    for (const [name, times] of found.times) {
      if (times > 1) doubled.push(name);
      if (!wasSent(stream, name)) foreign.push(name);
    }
    if (account !== undefined) unbalanced.push(...faultsOf(stream, account, found.rows));
  }
  const sent = streams.reduce((sum, stream) => sum + countOf(stream.sent), 0);
  const acknowledged = streams.reduce((sum, stream) => sum + countOf(stream.acknowledged), 0);
  return { sent, acknowledged, lost, doubled, foreign, unbalanced };
}

const NOTHING: Found = { rows: 0, times: new Map() };

/** Whether all that was received has its outcome. */
export async function isApplied(server: Asked): Promise<boolean> {
  return (await accountsOf(server)).every(({ queued }) => queued === 0);
}

/** How many records of a source are received, by the server's own books; 0 while it does not know the source. */
export async function receivedOf(server: Asked, name: string): Promise<number> {
  return (await accountsOf(server)).find((account) => account.name === name)?.received ?? 0;
}

function wasSent(stream: Stream, name: string): boolean {
  const [of, block, line] = name.split(".");
  return of === stream.name && Number(line) < (stream.sent.get(Number(block)) ?? 0);
}

/** Each number is held against another that came by another way: books against books, and books against the store. */
function faultsOf(stream: Stream, account: Account, rows: number): readonly string[] {
  const { received, stored, filtered, quarantined, queued } = account;
  const faults: string[] = [];
  if (received !== stored + filtered + quarantined + queued)
    faults.push(`received ${received} ≠ ${stored} + ${filtered} + ${quarantined} + ${queued}`);
  if (stored !== rows) faults.push(`the books say ${stored} stored, the store holds ${rows}`);
  if (received < countOf(stream.acknowledged))
    faults.push(`received ${received}, acknowledged ${countOf(stream.acknowledged)}`);
  if (!stream.isRepeated && received > countOf(stream.sent))
    faults.push(`received ${received}, sent ${countOf(stream.sent)}`);
  if (filtered > 0 && !stream.isRepeated) faults.push(`${filtered} filtered, and nothing came twice`);
  return faults.map((fault) => `${stream.name}: ${fault}`);
}

/** A few at a time: a reply has at most 10,000 rows and a list at most 10,000 values, and a round has some hundred blocks. */
async function recordsOf(server: Asked, sources: readonly string[]): Promise<ReadonlyMap<string, Found>> {
  const found = new Map<string, Found>();
  for (let at = 0; at < sources.length; at += SOURCES_PER_SEARCH) {
    const some = sources.slice(at, at + SOURCES_PER_SEARCH);
    for (const [source, records] of await recordsOfSome(server, some)) found.set(source, records);
  }
  return found;
}

async function recordsOfSome(server: Asked, sources: readonly string[]): Promise<ReadonlyMap<string, Found>> {
  const kql = `Events | where source in (${sources.map((source) => `"${source}"`).join(", ")})
    | extend name = extract(@"mark (\\w+\\.\\d+\\.\\d+)", 1, raw)
    | extend block = extract(@"mark \\w+\\.(\\d+)\\.", 1, raw)
    | summarize rows = count(), names = make_list(name) by source, block`;
  const reply = (await call(server, "/api/v1/search", { kql, ...ALL_TIMES, limit: REPLY_ROWS })) as {
    readonly columns: readonly { readonly name: string }[];
    readonly rows: readonly (readonly unknown[])[];
  };
  if (reply.rows.length >= REPLY_ROWS) throw new Error("a search's reply has no room for all blocks");
  const at = (name: string): number => reply.columns.findIndex((column) => column.name === name);
  const [sourceAt, rowsAt, namesAt] = [at("source"), at("rows"), at("names")];
  const found = new Map<string, { rows: number; readonly times: Map<string, number> }>();
  for (const row of reply.rows) {
    const source = String(row[sourceAt]);
    const records = found.get(source) ?? { rows: 0, times: new Map<string, number>() };
    found.set(source, records);
    records.rows += Number(row[rowsAt]);
    for (const name of row[namesAt] as readonly string[])
      records.times.set(name, (records.times.get(name) ?? 0) + 1);
  }
  return found;
}

async function accountsOf(server: Asked): Promise<readonly Account[]> {
  return ((await call(server, "/api/v1/sources")) as { readonly items: readonly Account[] }).items;
}

async function call({ url, token }: Asked, path: string, body?: unknown): Promise<unknown> {
  const response = await fetch(`${url}${path}`, {
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(60_000),
  });
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
  return response.json();
}
