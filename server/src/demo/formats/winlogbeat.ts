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

/** Writes an event as Winlogbeat 8 ships it, without what its own modules would add. */
export function writeWindowsEvent(
  book: Logbook,
  world: World,
  machine: Machine,
  event: {
    readonly at: Micros;
    readonly id: number;
    readonly log: typeof SECURITY | typeof SYSMON;
    readonly task: string;
    readonly keywords: string;
    readonly message: string;
    readonly data: EventData;
  },
): void {
  const { at, id, log, task, keywords, message, data } = event;
  const computer = `${machine.name.toUpperCase()}.${world.domain}`;
  const stamp = microsToDate(at).toISOString();
  const text = JSON.stringify({
    "@timestamp": stamp,
    event: {
      action: task,
      code: String(id),
      created: stamp,
      kind: "event",
      provider: log.provider_name,
      ...(log === SECURITY ? { outcome: keywords === "Audit Failure" ? "failure" : "success" } : {}),
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
      process: { pid: log === SECURITY ? 680 : 3120, thread: { id: 712 + (id % 40) } },
      event_data: data,
    },
    agent: { name: machine.name.toUpperCase(), type: "winlogbeat", version: "8.15.0" },
    ecs: { version: "8.0.0" },
  });
  book.write({ at, input: "http", source: WINDOWS_SOURCE, text });
}
