import type {
  BatchIdentity,
  InputFault,
  MaskedCounts,
  OriginId,
  RawBatch,
  RawRecord,
  Sequence,
} from "@tyto/domain";
import {
  INPUT_FAULTS,
  MASK_KINDS,
  micros,
  originId,
  sequence,
  SOURCE_PRIORITIES,
  sourceId,
  TytoError,
} from "@tyto/domain";
import type { Journal } from "../ports.ts";

const READ_LIMITS = { records: 20_000, bytes: 16 * 1024 * 1024 } as const;

/**
 * The records behind a sequence, up to the head at the call, one JSON line each.
 * @throws TytoError `conflict` when some were released meanwhile.
 */
export async function* tailLines(
  journal: Pick<Journal, "read">,
  after: Sequence,
  head: Sequence,
): AsyncGenerator<string> {
  let next = after + 1;
  while (next <= head) {
    const records = await journal.read(sequence(next), READ_LIMITS);
    if (records[0]?.sequence !== next) {
      throw new TytoError("conflict", "the journal's tail was released while it was read", {
        hint: "Start the backup again.",
      });
    }
    const wanted = records.filter((record) => record.sequence <= head);
    yield wanted.map(lineOf).join("");
    next += wanted.length;
  }
}

function lineOf({ bytes, ...record }: RawRecord): string {
  return `${JSON.stringify({ ...record, raw: Buffer.from(bytes).toString("base64") })}\n`;
}

/** @throws TytoError `bundle-damaged` */
export function parseTailLine(line: string): RawRecord {
  try {
    const value = JSON.parse(line) as Readonly<Record<string, unknown>>;
    const { pack, peer, fault, header } = value;
    const known = INPUT_FAULTS.find((one) => one === fault);
    const priority = SOURCE_PRIORITIES.find((one) => one === value["priority"]);
    const masked = maskedCounts(value["masked"]);
    return {
      sequence: sequence(wholeNumber(value["sequence"])),
      origin: originId(String(value["origin"])),
      ordinal: wholeNumber(value["ordinal"]),
      source: sourceId(String(value["source"])),
      receivedAt: micros(wholeNumber(value["receivedAt"])),
      bytes: Buffer.from(String(value["raw"]), "base64"),
      ...(typeof pack === "string" ? { pack } : {}),
      ...(typeof peer === "string" ? { peer } : {}),
      ...(typeof header === "string" ? { header } : {}),
      ...(known === undefined ? {} : { fault: known satisfies InputFault }),
      ...(priority === undefined ? {} : { priority }),
      ...(masked === undefined ? {} : { masked }),
    };
  } catch (cause) {
    throw new TytoError("bundle-damaged", "a record of the journal's tail cannot be read", { cause });
  }
}

function maskedCounts(value: unknown): MaskedCounts | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const counts = new Map(Object.entries(value));
  return Object.fromEntries(
    MASK_KINDS.flatMap((kind) => (counts.has(kind) ? [[kind, wholeNumber(counts.get(kind))] as const] : [])),
  );
}

function wholeNumber(value: unknown): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value)) throw new Error("no whole number");
  return value;
}

/**
 * Appends records under the identities they have, in as few batches as they allow.
 * @throws TytoError `bundle-damaged` when they do not get the sequences that they had.
 */
export async function appendTail(
  journal: Pick<Journal, "append">,
  records: AsyncIterable<RawRecord>,
): Promise<number> {
  let waiting: RawRecord[] = [];
  let appended = 0;
  const flush = async (): Promise<void> => {
    const [first] = waiting;
    if (first === undefined) return;
    const receipt = await journal.append(batchOf(first, waiting));
    if (receipt.first !== first.sequence)
      throw new TytoError(
        "bundle-damaged",
        `record ${first.sequence} of the journal's tail has a gap before it`,
      );
    appended += waiting.length;
    waiting = [];
  };
  let bytes = 0;
  for await (const record of records) {
    const last = waiting.at(-1);
    if (last !== undefined && (!isOneBatch(last, record) || bytes > READ_LIMITS.bytes)) {
      await flush();
      bytes = 0;
    }
    waiting.push(record);
    bytes += record.bytes.length;
  }
  await flush();
  return appended;
}

function isOneBatch(a: RawRecord, b: RawRecord): boolean {
  return (
    a.origin === b.origin &&
    a.ordinal < b.ordinal &&
    a.sequence + 1 === b.sequence &&
    a.source === b.source &&
    a.receivedAt === b.receivedAt &&
    a.pack === b.pack &&
    a.peer === b.peer &&
    a.fault === b.fault &&
    a.header === b.header &&
    a.priority === b.priority &&
    // What was masked stands on the first record of a batch.
    b.masked === undefined
  );
}

function batchOf(first: RawRecord, records: readonly RawRecord[]): RawBatch {
  const { source, receivedAt, pack, peer, fault, header, priority, masked } = first;
  return {
    source,
    receivedAt,
    identity: identityOf(first.origin, records),
    records: records.map((record) => record.bytes),
    ...(pack === undefined ? {} : { pack }),
    ...(peer === undefined ? {} : { peer }),
    ...(fault === undefined ? {} : { fault }),
    ...(header === undefined ? {} : { header }),
    ...(priority === undefined ? {} : { priority }),
    ...(masked === undefined ? {} : { masked }),
  };
}

function identityOf(origin: OriginId, records: readonly RawRecord[]): BatchIdentity {
  return { kind: "object", origin, ordinals: records.map((record) => record.ordinal) };
}
