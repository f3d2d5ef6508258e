import { createHash, randomBytes } from "node:crypto";

/*
 * Proof side of the erasure trial. A batch of stored records has one Merkle root (RFC 6962). A leaf binds the record's id to a
 * commitment: the hash of a blind and the record's bytes. When the bytes are erased, their commitment stays as the tombstone and the
 * blind goes, so that nobody can try names against it. Blinds are not stored one by one: they are the leaves of a tree of seeds. One
 * seed gives them all; erasing a record replaces the seeds above it by those beside its path.
 */

const sha256 = (...parts: readonly (Buffer | string)[]): Buffer => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
};

const SEED_BYTES = 16;

/** Seeds by their place in a binary heap: 1 is the root, 2n and 2n + 1 are below n. */
class SeedTree {
  readonly #firstLeaf: number;
  readonly #seeds: Map<number, Buffer>;

  constructor(leaves: number, root: Buffer) {
    this.#firstLeaf = 2 ** Math.ceil(Math.log2(leaves));
    this.#seeds = new Map([[1, root]]);
  }

  get bytes(): number {
    return this.#seeds.size * SEED_BYTES;
  }

  /** All blinds that can still be made, by record. */
  blinds(): ReadonlyMap<number, Buffer> {
    const found = new Map<number, Buffer>();
    const visit = (node: number, seed: Buffer): void => {
      if (node >= this.#firstLeaf) {
        found.set(node - this.#firstLeaf, seed);
        return;
      }
      const [left, right] = below(seed);
      visit(2 * node, left);
      visit(2 * node + 1, right);
    };
    for (const [node, seed] of this.#seeds) visit(node, seed);
    return found;
  }

  /** After this nothing that is kept leads to the record's blind. */
  forget(record: number): void {
    const leaf = this.#firstLeaf + record;
    let depth = Math.floor(Math.log2(leaf));
    while (depth >= 0 && !this.#seeds.has(leaf >> depth)) depth--;
    let seed = this.#seeds.get(leaf >> depth);
    if (seed === undefined) return;
    this.#seeds.delete(leaf >> depth);
    for (let level = depth - 1; level >= 0; level--) {
      const node = leaf >> level;
      const [left, right] = below(seed);
      this.#seeds.set(node ^ 1, node % 2 === 0 ? right : left);
      seed = node % 2 === 0 ? left : right;
    }
  }
}

function below(seed: Buffer): readonly [Buffer, Buffer] {
  const hash = sha256(seed);
  return [hash.subarray(0, SEED_BYTES), hash.subarray(SEED_BYTES)];
}

interface ProvenRecord {
  readonly id: string;
  /** Absent once erased: then the commitment stands in its place. */
  readonly raw: Buffer | undefined;
  readonly tombstone: Buffer | undefined;
}

/** The blind hides the bytes, the hash binds to them. `undefined`: neither bytes nor tombstone, or no blind for bytes that are there. */
function commitment(record: ProvenRecord, blind: Buffer | undefined): Buffer | undefined {
  if (record.raw === undefined) return record.tombstone;
  return blind === undefined ? undefined : sha256(blind, record.raw);
}

function merkleRoot(leaves: readonly Buffer[]): Buffer {
  const [only] = leaves;
  if (leaves.length === 1 && only !== undefined) return only;
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return sha256("\x01", merkleRoot(leaves.slice(0, split)), merkleRoot(leaves.slice(split)));
}

function rootOf(records: readonly ProvenRecord[], seeds: SeedTree): string {
  const blinds = seeds.blinds();
  const leaves = records.map((record, at) => {
    const committed = commitment(record, blinds.get(at)) ?? Buffer.alloc(0);
    // Leaves and nodes are hashed apart, so that no node passes for a leaf.
    return sha256("\0", record.id, "\0", committed);
  });
  return merkleRoot(leaves).toString("hex");
}

const SIZE = 50_000;
const PEOPLE = 211;
const ERASED_PERSON = 7;

function recordAt(at: number): ProvenRecord {
  const user = `user${at % PEOPLE}`;
  const line = `<38>Nov 20 21:31:21 web-1 sshd[${at}]: Failed password for ${user} from 192.0.2.${at % 250} port ${at} ssh2`;
  return { id: `00000000000000aa-${at}`, raw: Buffer.from(line), tombstone: undefined };
}

const replaced = (
  records: readonly ProvenRecord[],
  at: number,
  change: Partial<ProvenRecord>,
): readonly ProvenRecord[] =>
  records.map((record, index) => (index === at ? { ...record, ...change } : record));

/** One person is erased from a batch; then everything that a verifier must notice is done to it. */
export function proofTrial(): Readonly<Record<string, number | boolean>> {
  const records = Array.from({ length: SIZE }, (_, at) => recordAt(at));
  const seeds = new SeedTree(SIZE, randomBytes(SEED_BYTES));
  const started = performance.now();
  const before = rootOf(records, seeds);
  const proveMs = performance.now() - started;

  const isErased = (at: number): boolean => at % PEOPLE === ERASED_PERSON;
  const blinds = seeds.blinds();
  const erased = records.map((record, at): ProvenRecord => {
    if (!isErased(at)) return record;
    return { id: record.id, raw: undefined, tombstone: commitment(record, blinds.get(at)) };
  });
  const eraseStarted = performance.now();
  records.forEach((_, at) => {
    if (isErased(at)) seeds.forget(at);
  });
  const forgetMs = performance.now() - eraseStarted;

  const count = records.filter((_, at) => isErased(at)).length;
  const left = seeds.blinds();
  const breaks = (changed: readonly ProvenRecord[]): boolean => rootOf(changed, seeds) !== before;
  return {
    records: SIZE,
    erased: count,
    proveMicrosPerEvent: Number(((proveMs * 1_000) / SIZE).toFixed(2)),
    forgetMicrosPerErased: Number(((forgetMs * 1_000) / count).toFixed(1)),
    seedBytesPerUntouchedBatch: SEED_BYTES,
    seedBytesPerErased: Math.round(seeds.bytes / count),
    tombstoneBytesPerErased: 32,
    blindsOfErasedAreGone: records.every((_, at) => left.has(at) !== isErased(at)),
    rootHoldsAfterErasure: !breaks(erased),
    rootBreaksWhenBytesChange: breaks(replaced(erased, 100, { raw: Buffer.from("something else") })),
    rootBreaksWhenATombstoneChanges: breaks(replaced(erased, ERASED_PERSON, { tombstone: randomBytes(32) })),
    rootBreaksWhenErasedBytesAreInvented: breaks(
      replaced(erased, ERASED_PERSON, { raw: Buffer.from("a line that never was") }),
    ),
    rootBreaksWhenARowIsRemoved: breaks(erased.filter((_, at) => at !== 200)),
  };
}
