/**
 * Trial 3 (docs/decisions/0003-erasure.md): can a record be erased while the proof over its batch still holds, and what does that
 * cost? `npx tyto bench erasure`.
 */
import { createHash, randomBytes } from "node:crypto";

interface ProvenRecord {
  readonly id: string;
  /** Secret of this record alone; deleted with the record. Without it the commitment tells nothing about short texts. */
  blind: Buffer | null;
  raw: Buffer | null;
  /** Kept only once `raw` is gone; before that it is recomputed. */
  tombstone: Buffer | null;
}

/** Hides the bytes, binds to them. */
function commitment(record: ProvenRecord): Buffer {
  if (record.tombstone !== null) return record.tombstone;
  if (record.blind === null || record.raw === null) throw new Error("neither bytes nor tombstone");
  return createHash("sha256").update(record.blind).update(record.raw).digest();
}

/** RFC 6962, section 2.1: leaves and nodes are hashed apart. */
function leaf(record: ProvenRecord): Buffer {
  return createHash("sha256").update("\0").update(record.id).update("\0").update(commitment(record)).digest();
}

function root(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 1) return leaves[0] as Buffer;
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  const left = root(leaves.slice(0, split));
  const right = root(leaves.slice(split));
  return createHash("sha256").update("\x01").update(left).update(right).digest();
}

const rootOf = (records: readonly ProvenRecord[]): string => root(records.map(leaf)).toString("hex");

function erase(record: ProvenRecord): void {
  record.tombstone = commitment(record);
  record.raw = null;
  record.blind = null;
}

const SIZE = 50_000;

/** Proof side: one Merkle root over a batch, before and after a person is erased from it. */
export function proofTrial(): Readonly<Record<string, number | boolean>> {
  const records: ProvenRecord[] = Array.from({ length: SIZE }, (_, at) => ({
    id: `00000000000000aa-${at}`,
    blind: randomBytes(16),
    raw: Buffer.from(
      `<38>Nov 20 21:31:21 web-1 sshd[${at}]: Failed password for user${at % 211} from 192.0.2.${at % 250} port ${at % 60_000} ssh2`,
    ),
    tombstone: null,
  }));

  const started = performance.now();
  const before = rootOf(records);
  const spentMs = performance.now() - started;

  const erased = records.filter((_, at) => at % 211 === 7);
  for (const record of erased) erase(record);
  const after = rootOf(records);

  const tampered = records.map((record) => ({ ...record }));
  const victim = tampered[100] as ProvenRecord;
  victim.raw = Buffer.from("something else");
  const removed = records.filter((_, at) => at !== 200);

  const figures = {
    records: SIZE,
    erased: erased.length,
    microsecondsPerEvent: Number(((spentMs * 1_000) / SIZE).toFixed(2)),
    rootHoldsAfterErasure: before === after,
    rootBreaksWhenBytesChange: rootOf(tampered) !== before,
    rootBreaksWhenARowIsRemoved: rootOf(removed) !== before,
    extraBytesPerLiveEvent: 16,
    bytesPerErasedEvent: 32,
  };
  return figures;
}
