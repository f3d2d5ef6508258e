import type { EventFields, FieldValue } from "./event.ts";

const MAX_CHARACTERS = 200;

/**
 * One readable line about an event: who did what, to what, from where ("root failed to log in to web-01 from 203.0.113.77 over
 * ssh"). Falls back to the message, then to the raw text's first 200 characters. Plain text; the values in it come from logs
 * and are as hostile as those.
 */
export function summariseEvent(fields: EventFields, raw = ""): string {
  const categories = texts(fields["event.category"]);
  for (const [category, sentence] of SENTENCES) {
    const line = categories.includes(category) ? sentence(fields) : undefined;
    if (line !== undefined) return shorten(line);
  }
  return shorten(cloud(fields) ?? text(fields["message"]) ?? raw);
}

/** `undefined` where the fields do not make a sentence of this kind. */
type Sentence = (fields: EventFields) => string | undefined;

/** By category, the most telling first: an event may have several. */
const SENTENCES: readonly (readonly [category: string, sentence: Sentence])[] = [
  ["authentication", login],
  ["iam", account],
  ["process", process],
  ["session", session],
  ["web", request],
  ["network", connection],
  ["file", (fields) => change(fields, "file.path")],
  ["registry", (fields) => change(fields, "registry.path")],
];

function login(fields: EventFields): string | undefined {
  const user = accountName(fields);
  if (user === undefined) return undefined;
  const effective = text(fields["user.effective.name"]);
  const as = effective === undefined || effective === user ? "" : ` as ${effective}`;
  return `${user} ${loginVerb(fields)}${times(fields)}${to(fields)}${as}${from(fields)}${over(fields)}`;
}

function loginVerb(fields: EventFields): string {
  switch (text(fields["event.outcome"])) {
    case "failure":
      return "failed to log in";
    case "success":
      return "logged in";
    default:
      return "tried to log in";
  }
}

function session(fields: EventFields): string | undefined {
  const user = accountName(fields);
  if (user === undefined) return undefined;
  const verb = texts(fields["event.type"]).includes("end") ? "ended a session" : "started a session";
  return `${user} ${verb}${on(fields)}${from(fields)}${over(fields)}`;
}

/** `added user to group docker: build on web03`: whoever did it is often not in the log. */
function account(fields: EventFields): string | undefined {
  const did = action(fields);
  if (did === undefined) return undefined;
  const names = [text(fields["user.target.name"]) ?? text(fields["user.name"]), group(fields)];
  const whom = names.filter((name) => name !== undefined).join(", ");
  const by = text(fields["user.target.name"]) === undefined ? undefined : text(fields["user.name"]);
  return `${failed(fields, did)}${whom === "" ? "" : `: ${whom}`}${by === undefined ? "" : ` by ${by}`}${on(fields)}`;
}

function group(fields: EventFields): string | undefined {
  const name = text(fields["group.name"]);
  return name === undefined ? undefined : `group ${name}`;
}

function process(fields: EventFields): string | undefined {
  const command =
    text(fields["process.command_line"]) ??
    text(fields["process.executable"]) ??
    text(fields["process.name"]);
  if (command === undefined) return undefined;
  const types = texts(fields["event.type"]);
  const isFailure = text(fields["event.outcome"]) === "failure";
  const verb = types.includes("end") ? "ended" : isFailure ? "was not allowed to run" : "ran";
  const user = text(fields["user.name"]);
  const effective = text(fields["user.effective.name"]);
  const as = effective === undefined || effective === user ? "" : ` as ${effective}`;
  const parent = text(fields["process.parent.name"]);
  const who = user ?? (isFailure ? "someone" : undefined);
  return [
    who === undefined ? "" : `${who} `,
    `${verb} ${command}${as}`,
    parent === undefined ? "" : ` (started by ${parent})`,
    on(fields),
  ].join("");
}

function request(fields: EventFields): string | undefined {
  const method = text(fields["http.request.method"]);
  const url = text(fields["url.original"]) ?? text(fields["url.path"]);
  if (method === undefined || url === undefined) return undefined;
  const status = fields["http.response.status_code"];
  const who = text(fields["user.name"]);
  const address = text(fields["source.ip"]) ?? text(fields["source.address"]);
  const client = who === undefined ? (address ?? "someone") : `${who}${from(fields)}`;
  return `${client} asked ${method} ${url}${typeof status === "number" ? ` → ${status}` : ""}${on(fields)}`;
}

function connection(fields: EventFields): string | undefined {
  const source = text(fields["source.ip"]);
  const destination = text(fields["destination.ip"]);
  if (source === undefined || destination === undefined) return undefined;
  const transport = text(fields["network.transport"]);
  const types = texts(fields["event.type"]);
  const verdict = types.includes("denied")
    ? "was denied"
    : types.includes("allowed")
      ? "was allowed"
      : "sent";
  const rule = text(fields["rule.name"]);
  return [
    `${source} ${verdict}${transport === undefined ? "" : ` ${transport}`}`,
    ` to ${target(destination, fields["destination.port"])}`,
    rule === undefined ? "" : ` by ${rule}`,
    on(fields),
  ].join("");
}

function target(address: string, port: FieldValue | undefined): string {
  if (typeof port !== "number") return address;
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

function change(fields: EventFields, field: string): string | undefined {
  const what = text(fields[field]);
  if (what === undefined) return undefined;
  const who = text(fields["user.name"]) ?? text(fields["process.name"]);
  const did = action(fields) ?? texts(fields["event.type"])[0] ?? "touched";
  return `${who === undefined ? "" : `${who}: `}${failed(fields, did)} ${what}${on(fields)}`;
}

function cloud(fields: EventFields): string | undefined {
  const did = action(fields);
  const provider = text(fields["cloud.provider"]);
  if (did === undefined || provider === undefined) return undefined;
  const who = text(fields["user.name"]) ?? "someone";
  const where = text(fields["cloud.account.id"]) ?? provider;
  return `${who}: ${failed(fields, did)} in ${where}${from(fields)}`;
}

/** Whose account: a log on a remote machine names it as source user at times. */
function accountName(fields: EventFields): string | undefined {
  return text(fields["user.name"]) ?? text(fields["user.target.name"]) ?? text(fields["source.user.name"]);
}

function host(fields: EventFields): string | undefined {
  return text(fields["host.name"]) ?? text(fields["host.hostname"]);
}

function on(fields: EventFields): string {
  const name = host(fields);
  return name === undefined ? "" : ` on ${name}`;
}

function to(fields: EventFields): string {
  const name = host(fields) ?? text(fields["service.name"]) ?? text(fields["cloud.account.id"]);
  return name === undefined ? "" : ` to ${name}`;
}

function from(fields: EventFields): string {
  const source = text(fields["source.ip"]) ?? text(fields["source.address"]);
  return source === undefined ? "" : ` from ${source}`;
}

function over(fields: EventFields): string {
  const name = text(fields["network.protocol"]) ?? text(fields["process.name"]);
  return name === undefined ? "" : ` over ${name === "sshd" ? "ssh" : name}`;
}

/** "message repeated 3 times" is one event. */
function times(fields: EventFields): string {
  const count = fields["tyto.occurrences"];
  return typeof count === "number" && count > 1 ? ` ${count} times` : "";
}

function failed(fields: EventFields, did: string): string {
  return text(fields["event.outcome"]) === "failure" ? `${did} (failed)` : did;
}

/** `ssh_login` and `audit-log-cleared` read better with spaces; `DeleteTrail` stays as it is. */
function action(fields: EventFields): string | undefined {
  return text(fields["event.action"])?.replace(/[_-]+/g, " ");
}

/** The text, or the first one of a list. */
function text(value: FieldValue | undefined): string | undefined {
  return texts(value).find((one) => one !== "");
}

function texts(value: FieldValue | undefined): readonly string[] {
  const list: readonly FieldValue[] = Array.isArray(value)
    ? (value as readonly FieldValue[])
    : [value ?? null];
  return list.filter((one) => typeof one === "string");
}

function shorten(line: string): string {
  const flat = line
    .slice(0, 4 * MAX_CHARACTERS)
    .replace(/\s+/g, " ")
    .trim();
  if (flat.length <= MAX_CHARACTERS) return flat;
  // Never half of a surrogate pair.
  return `${flat.slice(0, MAX_CHARACTERS - 1).replace(/[\ud800-\udbff]$/, "")}…`;
}
