import { microsToDate } from "@tyto/domain";
import type { Micros } from "@tyto/domain";
import type { Logbook } from "../logbook.ts";
import type { Machine, World } from "../world.ts";

export const WINDOWS_SOURCE = "windows-events";

type EventData = Readonly<Record<string, string>>;

export const SECURITY = {
  channel: "Security",
  provider_name: "Microsoft-Windows-Security-Auditing",
  provider_guid: "{54849625-5478-4994-a5ba-3e3b0328c30d}",
} as const;

export const SYSMON = {
  channel: "Microsoft-Windows-Sysmon/Operational",
  provider_name: "Microsoft-Windows-Sysmon",
  provider_guid: "{5770385f-c22a-43e0-bf4c-06f5698ffbd9}",
} as const;

const EVENT_LOG = {
  provider_name: "Microsoft-Windows-Eventlog",
  provider_guid: "{fc65ddd8-d6ef-4962-83d5-6e5cfe9ce148}",
} as const;

/** What the event log service writes about the log itself. */
export const LOG_SERVICE = {
  security: { channel: "Security", ...EVENT_LOG },
  system: { channel: "System", ...EVENT_LOG },
} as const;

type WindowsLog = typeof SECURITY | typeof SYSMON | typeof LOG_SERVICE.security | typeof LOG_SERVICE.system;

/** Writes an event as Winlogbeat 8 ships it, without what its own modules would add. */
export function writeWindowsEvent(
  book: Logbook,
  world: World,
  machine: Machine,
  event: {
    readonly at: Micros;
    readonly id: number;
    readonly log: WindowsLog;
    readonly task: string;
    readonly keywords: string;
    readonly message: string;
    /** EventData; UserData where the log service speaks. */
    readonly data: EventData;
  },
): void {
  const { at, id, log, task, keywords, message, data } = event;
  const computer = `${machine.name.toUpperCase()}.${world.domain}`;
  const isAudit = log.channel === "Security";
  const stamp = microsToDate(at).toISOString();
  const text = JSON.stringify({
    "@timestamp": stamp,
    event: {
      action: task,
      code: String(id),
      created: stamp,
      kind: "event",
      provider: log.provider_name,
      ...(isAudit ? { outcome: keywords === "Audit Failure" ? "failure" : "success" } : {}),
    },
    host: { name: computer },
    log: { level: "information" },
    message,
    winlog: {
      ...log,
      api: "wineventlog",
      computer_name: computer,
      event_id: String(id),
      keywords: [keywords],
      opcode: "Info",
      // Rises with time, as a real one does.
      record_id: 1_000_000 + Math.floor((at % 86_400_000_000) / 10_000),
      task,
      process: { pid: isAudit ? 680 : 3120, thread: { id: 712 + (id % 40) } },
      ...(log.provider_name === EVENT_LOG.provider_name ? { user_data: data } : { event_data: data }),
    },
    agent: { name: machine.name.toUpperCase(), type: "winlogbeat", version: "8.15.0" },
    ecs: { version: "8.0.0" },
  });
  book.write({ at, input: "http", source: WINDOWS_SOURCE, text });
}
