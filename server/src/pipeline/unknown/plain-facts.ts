import type { FieldValue } from "@tyto/domain";
import type { Draft } from "../draft.ts";
import { readIso8601, compileDateFormat } from "../time/date-format.ts";
import { readEpoch } from "../time/reading.ts";
import type { TimeReading } from "../time/reading.ts";
import { writeTimestamp } from "../values.ts";
import { piecesOf, shapeOf } from "./shape.ts";
import type { Piece } from "./shape.ts";

/** Of each kind; a line of a thousand addresses is a list, and its search finds them as words. */
const MAX_OF_A_KIND = 50;

const STAMP =
  /^\[?(\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?: ?(?:Z|[+-]\d\d:?\d\d))?)(?![\d:])/;
const COMMON_LOG_STAMP = /^(?:\S{1,64} ){0,4}\[(\d{1,2}\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d [+-]\d{4})\]/;
const EPOCH = /^\[?(1\d{9}(?:\.\d{1,9}|\d{3}|\d{6}|\d{9})?)\]?(?=[\s,;|])/;

const readCommonLog = compileDateFormat({ kind: "named", name: "clf" });

/** Words that say whose address follows. "to" and "by" say too many things. */
const SOURCE_WORD =
  /(?:\bfrom|\b(?:src|source|client|remote|rhost|peer|saddr|srcip|src_ip|clientip|client_ip|remote_addr)\s?[=:])\s?["'[(]?$/i;
const DESTINATION_WORD = /\b(?:dst|dest|destination|daddr|dstip|dst_ip|dest_ip)\s?[=:]\s?["'[(]?$/i;
const USER =
  /\b(?:user|username|user_name|usr|login|account|acct)(?:\s?=\s?|:\s)(?:"([^"]{1,128})"|'([^']{1,128})'|([\w.@\\$-]{1,128}))/i;
const USER_QUOTED = /\b(?:user|account) (?:"([^"]{1,128})"|'([^']{1,128})')/i;
const USER_BETWEEN = /\bfor (?:(?:invalid )?user )?([\w.@\\$-]{1,128}) from (?=[\d[:a-fA-F])/;
const HOST = /\b(?:host|hostname|host_name|computer)\s?=\s?"?([\w.-]{1,255})/i;
/** Not names, though they stand where names do. */
const NOBODY: ReadonlySet<string> = new Set([
  "-",
  "null",
  "none",
  "unknown",
  "n/a",
  "nil",
  "undefined",
  "true",
  "false",
]);

/**
 * What stands plainly in a line that no pack knows: its time, addresses, URLs, hashes, and people and hosts behind words that mean nothing
 * else. And its shape (`tyto.shape`), by which such lines are counted. Writes only what is missing.
 */
export function addPlainFacts(draft: Draft): void {
  const line = draft.textOf("message");
  if (line === undefined) return;
  if (draft.timeOrigin === "received") readTime(draft, line);
  const pieces = piecesOf(line);
  draft.fields.set("tyto.format", formatOf(line));
  draft.fields.set("tyto.shape", shapeOf(line, pieces));
  addAddresses(draft, line, pieces);
  list(draft, "related.hash", textsOf(pieces, "hash"));
  const [url] = textsOf(pieces, "url");
  if (url !== undefined) fill(draft, "url.original", url);
  list(draft, "related.hosts", textsOf(pieces, "url").flatMap(hostOf));
  fill(draft, "user.name", nameIn(USER.exec(line) ?? USER_QUOTED.exec(line) ?? USER_BETWEEN.exec(line)));
  fill(draft, "host.name", nameIn(HOST.exec(line)));
}

function readTime(draft: Draft, line: string): void {
  const reading = stampIn(line, draft);
  if (reading !== undefined) writeTimestamp(draft, reading);
}

function stampIn(line: string, draft: Draft): TimeReading | undefined {
  const iso = STAMP.exec(line)?.[1];
  if (iso !== undefined) return readIso8601(iso.replaceAll("/", "-"), draft);
  const common = COMMON_LOG_STAMP.exec(line)?.[1];
  if (common !== undefined) return readCommonLog(common, draft);
  const epoch = EPOCH.exec(line)?.[1];
  return epoch === undefined ? undefined : readEpoch(epoch, null);
}

/** Only a guess at how the line is written, for who writes a pack for it. Formats that packs read do not come here. */
function formatOf(line: string): string {
  if (/^\s{0,8}[{[]/.test(line)) return "json";
  if (/^\s{0,8}<[?\w]/.test(line) && line.trimEnd().endsWith(">")) return "xml";
  const head = line.slice(0, 2_048);
  if ((head.match(/[\w.-]{1,64}=(?:"[^"]{0,256}"|\S)/g) ?? []).length >= 3) return "kv";
  for (const separator of [",", ";", "|", "\t"]) if (head.split(separator).length > 4) return "csv";
  return "text";
}

function addAddresses(draft: Draft, line: string, pieces: readonly Piece[]): void {
  const addresses = pieces.filter(({ kind }) => kind === "ip");
  for (const { text, start } of addresses) {
    const before = line.slice(Math.max(0, start - 24), start);
    if (SOURCE_WORD.test(before)) fill(draft, "source.ip", text);
    else if (DESTINATION_WORD.test(before)) fill(draft, "destination.ip", text);
  }
  list(
    draft,
    "related.ip",
    addresses.map(({ text }) => text),
  );
}

function textsOf(pieces: readonly Piece[], kind: Piece["kind"]): readonly string[] {
  return pieces.filter((piece) => piece.kind === kind).map(({ text }) => text);
}

function hostOf(url: string): readonly string[] {
  const host = /^[a-z][\w+.-]{1,15}:\/\/(?:[^@/?#]{1,256}@)?(\[[^\]]{1,64}\]|[^/:?#]{1,255})/i.exec(url)?.[1];
  return host === undefined ? [] : [host.toLowerCase()];
}

function nameIn(match: RegExpExecArray | null): string | undefined {
  const name = match
    ?.slice(1)
    .find((group) => group !== undefined)
    ?.replace(/[.,;]$/, "");
  return name === undefined || NOBODY.has(name.toLowerCase()) ? undefined : name;
}

function fill(draft: Draft, field: string, value: FieldValue | undefined): void {
  if (value !== undefined && !draft.fields.has(field)) draft.fields.set(field, value);
}

function list(draft: Draft, field: string, values: readonly string[]): void {
  if (values.length > 0) fill(draft, field, [...new Set(values)].slice(0, MAX_OF_A_KIND));
}
