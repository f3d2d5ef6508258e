import type { JsonObject } from "./json.ts";
import { isJsonObject } from "./json.ts";

/** CEF and LEEF: the two formats in which security devices name themselves before they speak. */
export type DeviceFormat = "CEF" | "LEEF";

/** Relays put words before the header; further in, `CEF:` is what a line speaks about. */
const MAX_LEAD = 512;
const HEADER = /(?:^|[^A-Za-z0-9])(CEF|LEEF): ?\d+(?:\.\d+)?\|/;

/** Where the header's fields begin: at the version's digit. `undefined` when there is no header near the beginning. */
export function findDeviceHeader(
  text: string,
): { readonly format: DeviceFormat; readonly at: number } | undefined {
  const first = text.charCodeAt(0);
  // Most lines are neither: a look at the letters that both share comes before the expression.
  if (first !== 0x43 && first !== 0x4c && !text.slice(0, MAX_LEAD).includes("EF:")) return undefined;
  const m = HEADER.exec(text.slice(0, MAX_LEAD));
  if (m === null) return undefined;
  const digits = /\d/.exec(m[0])?.index ?? 0;
  return { format: m[1] === "LEEF" ? "LEEF" : "CEF", at: m.index + digits };
}

/**
 * Fields of the header, cut at bars that no backslash protects. At most `count`; `end` is behind the bar of the last one, or
 * -1 when the text ended within them; the last field begins at `lastStart`.
 */
export function scanHeader(
  text: string,
  from: number,
  count: number,
): { readonly fields: readonly string[]; readonly end: number; readonly lastStart: number } {
  const fields: string[] = [];
  let start = from;
  for (let i = from; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code === 0x5c) i += 1;
    else if (code === 0x7c) {
      fields.push(unescapeHeader(text.slice(start, i)));
      if (fields.length === count) return { fields, end: i + 1, lastStart: start };
      start = i + 1;
    }
  }
  fields.push(unescapeHeader(text.slice(start)));
  return { fields, end: -1, lastStart: start };
}

function unescapeHeader(text: string): string {
  const trimmed = text.trim();
  return trimmed.includes("\\") ? trimmed.replace(/\\([\\|])/g, "$1") : trimmed;
}

/** `CEF|vendor|product` of a record, lower case: from its text, or from what an agent made of it; empty when it has none. */
export function deviceOf(text: string, json: JsonObject | null): string {
  if (json !== null) return decodedDevice(json, "CEF", "cef") ?? decodedDevice(json, "LEEF", "leef") ?? "";
  const header = findDeviceHeader(text);
  if (header === undefined) return "";
  const { fields } = scanHeader(text, header.at, 3);
  return deviceKey(header.format, fields[1] ?? "", fields[2] ?? "");
}

export function deviceKey(format: DeviceFormat, vendor: string, product: string): string {
  return `${format}|${vendor}|${product}`.toLowerCase();
}

/** Filebeat and its like decode CEF on the way: `{"cef": {"device": {"vendor": …}}}`. */
function decodedDevice(json: JsonObject, format: DeviceFormat, key: string): string | undefined {
  const device = isJsonObject(json[key]) ? json[key]["device"] : undefined;
  if (!isJsonObject(device)) return undefined;
  const { vendor, product } = device;
  return deviceKey(
    format,
    typeof vendor === "string" ? vendor : "",
    typeof product === "string" ? product : "",
  );
}
