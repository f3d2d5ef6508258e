import { scanExtension } from "./cef.ts";
import type { ExtensionSink } from "./cef.ts";
import { findDeviceHeader, scanHeader } from "./device-header.ts";

export interface LeefHeader {
  readonly version: string;
  readonly vendor: string;
  readonly product: string;
  readonly deviceVersion: string;
  readonly eventId: string;
}

const HEADER_FIELDS = 5;
/** Delimiters that devices use without saying so, the standard's own first. */
const USUAL_DELIMITERS = ["\t", "\\t", "^", "|", "\u0001", "¦"];

/**
 * `LEEF:1.0|vendor|product|version|event id|key=value<tab>…`, and 2.0 with its delimiter in a sixth field (`^`, `x5E`, `0x09`, nothing).
 * Lenient: a delimiter other than the header says, or spaces. `undefined` when there is no header.
 */
export function decodeLeef(text: string, sink: ExtensionSink): LeefHeader | undefined {
  const found = findDeviceHeader(text);
  if (found?.format !== "LEEF") return undefined;
  const { fields, end } = scanHeader(text, found.at, HEADER_FIELDS);
  if (fields.length < 3) return undefined;
  const [version = "", vendor = "", product = "", deviceVersion = "", eventId = ""] = fields;
  if (end >= 0) {
    const { delimiter, from } = readDelimiter(text, end, version);
    scanAttributes(text.slice(from).trim(), delimiter, sink);
  }
  return { version, vendor, product, deviceVersion, eventId };
}

/** 2.0 has a field for it; some devices send 2.0 without, and then attributes begin at once. */
function readDelimiter(
  text: string,
  at: number,
  version: string,
): { readonly delimiter: string | null; readonly from: number } {
  if (version.startsWith("1")) return { delimiter: null, from: at };
  const bar = text.indexOf("|", at);
  // A bar may itself be the delimiter: `||`.
  const field = text.startsWith("||", at) ? "|" : bar < 0 ? "" : text.slice(at, bar);
  const from = text.startsWith("||", at) ? at + 2 : bar + 1;
  if (bar < 0 || field.length > 6) return { delimiter: null, from: at };
  if (text.startsWith("|", at) && !text.startsWith("||", at)) return { delimiter: null, from: at + 1 };
  const hex = /^(?:0?x|\\x)([0-9A-Fa-f]{1,4})$/.exec(field)?.[1];
  if (hex !== undefined) return { delimiter: String.fromCharCode(Number.parseInt(hex, 16)), from };
  if (field === "\\t" || /^tab$/i.test(field)) return { delimiter: "\t", from };
  return field.includes("=") ? { delimiter: null, from: at } : { delimiter: field.trim() || null, from };
}

function scanAttributes(text: string, declared: string | null, sink: ExtensionSink): void {
  const delimiter = [declared, ...USUAL_DELIMITERS].find(
    (candidate) => candidate !== null && candidate !== "" && parts(text, candidate),
  );
  if (delimiter === undefined || delimiter === null) {
    // One pair, or pairs with spaces between them, as in CEF.
    scanExtension(text, 0, sink);
    return;
  }
  let key = "";
  let value = "";
  for (const piece of pieces(text, delimiter)) {
    const equals = piece.indexOf("=");
    const name = equals < 0 ? "" : piece.slice(0, equals).trim();
    if (name === "" || name.length > 128) {
      // The delimiter stood within a value.
      value += `${delimiter}${piece}`;
      continue;
    }
    if (key !== "" && value.trim() !== "") sink(key, value.trim());
    key = name;
    value = piece.slice(equals + 1);
  }
  if (key !== "" && value.trim() !== "") sink(key, value.trim());
}

/** Whether a key follows the delimiter somewhere: else it is a character of a value. */
function parts(text: string, delimiter: string): boolean {
  const at = text.indexOf(delimiter);
  return (
    at >= 0 && /^\s*[\w.@-]{1,128}=/.test(text.slice(at + delimiter.length, at + delimiter.length + 140))
  );
}

function* pieces(text: string, delimiter: string): Generator<string> {
  let from = 0;
  for (let at = text.indexOf(delimiter); at >= 0; at = text.indexOf(delimiter, from)) {
    yield text.slice(from, at);
    from = at + delimiter.length;
  }
  yield text.slice(from);
}
