import { BinXmlTree } from "./binxml.ts";
import type { BinXmlNode } from "./binxml.ts";
import type { Chunk, Template } from "./chunk.ts";

const FRAGMENT_HEADER = 0x0f;
const INSTANCE = 0x0c;
/** Templates within values of templates. Windows uses two. */
const MAX_NESTING = 16;

/** What is made of an event: fields, or text. */
export interface Form {
  /** The values of the template are in place. `template` is undefined for nodes that stand there only once. */
  take(nodes: readonly BinXmlNode[], template: Template | undefined, place: Place): void;
}

/** What a fragment is part of: the record itself, its event, its UserData, or a list of data. */
export const PLACE = { record: 0, event: 1, userData: 2, data: 3 } as const;
export type Place = (typeof PLACE)[keyof typeof PLACE];

/** Reads the fragments of a chunk and keeps count of how deep they stand in each other. */
export class Fragments {
  readonly #chunk: Chunk;
  readonly #form: Form;
  #nesting = 0;

  constructor(chunk: Chunk, form: Form) {
    this.#chunk = chunk;
    this.#form = form;
  }

  /** The event of a record, or the XML in a value. */
  read(at: number, limit: number, place: Place): void {
    const { bytes } = this.#chunk;
    const start = bytes[at] === FRAGMENT_HEADER ? at + 4 : at;
    if (start >= limit) return;
    if (bytes[start] === INSTANCE) this.instance(start, limit, place);
    else this.#nodes(start, limit, place);
  }

  /** @param limit where its values must have ended */
  instance(at: number, limit: number, place: Place): void {
    const chunk = this.#chunk;
    const before = chunk.frame;
    if (this.#nesting >= MAX_NESTING) chunk.fail(`templates nested deeper than ${MAX_NESTING}`);
    const template = chunk.problem === "" ? chunk.enter(at, limit) : undefined;
    if (template === undefined) return;
    this.#nesting += 1;
    this.#form.take(template.nodes, template, place);
    this.#nesting -= 1;
    chunk.leave(before);
  }

  #nodes(at: number, limit: number, place: Place): void {
    const chunk = this.#chunk;
    if (!chunk.spend(limit - at)) return;
    // Only templates have dependencies: exported files and values hold elements without that field.
    const tree = new BinXmlTree(chunk, { at, limit, hasDependencies: false });
    const nodes = tree.read();
    if (tree.problem !== "") {
      chunk.fail(tree.problem);
      return;
    }
    this.#nesting += 1;
    this.#form.take(nodes, undefined, place);
    this.#nesting -= 1;
  }
}
