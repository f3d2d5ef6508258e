import { TytoError } from "@tyto/domain";
import { readThrift, writeThrift } from "./thrift-compact.ts";
import type { ThriftStruct, ThriftValue } from "./thrift-compact.ts";

const MAGIC = Buffer.from("PAR1");

/**
 * Makes one Parquet file of several that have the same columns: their row groups stand one after the other, and one footer at the end
 * names them all. Only footers are held in memory. Columns get the names of `names`, in order.
 */
export class ParquetJoiner {
  readonly #names: readonly string[];
  readonly #groups: ThriftValue[] = [];
  #footer: ThriftStruct | undefined;
  #rows = 0n;
  #written = 0;

  constructor(names: readonly string[]) {
    this.#names = names;
  }

  /** @returns what to append to the file. @throws TytoError `store-failed` for what is no Parquet file. */
  add(file: Buffer): { readonly bytes: Buffer; readonly rows: number } {
    const { footer, end } = footerOf(file);
    const isFirst = this.#footer === undefined;
    this.#footer ??= footer;
    // Behind the first magic number the pages begin; in the whole file they stand where we are now.
    const shift = BigInt(isFirst ? 0 : this.#written - MAGIC.length);
    for (const group of itemsOf(footer.get(4))) {
      this.#groups.push(struct(this.#moved(fieldsOf(group), shift)));
    }
    const rows = integerOf(footer.get(3));
    this.#rows += rows;
    const bytes = file.subarray(isFirst ? 0 : MAGIC.length, end);
    this.#written += bytes.length;
    return { bytes, rows: Number(rows) };
  }

  /** The end of the file. */
  finish(): Buffer {
    const first = this.#footer;
    if (first === undefined) throw new TytoError("store-failed", "an export without a file");
    const footer = new Map(first);
    footer.set(2, { kind: "list", type: 12, items: this.#renamedSchema(itemsOf(first.get(2))) });
    footer.set(3, { kind: "int", type: 6, value: this.#rows });
    footer.set(4, { kind: "list", type: 12, items: this.#groups });
    // What the writer says of its own schema speaks of its own names.
    footer.delete(5);
    const bytes = writeThrift(footer);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(bytes.length);
    return Buffer.concat([bytes, length, MAGIC]);
  }

  /** The first element is the root; all columns are flat. */
  #renamedSchema(elements: readonly ThriftValue[]): readonly ThriftValue[] {
    return elements.map((element, at) => {
      const name = this.#names[at - 1];
      if (at === 0 || name === undefined) return element;
      return struct(new Map([...fieldsOf(element), [4, text(name)]]));
    });
  }

  #moved(group: ThriftStruct, shift: bigint): ThriftStruct {
    const columns = itemsOf(group.get(1)).map((column, at) => {
      const chunk = new Map(withMoved(fieldsOf(column), [2], shift));
      // The index of pages holds places of its own; readers do without it.
      for (const id of [4, 5, 6, 7]) chunk.delete(id);
      const meta = chunk.get(3);
      if (meta === undefined) return struct(chunk);
      const moved = new Map(withMoved(fieldsOf(meta), [9, 10, 11, 14], shift));
      const name = this.#names[at];
      if (name !== undefined) moved.set(3, { kind: "list", type: 8, items: [text(name)] });
      return struct(new Map([...chunk, [3, struct(moved)]]));
    });
    const next = new Map(withMoved(group, [5], shift));
    next.set(1, { kind: "list", type: 12, items: columns });
    if (next.has(7))
      next.set(7, { kind: "int", type: 4, value: BigInt(Math.min(this.#groups.length, 32_767)) });
    return next;
  }
}

function footerOf(file: Buffer): { readonly footer: ThriftStruct; readonly end: number } {
  const tail = file.length - 8;
  const isParquet =
    tail >= 4 && file.subarray(0, 4).equals(MAGIC) && file.subarray(file.length - 4).equals(MAGIC);
  if (!isParquet) throw new TytoError("store-failed", "the engine wrote no Parquet file");
  const end = tail - file.readUInt32LE(tail);
  return { footer: readThrift(file.subarray(end, tail)), end };
}

/** Offset 0 means that there is none. */
function withMoved(fields: ThriftStruct, ids: readonly number[], shift: bigint): ThriftStruct {
  const moved = new Map(fields);
  for (const id of ids) {
    const value = moved.get(id);
    if (value?.kind === "int" && value.value > 0n) moved.set(id, { ...value, value: value.value + shift });
  }
  return moved;
}

const struct = (fields: ThriftStruct): ThriftValue => ({ kind: "struct", fields });
const text = (value: string): ThriftValue => ({ kind: "binary", bytes: Buffer.from(value) });

function itemsOf(value: ThriftValue | undefined): readonly ThriftValue[] {
  return value?.kind === "list" ? value.items : [];
}

function fieldsOf(value: ThriftValue): ThriftStruct {
  return value.kind === "struct" ? value.fields : new Map();
}

function integerOf(value: ThriftValue | undefined): bigint {
  return value?.kind === "int" ? value.value : 0n;
}
