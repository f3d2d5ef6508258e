import type { EventFields, FieldValue } from "./event.ts";

const MAX_CHARACTERS = 200;

/**
 * One readable line about an event: who did what, where, from where. Falls back to the message, then to the raw text's first 200
 * characters. Plain text; the values in it come from logs and are as hostile as those.
 */
export function summariseEvent(fields: EventFields, raw = ""): string {
  const category = texts(fields["event.category"]);
  const line =
    (category.includes("authentication") ? authentication(fields) : undefined) ??
    (category.includes("web") ? web(fields) : undefined) ??
    (category.includes("network") ? network(fields) : undefined) ??
    (category.includes("process") ? process(fields) : undefined) ??
    (category.includes("file") ? named(fields, "file.path") : undefined) ??
    (category.includes("registry") ? named(fields, "registry.path") : undefined) ??
    (fields["cloud.provider"] !== undefined ? cloud(fields) : undefined);
  return shorten(line ?? text(fields["message"]) ?? raw);
}

function authentication(fields: EventFields): string | undefined {
  const user = text(fields["user.name"]);
  if (user === undefined) return undefined;
  const outcome = text(fields["event.outcome"]);
  const did =
    outcome === "failure"
      ? "failed to log in"
      : outcome === "success"
        ? "logged in"
        : (action(fields) ?? "authenticated");
  const times = fields["tyto.occurrences"];
  const count = typeof times === "number" && times > 1 ? ` ${times} times` : "";
  return [user, ` ${did}${count}`, on(fields), from(fields), over(fields)].join("");
}

function web(fields: EventFields): string | undefined {
  const method = text(fields["http.request.method"]);
  const url = text(fields["url.original"]) ?? text(fields["url.path"]);
  if (method === undefined || url === undefined) return undefined;
  const status = fields["http.response.status_code"];
  const who = text(fields["user.name"]) ?? text(fields["source.ip"]) ?? "someone";
  return `${who} ${method} ${url}${typeof status === "number" ? ` → ${status}` : ""}${on(fields)}`;
}

function network(fields: EventFields): string | undefined {
  const source = text(fields["source.ip"]);
  const destination = text(fields["destination.ip"]);
  if (source === undefined || destination === undefined) return undefined;
  const port = fields["destination.port"];
  const transport = text(fields["network.transport"]);
  const target = typeof port === "number" ? `${destination}:${port}` : destination;
  return [
    action(fields) ?? "connection",
    transport === undefined ? "" : ` ${transport}`,
    ` ${source} → ${target}`,
    on(fields),
  ].join("");
}

function process(fields: EventFields): string | undefined {
  const command =
    text(fields["process.command_line"]) ??
    text(fields["process.executable"]) ??
    text(fields["process.name"]);
  if (command === undefined) return undefined;
  const user = text(fields["user.name"]);
  const isEnd = texts(fields["event.type"]).includes("end");
  return `${user === undefined ? "" : `${user} `}${isEnd ? "ended" : "ran"} ${command}${on(fields)}`;
}

function named(fields: EventFields, field: string): string | undefined {
  const target = text(fields[field]);
  if (target === undefined) return undefined;
  const who = text(fields["user.name"]) ?? text(fields["process.name"]);
  return `${who === undefined ? "" : `${who}: `}${action(fields) ?? "touched"} ${target}${on(fields)}`;
}

function cloud(fields: EventFields): string | undefined {
  const did = action(fields);
  if (did === undefined) return undefined;
  const who = text(fields["user.name"]) ?? "someone";
  const failed = text(fields["event.outcome"]) === "failure" ? " (failed)" : "";
  return `${who} ${did}${failed} in ${text(fields["cloud.account.id"]) ?? text(fields["cloud.provider"]) ?? "the cloud"}${from(fields)}`;
}

function on(fields: EventFields): string {
  const host = text(fields["host.name"]) ?? text(fields["host.hostname"]);
  return host === undefined ? "" : ` on ${host}`;
}

function from(fields: EventFields): string {
  const source = text(fields["source.ip"]) ?? text(fields["source.address"]);
  return source === undefined ? "" : ` from ${source}`;
}

function over(fields: EventFields): string {
  const name = text(fields["process.name"]) ?? text(fields["network.protocol"]);
  return name === undefined ? "" : ` over ${name === "sshd" ? "ssh" : name}`;
}

/** `ssh_login` and `audit-log-cleared` read better with spaces; `DeleteTrail` stays as it is. */
function action(fields: EventFields): string | undefined {
  return text(fields["event.action"])?.replace(/[_-]+/g, " ");
}

function text(value: FieldValue | undefined): string | undefined {
  if (typeof value === "string" && value !== "") return value;
  return Array.isArray(value) ? text((value as readonly FieldValue[])[0]) : undefined;
}

function texts(value: FieldValue | undefined): readonly string[] {
  const list: readonly FieldValue[] = Array.isArray(value)
    ? (value as readonly FieldValue[])
    : [value ?? null];
  return list.filter((one) => typeof one === "string");
}

function shorten(line: string): string {
  const flat = line.replace(/\s+/g, " ").trim();
  return flat.length > MAX_CHARACTERS ? `${flat.slice(0, MAX_CHARACTERS - 1)}…` : flat;
}
