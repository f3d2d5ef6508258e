import { originId } from "@tyto/domain";
import type { OriginId } from "@tyto/domain";
import Type from "typebox";
import { Compile } from "typebox/compile";

const MarkSchema = Type.Object({ length: Type.Integer({ minimum: 0 }), hash: Type.String() });
const TailStateSchema = Type.Object({
  version: Type.Literal(1),
  hasLooked: Type.Boolean(),
  files: Type.Array(
    Type.Object({
      path: Type.String(),
      device: Type.Number(),
      inode: Type.Number(),
      life: Type.Integer({ minimum: 0 }),
      origin: Type.String({ pattern: "^[0-9a-f]{16}$" }),
      offset: Type.Integer({ minimum: 0 }),
      head: MarkSchema,
      tail: MarkSchema,
      cut: Type.Optional(Type.Integer({ minimum: 0 })),
      isSkipping: Type.Optional(Type.Boolean()),
      header: Type.Optional(Type.String()),
      doneAt: Type.Optional(Type.Number()),
      stamp: Type.Optional(Type.String()),
    }),
  ),
});

export type Mark = Readonly<Type.Static<typeof MarkSchema>>;

/** What makes a file this file, however it is called. */
export interface FileNode {
  readonly device: number;
  readonly inode: number;
}

/** A file that is being followed, or was. */
export interface Followed extends FileNode {
  /** Where it was first seen. */
  readonly path: string;
  /** How often the file has begun anew in place (copytruncate). */
  readonly life: number;
  readonly origin: OriginId;
  /** Up to here records are durable. */
  readonly offset: number;
  /** Of the bytes that it begins with, as far as it was read; at most `MARK_BYTES`. */
  readonly head: Mark;
  /** Of the bytes before `offset`. */
  readonly tail: Mark;
  /** The record at `offset` ends here though more may follow: written down before it was handed on, so that it is cut there again. */
  readonly cut?: number | undefined;
  /** What lies at `offset` is the rest of a line that was too long. */
  readonly isSkipping?: boolean | undefined;
  readonly header?: string | undefined;
  /** In milliseconds: when it was read to its end, and nothing is written to it any more. */
  readonly doneAt?: number | undefined;
  /** Of a zipped file: its size and time, by which it is known again. */
  readonly stamp?: string | undefined;
}

export interface TailState {
  /** Whether files were looked for before: those of the first look begin where the settings say. */
  readonly hasLooked: boolean;
  readonly files: readonly Followed[];
}

const schema = Compile(TailStateSchema);
const EMPTY: TailState = { hasLooked: false, files: [] };

/** What was committed; a fresh state for what is none of ours. */
export function readTailState(cursor: unknown): TailState {
  if (!schema.Check(cursor)) return EMPTY;
  return {
    hasLooked: cursor.hasLooked,
    files: cursor.files.map((file) => ({ ...file, origin: originId(file.origin) })),
  };
}

export function tailCursor(state: TailState): unknown {
  return { version: 1, ...state };
}

export function isSameNode(a: FileNode, b: FileNode): boolean {
  return a.device === b.device && a.inode === b.inode;
}
