import { TytoError } from "@tyto/domain";
import type { ConnectionSettings } from "@tyto/domain";
import Type from "typebox";
import { Compile } from "typebox/compile";
import type { PullContext, TimeRange } from "../pull/ports.ts";
import type { S3Client, S3Entry } from "./s3-client.ts";
import { takeObject } from "./take-object.ts";

const CursorSchema = Type.Object({
  version: Type.Literal(1),
  /** Objects that were last changed before are done with, or never wanted. Milliseconds. */
  since: Type.Number(),
  /** When the listing under way began: the next `since`. */
  begunAt: Type.Number(),
  /** Key that the listing under way has come to. */
  after: Type.String(),
  /** What was read within the overlap, by key and ETag. */
  done: Type.Array(Type.String()),
});
type BucketCursor = Type.Static<typeof CursorSchema>;
const schema = Compile(CursorSchema);

const DAY_MS = 86_400_000;
/** A large upload shows when it ends, with the time at which it began. */
const OVERLAP_MS = 60 * 60_000;
const MAX_DONE = 20_000;
const POLL_EVERY_MS = 60_000;

/** Lists a bucket again and again, and reads what has changed since the listing before. */
export async function listBucket(context: PullContext<"s3">, s3: S3Client): Promise<void> {
  const { settings, world, signal } = context;
  const nowMs = (): number => world.now() / 1_000;
  const everyMs = (settings.pollEverySeconds ?? POLL_EVERY_MS / 1_000) * 1_000;
  let cursor = cursorOf(context.cursor, settings, nowMs());
  while (!signal.aborted) {
    context.running();
    cursor = await oneListing(context, s3, cursor);
    await context.commit(cursor);
    context.waiting("until the next listing", nowMs() + everyMs);
    await world.sleep(everyMs, signal);
    cursor = { ...cursor, begunAt: nowMs(), after: "" };
  }
}

async function oneListing(
  context: PullContext<"s3">,
  s3: S3Client,
  before: BucketCursor,
): Promise<BucketCursor> {
  const { settings, signal } = context;
  const { bucket = "", prefix = "" } = settings;
  let cursor = before;
  const done = new Set(cursor.done);
  for (let isTruncated = true; isTruncated;) {
    const { after } = cursor;
    const page = await s3.list(bucket, { prefix, after });
    const last = page.entries.at(-1)?.key ?? after;
    // A peer that begins anew each time would never end.
    isTruncated = page.isTruncated && last > after;
    for (const entry of page.entries) {
      signal.throwIfAborted();
      if (isNew(entry, cursor, done)) {
        await takeObject(context, s3, { bucket, key: entry.key });
        done.add(nameOf(entry));
        cursor = { ...cursor, after: entry.key, done: [...done].slice(-MAX_DONE) };
        await context.commit(cursor);
      }
    }
    cursor = { ...cursor, after: last };
  }
  return { version: 1, since: cursor.begunAt, begunAt: cursor.begunAt, after: "", done: cursor.done };
}

function isNew(entry: S3Entry, { since }: BucketCursor, done: ReadonlySet<string>): boolean {
  if (entry.key.endsWith("/") || entry.size === 0) return false;
  return entry.modifiedMs >= since - OVERLAP_MS && !done.has(nameOf(entry));
}

function nameOf({ key, etag }: S3Entry): string {
  return `${key} ${etag}`;
}

function cursorOf(
  cursor: unknown,
  { startDaysAgo = 0 }: ConnectionSettings<"s3">,
  nowMs: number,
): BucketCursor {
  if (schema.Check(cursor)) return cursor;
  // The overlap is for later rounds: at first nothing older than asked for is read.
  const since = nowMs - startDaysAgo * DAY_MS + OVERLAP_MS;
  return { version: 1, since, begunAt: nowMs, after: "", done: [] };
}

/** The next listing also takes what changed within the range. @throws TytoError `bad-request` with a queue. */
export function withOlderObjects(
  cursor: unknown,
  { from, to }: TimeRange,
  settings: ConnectionSettings<"s3">,
): unknown {
  if (settings.bucket === undefined) {
    throw new TytoError("bad-request", "A queue cannot be asked for the past", {
      hint: "Make a second connection that lists the bucket, with startDaysAgo: what is here already is known.",
    });
  }
  const before = cursorOf(cursor, settings, to);
  return { ...before, since: Math.min(before.since, from + OVERLAP_MS), after: "" };
}
