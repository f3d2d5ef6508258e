import { EnvelopeSplitter } from "./envelope-splitter.ts";
import { JsonSplitter } from "./json-splitter.ts";
import type { JsonLayout } from "./json-splitter.ts";
import { LineSplitter } from "./line-splitter.ts";
import type { RecordSplitter } from "./splitter.ts";

/** How much of a stream is looked at to tell its layout. */
export const SNIFF_BYTES = 64 * 1024;
/** What an envelope says before its list is short. */
const ENVELOPE_BYTES = 16 * 1024;

export type RecordLayout = "lines" | "envelopes" | JsonLayout;

/**
 * What the records of a stream are, from its first `SNIFF_BYTES`. Content types are not asked: real senders call NDJSON a form.
 * Anything that is not plainly one list or values over several lines is lines.
 */
export function sniffLayout(head: Uint8Array): RecordLayout {
  const text = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, SNIFF_BYTES)).toString(
    "latin1",
  );
  const start = /^(?:\xef\xbb\xbf)?[ \t\r\n]*/.exec(text)?.[0].length ?? 0;
  // `[Sat Nov 21 ...] [error]` and `[2026-11-21] ...` are lines of text.
  if (/^\[[ \t\r\n]*["{\]]/.test(text.slice(start, start + 1_000))) return "list";
  if (text[start] !== "{") return "lines";
  if (isEnvelope(text.slice(start))) return "envelopes";
  return isOneObjectPerLine(text.slice(start)) ? "lines" : "values";
}

/** Whether the first object opens a list of records, by its beginning. */
function isEnvelope(text: string): boolean {
  const splitter = new EnvelopeSplitter(text.length);
  splitter.push(Buffer.from(text.slice(0, ENVELOPE_BYTES), "latin1"));
  return splitter.hasOpened;
}

/** Whether the first object ends on its first line, with nothing behind it there. */
function isOneObjectPerLine(text: string): boolean {
  const lf = text.indexOf("\n");
  const line = (lf === -1 ? text : text.slice(0, lf)).trimEnd();
  // Pretty-printed JSON breaks after these.
  if (/[{[,:]$/.test(line)) return lf === -1;
  const end = objectEnd(line);
  return end === undefined || !line.slice(end).trimStart().startsWith("{");
}

/** Where the object that the text opens with closes; undefined when it does not. */
function objectEnd(text: string): number | undefined {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '"') at = stringEnd(text, at);
    else if (character === "{") depth += 1;
    else if (character === "}") {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return undefined;
}

function stringEnd(text: string, open: number): number {
  for (let at = open + 1; at < text.length; at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === '"') return at;
  }
  return text.length;
}

export function splitterFor(layout: RecordLayout, maxRecordBytes: number): RecordSplitter {
  if (layout === "lines") return new LineSplitter(maxRecordBytes);
  if (layout === "envelopes") return new EnvelopeSplitter(maxRecordBytes);
  return new JsonSplitter(layout, maxRecordBytes);
}
