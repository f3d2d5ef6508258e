import type { OcsfObject, OcsfValue } from "./values.ts";

/** Attributes whose values people look for, with OCSF's number and name of what they are. */
const TYPES: ReadonlyMap<string, readonly [id: number, caption: string]> = new Map([
  ["ip", [2, "IP Address"]],
  ["intermediate_ips", [2, "IP Address"]],
  ["hostname", [1, "Hostname"]],
  ["mac", [3, "MAC Address"]],
  ["email_addr", [5, "Email Address"]],
  ["from", [5, "Email Address"]],
  ["to", [5, "Email Address"]],
  ["url_string", [6, "URL String"]],
  ["cmd_line", [13, "Command Line"]],
  ["user_agent", [16, "HTTP User-Agent"]],
  ["message_uid", [42, "Message UID"]],
]);

/** Those that depend on what they stand in. */
const TYPES_IN: ReadonlyMap<string, readonly [id: number, caption: string]> = new Map([
  ["user.name", [4, "User Name"]],
  ["process.name", [9, "Process Name"]],
  ["parent_process.name", [9, "Process Name"]],
  ["file.name", [7, "File Name"]],
  ["file.path", [45, "File Path"]],
  ["hashes.value", [8, "Hash"]],
  ["cve.uid", [18, "CVE Object: uid"]],
  ["reg_key.path", [46, "Registry Key Path"]],
  ["reg_value.path", [46, "Registry Key Path"]],
]);

/** Not walked: what describes the event or repeats it. */
const SKIPPED: ReadonlySet<string> = new Set(["metadata", "unmapped", "observables", "finding_info"]);
const MAX_OBSERVABLES = 200;

/** Every address, name, hash … that an event holds, with the path of where it stands; each value of a path once. */
export function observablesOf(event: OcsfObject): readonly OcsfObject[] {
  const found = new Map<string, OcsfObject>();
  walk(event, { path: "", parent: "" }, found);
  return [...found.values()];
}

function walk(
  value: OcsfValue,
  at: { readonly path: string; readonly parent: string },
  found: Map<string, OcsfObject>,
): void {
  if (found.size >= MAX_OBSERVABLES) return;
  if (isList(value)) {
    for (const item of value) walk(item, at, found);
    return;
  }
  if (typeof value === "object") {
    const parent = at.path.slice(at.path.lastIndexOf(".") + 1);
    for (const [name, inner] of Object.entries(value)) {
      if (at.path === "" && SKIPPED.has(name)) continue;
      walk(inner, { path: at.path === "" ? name : `${at.path}.${name}`, parent }, found);
    }
    return;
  }
  const name = at.path.slice(at.path.lastIndexOf(".") + 1);
  const [id, caption] = TYPES_IN.get(`${at.parent}.${name}`) ?? TYPES.get(name) ?? [undefined, undefined];
  if (id === undefined || caption === undefined || typeof value === "boolean") return;
  found.set(`${at.path} ${value}`, { name: at.path, type_id: id, type: caption, value: String(value) });
}

function isList(value: OcsfValue): value is readonly OcsfValue[] {
  return Array.isArray(value);
}
