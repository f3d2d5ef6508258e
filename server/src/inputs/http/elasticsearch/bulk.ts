import { checkRecords } from "../record-limits.ts";
import type { RecordLimits } from "../record-limits.ts";

/** One action of a bulk body, in the order in which it is answered. */
export type BulkItem =
  | {
      readonly kind: "document";
      readonly action: "index" | "create";
      readonly index: string;
      readonly id?: string;
      readonly bytes: Uint8Array;
      readonly isCut: boolean;
    }
  /** Nothing that a log has: `delete`, `update`, or a document that is none. */
  | {
      readonly kind: "refused";
      readonly action: string;
      readonly index: string;
      readonly id?: string;
      readonly type: string;
      readonly reason: string;
    };

/** The body as a whole makes no sense: nothing of it is taken. */
export interface BulkProblem {
  readonly type: string;
  readonly reason: string;
}

export type BulkReading =
  | { readonly ok: true; readonly items: readonly BulkItem[] }
  | { readonly ok: false; readonly problem: BulkProblem };

const ACTIONS: ReadonlySet<string> = new Set(["index", "create", "delete", "update"]);
const LF = 0x0a;
const CR = 0x0d;
/** An action names an index, an id and a few switches. */
const MAX_ACTION_BYTES = 16 * 1024;
const MAX_NAME = 512;

/**
 * Actions and documents, line by line. The content type is not asked: rsyslog calls this `application/json`. Documents keep their exact
 * bytes; one that is too long is cut and marked.
 */
export function readBulk(body: Uint8Array, options: RecordLimits & { readonly index: string }): BulkReading {
  if (body.length === 0) return broken("parse_exception", "request body is required");
  if (body[body.length - 1] !== LF) {
    return broken("illegal_argument_exception", "The bulk request must be terminated by a newline [\\n]");
  }
  const items: BulkItem[] = [];
  const lines = new Lines(body);
  for (let line = lines.next(); line !== undefined; line = lines.next()) {
    if (line.length === 0) continue;
    const action = actionOf(line, options.index);
    if (action === undefined) {
      const place = `Malformed action/metadata line [${lines.number}]`;
      return broken(
        "illegal_argument_exception",
        `${place}, expected one of [create, delete, index, update]`,
      );
    }
    const document = action.name === "delete" ? undefined : lines.next();
    if (action.name !== "delete" && document === undefined) {
      return broken("illegal_argument_exception", `The document of line [${lines.number}] is missing`);
    }
    items.push(itemOf(action, document, options.maxRecordBytes));
    checkRecords(items.length, options);
  }
  return { ok: true, items };
}

function broken(type: string, reason: string): BulkReading {
  return { ok: false, problem: { type, reason } };
}

class Lines {
  readonly #body: Uint8Array;
  #at = 0;
  number = 0;

  constructor(body: Uint8Array) {
    this.#body = body;
  }

  next(): Uint8Array | undefined {
    if (this.#at >= this.#body.length) return undefined;
    const end = this.#body.indexOf(LF, this.#at);
    const stop = end === -1 ? this.#body.length : end;
    const last = stop > this.#at && this.#body[stop - 1] === CR ? stop - 1 : stop;
    const line = this.#body.subarray(this.#at, last);
    this.#at = stop + 1;
    this.number += 1;
    return line;
  }
}

interface Action {
  readonly name: string;
  readonly index: string;
  readonly id?: string;
}

function actionOf(line: Uint8Array, index: string): Action | undefined {
  if (line.length > MAX_ACTION_BYTES) return undefined;
  const object = parsed(line);
  if (!isObject(object)) return undefined;
  const [name, ...more] = Object.keys(object);
  if (name === undefined || more.length > 0 || !ACTIONS.has(name)) return undefined;
  const said = object[name];
  if (!isObject(said)) return undefined;
  const id = nameIn(said["_id"]);
  return { name, index: nameIn(said["_index"]) ?? index, ...(id === undefined ? {} : { id }) };
}

function itemOf(action: Action, document: Uint8Array | undefined, maxRecordBytes: number): BulkItem {
  const { name, index, id } = action;
  const place = { action: name, index, ...(id === undefined ? {} : { id }) };
  if (name !== "index" && name !== "create") {
    const reason = `[${name}] is not supported: what was logged is never changed`;
    return { kind: "refused", ...place, type: "illegal_argument_exception", reason };
  }
  if (document === undefined || !looksLikeObject(document)) {
    const reason = "the document is no JSON object";
    return { kind: "refused", ...place, type: "document_parsing_exception", reason };
  }
  const isCut = document.length > maxRecordBytes;
  const bytes = isCut ? document.subarray(0, maxRecordBytes) : document;
  return { kind: "document", ...place, action: name, bytes, isCut };
}

/** What is inside is the pipeline's to judge; braces tell a document from a line that went astray. */
function looksLikeObject(line: Uint8Array): boolean {
  let first = 0;
  let last = line.length - 1;
  while (first < last && isSpace(line[first])) first += 1;
  while (last > first && isSpace(line[last])) last -= 1;
  return line[first] === 0x7b && line[last] === 0x7d && last > first;
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09;
}

/** Ids may be numbers in JSON. */
function nameIn(value: unknown): string | undefined {
  if (typeof value !== "string" && typeof value !== "number") return undefined;
  const name = String(value);
  return name === "" || name.length > MAX_NAME ? undefined : name;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parsed(line: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(line.buffer, line.byteOffset, line.length).toString("utf8"));
  } catch {
    return undefined;
  }
}
