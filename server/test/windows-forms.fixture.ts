/** Windows events as the event log and the shippers write them. */
import { element, windowsEvent } from "../src/evtx/evtx-writer.fixture.ts";
import type { Element } from "../src/evtx/evtx-writer.fixture.ts";
import { ANNA } from "./windows-events.fixture.ts";
import type { ToldEvent } from "./windows-events.fixture.ts";

const EVENT_NAMESPACE = "http://schemas.microsoft.com/win/2004/08/events/event";

/** As the event log holds it. */
export function asLog(event: ToldEvent): Element {
  const { data, wrapper, time, ...system } = event;
  const named = data.map(({ name, typed }) => [name, typed] as const);
  const userData =
    wrapper === undefined
      ? undefined
      : element(
          wrapper.name,
          { xmlns: wrapper.namespace },
          ...named.map(([name, typed]) => element(name, {}, typed)),
        );
  return windowsEvent({
    ...system,
    time: time.replace("Z", "0000Z"),
    opcode: 0,
    ...(userData === undefined ? { data: named } : { userData }),
  });
}

/** As `wevtutil /f:RenderedXml` and collectors of forwarded events write it, the message aside. */
export function asRenderedXml(event: ToldEvent): string {
  const { data, wrapper } = event;
  const one = (name: string, value: string): string =>
    wrapper === undefined
      ? `<Data Name='${name}'>${escaped(value)}</Data>`
      : `<${name}>${escaped(value)}</${name}>`;
  const all = data.map(({ name, written }) => one(name, written)).join("");
  const body =
    wrapper === undefined
      ? `<EventData>${all}</EventData>`
      : `<UserData><${wrapper.name} xmlns='${wrapper.namespace}'>${all}</${wrapper.name}></UserData>`;
  const user = event.userSid === undefined ? "" : ` UserID='${event.userSid}'`;
  const keywords = event.keyword === "" ? "" : `<Keyword>${event.keyword}</Keyword>`;
  return (
    `<Event xmlns='${EVENT_NAMESPACE}'><System><Provider Name='${event.provider}' Guid='${event.providerGuid}'/>` +
    `<EventID>${event.eventId}</EventID><Version>${event.version}</Version><Level>${event.level}</Level>` +
    `<Task>${event.task}</Task><Opcode>0</Opcode><Keywords>0x${event.keywords.toString(16)}</Keywords>` +
    `<TimeCreated SystemTime='${event.time.replace("Z", "0000Z")}'/><EventRecordID>${event.recordId}</EventRecordID>` +
    `<Correlation/><Execution ProcessID='${event.pid}' ThreadID='${event.tid}'/><Channel>${event.channel}</Channel>` +
    `<Computer>${event.computer}</Computer><Security${user}/></System>${body}` +
    `<RenderingInfo Culture='en-US'><Level>${event.levelName}</Level><Task>${event.taskName}</Task><Opcode>Info</Opcode>` +
    `<Provider></Provider><Keywords>${keywords}</Keywords></RenderingInfo></Event>`
  );
}

function escaped(value: string): string {
  return value
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll("\r", "&#13;");
}

const ACCOUNTS: Readonly<Record<string, readonly [string, string, string]>> = {
  "S-1-5-18": ["SYSTEM", "NT AUTHORITY", "User"],
  [ANNA]: ["anna", "CORP", "User"],
};

/** Winlogbeat looks accounts up, writes names for numbers, and leaves out what is empty. */
export function asWinlogbeat(event: ToldEvent): string {
  const data = Object.fromEntries(
    event.data.filter(({ written }) => written !== "").map(({ name, written }) => [name, written]),
  );
  const [name, domain, type] = ACCOUNTS[event.userSid ?? ""] ?? [];
  const user = name === undefined ? undefined : { identifier: event.userSid, name, domain, type };
  const wrapper = event.wrapper;
  return JSON.stringify({
    "@timestamp": event.time,
    agent: { name: "shipper", type: "winlogbeat", version: "8.15.2" },
    ecs: { version: "8.0.0" },
    event: {
      code: String(event.eventId),
      created: "2026-02-28T09:16:00.000Z",
      kind: "event",
      provider: event.provider,
      action: event.taskName,
      ...(event.keyword.startsWith("Audit") ? { outcome: event.keyword.slice(6).toLowerCase() } : {}),
    },
    host: { name: event.computer },
    log: { level: event.levelName.toLowerCase() },
    winlog: {
      api: "wineventlog",
      channel: event.channel,
      computer_name: event.computer,
      event_id: String(event.eventId),
      opcode: "Info",
      process: { pid: event.pid, thread: { id: event.tid } },
      provider_name: event.provider,
      record_id: event.recordId,
      provider_guid: event.providerGuid,
      task: event.taskName,
      version: event.version,
      ...(event.keyword === "" ? {} : { keywords: [event.keyword] }),
      ...(user === undefined ? {} : { user }),
      ...(wrapper === undefined ? { event_data: data } : { user_data: { ...data, xml_name: wrapper.name } }),
    },
  });
}

/** NXLog lays all fields side by side, and says whose event it is by the account's name. */
export function asNxlog(event: ToldEvent): string {
  const [name, domain, type] = ACCOUNTS[event.userSid ?? ""] ?? [];
  const audit = event.keyword.startsWith("Audit");
  const kind = audit
    ? event.keyword.toUpperCase().replace(" ", "_")
    : event.levelName === "Warning"
      ? "WARNING"
      : "INFO";
  return JSON.stringify({
    EventTime: event.time,
    Hostname: event.computer,
    Keywords: BigInt.asIntN(64, event.keywords).toString(),
    LevelValue: event.level,
    EventType: kind,
    SeverityValue: 2,
    Severity: "INFO",
    EventID: event.eventId,
    SourceName: event.provider,
    ProviderGuid: event.providerGuid,
    Version: event.version,
    TaskValue: event.task,
    OpcodeValue: 0,
    RecordNumber: event.recordId,
    ExecutionProcessID: event.pid,
    ExecutionThreadID: event.tid,
    Channel: event.channel,
    ...(name === undefined
      ? {}
      : { Domain: domain, AccountName: name, UserID: event.userSid, AccountType: type }),
    Category: event.taskName,
    Opcode: "Info",
    ...Object.fromEntries(
      event.data.filter(({ written }) => written !== "").map((one) => [one.name, one.written]),
    ),
    EventReceivedTime: event.time,
    SourceModuleName: "eventlog",
    SourceModuleType: "im_msvistalog",
  });
}
