import { isUtf8 } from "node:buffer";
import type { JournalEntry } from "./export-reader.ts";

type JournalValue = string | readonly number[];

/**
 * The entry as `journalctl -o json` writes it, which packs read: text as text, other bytes as a list of numbers, a name that comes more than
 * once as a list. Nothing of it is lost.
 */
export function entryText(entry: JournalEntry): string {
  const values = new Map<string, JournalValue[]>();
  for (const [name, value] of entry) {
    const list = values.get(name);
    if (list === undefined) values.set(name, [plain(value)]);
    else list.push(plain(value));
  }
  return JSON.stringify(
    Object.fromEntries([...values].map(([name, list]) => [name, list.length === 1 ? list[0] : list])),
  );
}

function plain(value: Uint8Array): JournalValue {
  return isUtf8(value)
    ? Buffer.from(value.buffer, value.byteOffset, value.length).toString("utf8")
    : [...value];
}

/** Where the entry stands in the journal that it comes from: sending it again adds nothing. */
export interface JournalPlace {
  /** Of the sequence numbers: one per journal that was ever begun. */
  readonly journal: string;
  readonly number: number;
}

const CURSOR = /(?:^|;)s=([0-9a-f]{32});i=([0-9a-f]{1,13});/;

export function placeOf(entry: JournalEntry): JournalPlace | undefined {
  const cursor = entry.find(([name]) => name === "__CURSOR")?.[1];
  const [, journal, number] =
    CURSOR.exec(cursor === undefined ? "" : Buffer.from(cursor).toString("latin1")) ?? [];
  return journal === undefined || number === undefined
    ? undefined
    : { journal, number: Number.parseInt(number, 16) };
}
