import { microsFromMilliseconds } from "@tyto/domain";
import { generateDay } from "../../src/demo/index.ts";
import type { DemoRecord } from "../../src/demo/index.ts";

/** One kind of events, one JSON object a line, as both engines read them: Sigma's names, a number `_n`, and what they are in `logsource`. */
export interface Lane {
  readonly name: string;
  readonly lines: readonly string[];
  /** Distinct events among the lines: the rest repeats them. */
  readonly distinct: number;
}

type Json = Readonly<Record<string, unknown>>;

/** All three parts, always: rsigma's routing takes a part that an event does not state for any. */
interface Logsource {
  readonly product: string;
  readonly category: string;
  readonly service: string;
}

interface LaneEvent {
  readonly logsource: Logsource;
  readonly fields: Json;
}

const SYSMON = "Microsoft-Windows-Sysmon/Operational";

/**
 * Four lanes of `size` events: what the demo's office logs, and, when given, recordings of attacks (Sigma-named JSON lines) before
 * it. Lanes repeat their events until they are full.
 */
export function makeLanes(recordings: readonly string[], size: number): readonly Lane[] {
  const demo = [1, 2].flatMap(
    (seed) => generateDay({ seed, endsAt: microsFromMilliseconds(ENDS_AT_MS) }).records,
  );
  const recorded = recordings.flatMap(recordedEvent);
  const windows = [...recorded, ...demo.flatMap(windowsEvent)];
  const isProcess = ({ logsource }: LaneEvent): boolean => logsource.service === "sysmon";
  return [
    lane("structured process creations (Sysmon 1)", windows.filter(isProcess), size),
    lane(
      "raw Windows security events",
      windows.filter((event) => !isProcess(event)),
      size,
    ),
    lane("web and firewall syslog", demo.flatMap(syslogEvent), size),
    lane("cloud JSON (CloudTrail)", demo.flatMap(cloudEvent), size),
  ];
}

const ENDS_AT_MS = Date.UTC(2026, 10, 20, 17, 30);

function lane(name: string, events: readonly LaneEvent[], size: number): Lane {
  const lines: string[] = [];
  for (let n = 0; n < size && events.length > 0; n++) {
    const event = events[n % events.length];
    if (event !== undefined)
      lines.push(JSON.stringify({ ...event.fields, _n: n, logsource: event.logsource }));
  }
  return { name, lines, distinct: Math.min(events.length, size) };
}

function parse(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function windowsLogsource(channel: unknown, code: unknown): Logsource | undefined {
  if (channel === SYSMON && String(code) === "1")
    return { product: "windows", category: "process_creation", service: "sysmon" };
  if (channel !== "Security") return undefined;
  const category = String(code) === "4688" ? "process_creation" : "other";
  return { product: "windows", category, service: "security" };
}

function recordedEvent(line: string): readonly LaneEvent[] {
  const fields = parse(line);
  const logsource = windowsLogsource(fields?.["Channel"], fields?.["EventID"]);
  return fields === undefined || logsource === undefined ? [] : [{ logsource, fields }];
}

/** Winlogbeat's shape with Sigma's names. */
function windowsEvent({ source, text }: DemoRecord): readonly LaneEvent[] {
  const winlog = source === "windows-events" ? parse(text)?.["winlog"] : undefined;
  if (!isRecord(winlog)) return [];
  const logsource = windowsLogsource(winlog["channel"], winlog["event_id"]);
  if (logsource === undefined) return [];
  const data = isRecord(winlog["event_data"]) ? winlog["event_data"] : {};
  const fields = {
    "@timestamp": parse(text)?.["@timestamp"],
    Channel: winlog["channel"],
    EventID: Number(winlog["event_id"]),
    Provider_Name: winlog["provider_name"],
    Computer: winlog["computer_name"],
    ...data,
  };
  return [{ logsource, fields }];
}

const COMBINED = /^(\S+) \S+ \S+ \[([^\]]+)\] "(\S+) (\S+) [^"]*" (\d+) (\d+) "([^"]*)" "([^"]*)"/;
const DENIED = /: (Deny) (\w+) src [^:]+:([^/]+)\/(\d+) dst [^:]+:([^/]+)\/(\d+)/;
const BUILT = /: (Built) \w+ (\w+) connection \d+ for [^:]+:([^/]+)\/(\d+) .* to [^:]+:([^/]+)\/(\d+)/;

function syslogEvent({ source, text }: DemoRecord): readonly LaneEvent[] {
  const web = source === "shop-nginx" ? COMBINED.exec(text) : null;
  if (web !== null) {
    const [, client, time, method, uri = "", status, bytes, referer, agent] = web;
    const [stem, query] = uri.split("?", 2);
    const fields = {
      ...{ time, message: text, "c-ip": client, "cs-method": method, "cs-uri": uri, "c-uri": uri },
      ...{
        "cs-uri-stem": stem,
        "cs-uri-query": query ?? "-",
        "sc-status": Number(status),
        "sc-bytes": Number(bytes),
      },
      ...{ "cs-referer": referer, "cs-user-agent": agent },
    };
    return [{ logsource: { product: "nginx", category: "webserver", service: "nginx" }, fields }];
  }
  const connection = source === "fw1" ? (DENIED.exec(text) ?? BUILT.exec(text)) : null;
  if (connection === null) return [];
  const [, action, protocol, from, fromPort, to, toPort] = connection;
  const fields = {
    ...{ message: text, action, protocol, src_ip: from, src_port: Number(fromPort) },
    ...{ dst_ip: to, dst_port: Number(toPort) },
  };
  return [{ logsource: { product: "asa", category: "firewall", service: "asa" }, fields }];
}

function cloudEvent({ source, text }: DemoRecord): readonly LaneEvent[] {
  const fields = source === "aws-cloudtrail" ? parse(text) : undefined;
  return fields === undefined
    ? []
    : [{ logsource: { product: "aws", category: "cloud", service: "cloudtrail" }, fields }];
}
