import { CEF_NAMES } from "./cef-names.ts";
import { findDeviceHeader, scanHeader } from "./device-header.ts";

export interface CefHeader {
  readonly version: string;
  readonly vendor: string;
  readonly product: string;
  readonly deviceVersion: string;
  readonly classId: string;
  readonly name: string;
  readonly severity: string;
}

/** Called for each pair: of CEF with the key's full name. */
export type ExtensionSink = (name: string, value: string) => void;

/** Version, vendor, product, device version, class id, name, severity. */
const HEADER_FIELDS = 7;

/**
 * `CEF:0|vendor|product|version|class id|name|severity|key=value …`. Lenient where devices are: words before the header, header
 * fields that are missing, equals signs and bars that nobody escaped, a bar at the end. `undefined` when there is no header.
 */
export function decodeCef(text: string, sink: ExtensionSink): CefHeader | undefined {
  const found = findDeviceHeader(text);
  if (found?.format !== "CEF") return undefined;
  const { fields, end, lastStart } = scanHeader(text, found.at, HEADER_FIELDS);
  if (fields.length < 3) return undefined;
  const header = [...fields];
  let from = end;
  // A field is missing, so that the extension stands in the place of the last one.
  if (header.length > 4 && /^[A-Za-z]\w{0,127}=/.test(header.at(-1) ?? "")) {
    header.pop();
    from = lastStart;
  }
  if (from >= 0) {
    scanExtension(text, from, (key, value) => {
      sink(CEF_NAMES.get(key) ?? key, value);
    });
  }
  const [
    version = "",
    vendor = "",
    product = "",
    deviceVersion = "",
    classId = "",
    name = "",
    severity = "",
  ] = header;
  return { version, vendor, product, deviceVersion, classId, name, severity };
}

/**
 * Pairs of an extension: values run to the next key, with spaces and all. A key is a word before `=` that stands behind white space
 * (behind a bar, when the dictionary knows it): `http://host/?a=b` holds none.
 */
export function scanExtension(text: string, from: number, sink: ExtensionSink): void {
  const end = endOfExtension(text);
  let key = "";
  let valueStart = -1;
  for (
    let equals = text.indexOf("=", from);
    equals >= 0 && equals < end;
    equals = text.indexOf("=", equals + 1)
  ) {
    if (isEscaped(text, equals, from)) continue;
    const start = keyStart(text, equals, valueStart < 0 ? from : valueStart);
    // Straight behind another key's equals sign stands its value: `cs1=a=b`.
    if (start < 0 || start === valueStart) continue;
    if (valueStart >= 0) emit(sink, key, text.slice(valueStart, text[start - 1] === "|" ? start - 1 : start));
    key = text.slice(start, equals);
    valueStart = equals + 1;
  }
  if (valueStart >= 0) emit(sink, key, text.slice(valueStart, end));
}

/** White space and one bar at the end belong to nobody. */
function endOfExtension(text: string): number {
  const trimmed = text.trimEnd();
  return trimmed.endsWith("|") && !trimmed.endsWith("\\|") ? trimmed.length - 1 : trimmed.length;
}

function isEscaped(text: string, at: number, from: number): boolean {
  let backslashes = 0;
  for (let i = at - 1; i >= from && text.charCodeAt(i) === 0x5c; i -= 1) backslashes += 1;
  return backslashes % 2 === 1;
}

/** Where the key before an equals sign begins, -1 when what stands there is no key. */
function keyStart(text: string, equals: number, from: number): number {
  let start = equals;
  while (start > from && isKeyCharacter(text.charCodeAt(start - 1))) start -= 1;
  if (start === equals || !isLetter(text.charCodeAt(start))) return -1;
  if (start === from) return start;
  const before = text.charCodeAt(start - 1);
  if (before <= 0x20) return start;
  return before === 0x7c && CEF_NAMES.has(text.slice(start, equals)) ? start : -1;
}

function isLetter(code: number): boolean {
  return (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a) || code === 0x5f;
}

/** Letters, digits and `_ . - [ ]`: `ad.Activity`, `cs1Label`, `params[0]`. */
function isKeyCharacter(code: number): boolean {
  return (
    isLetter(code) ||
    (code >= 0x30 && code <= 0x39) ||
    code === 0x2e ||
    code === 0x2d ||
    code === 0x5b ||
    code === 0x5d
  );
}

function emit(sink: ExtensionSink, key: string, written: string): void {
  const value = unescapeValue(written.trim());
  if (value.trim() !== "") sink(key, value);
}

/** A path that was written without escapes keeps its backslashes: its `\n` is the beginning of a name. */
function unescapeValue(text: string): string {
  if (!text.includes("\\")) return text;
  const isBarePath = /^(?:[A-Za-z]:\\|\\\\)[^\\]/.test(text) && !/.\\\\/.test(text.slice(2));
  return text.replace(isBarePath ? /\\([=|])/g : /\\([=|\\nr])/g, (_all, escaped: string) =>
    escaped === "n" ? "\n" : escaped === "r" ? "\r" : escaped,
  );
}

/** `Rule Name` → `rule_name`: what a label is called as a field. Empty when it holds no letter or digit. */
export function labelName(label: string): string {
  return label
    .slice(0, 100)
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "_")
    .replace(/^_|_$/g, "");
}
