import { MICROS_PER_SECOND } from "@tyto/domain";
import { readIso8601, readSyslogTime } from "../time/date-format.ts";
import { readEpoch } from "../time/reading.ts";
import type { TimeContext, TimeReading } from "../time/reading.ts";

/** What a syslog header says. Everything is optional but the message: senders leave out whatever they like. */
export interface SyslogHeader {
  readonly priority: number | null;
  readonly time: TimeReading | null;
  readonly host: string | null;
  /** Tag or APP-NAME as logged. */
  readonly program: string | null;
  readonly pid: string | null;
  readonly messageId: string | null;
  readonly version: string | null;
  /** RFC 5424 section 6.3, parameters by element. */
  readonly data: Readonly<Record<string, Readonly<Record<string, string>>>> | null;
  readonly message: string;
}

/** RFC 6587 octet count that a sender or a file kept before the header. */
const OCTET_COUNT = /^\d{1,7} (?=<\d{1,3}>)/;
const PRIORITY = /^<(\d{1,3})>/;
const RFC5424 = /^(\d{1,2}) (-|\S{10,40}) (\S{1,255}) (\S{1,128}) (\S{1,128}) (\S{1,64}) ?/;
/**
 * Version, time and perhaps a host: all that devices write who leave out the rest (and its dashes) before their message, which begins
 * like one, or whose first word holds what no program's name does.
 */
const SHORT_RFC5424 =
  /^(\d{1,2}) (-|\S{10,40}) (?:([^\s,="{<%]{1,255}) +)?(?=[{<%]|CEF:\d|LEEF:\d|[^\s,="{]{0,255}[,="{])/;

/** `Oct 11 09:10:48`, with Cisco's `*` or `.` before it, a year on either side, a fraction, a zone, a colon behind. */
const LEGACY_TIME =
  /^[*.]?([A-Z][a-z]{2} {1,2}\d{1,2} (?:\d{4} )?\d\d:\d\d:\d\d(?:\.\d{1,9})?(?: \d{4}(?= ))?(?: (?:(?!CEF|LEEF)[A-Z]{3,4}|[+-]\d\d:?\d\d)(?=:| ))?)(:?)(?: |$)/;
const ISO_TIME = /^(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z| ?[+-]\d\d:?\d\d)?)(:?) +/;
const EPOCH_TIME = /^(\d{10}(?:\.\d{1,9})?) /;

/** Sequence numbers that Cisco puts before the time (`123: `, `000123: `). */
const SEQUENCE = /^(?:\d{1,10}: ){1,2}/;
const HOST = /^([A-Za-z0-9_][\w.:-]{0,254}) +(?=\S)/;
/** `sshd[123]: `, `CRON[1]: `, `su(pam_unix)[9]: `, `postfix/smtpd[77]: `, `kernel: `. */
const TAG = /^([A-Za-z0-9_./@][\w./@()+-]{0,127})\]?(?:\[([\w.-]{1,32})\])?:(?: |$)/;
/** Security formats name themselves where a tag would stand; some devices put a space behind the colon. */
const DEVICE = /^(?:CEF|LEEF): ?\d+(?:\.\d+)?\|/;
/** macOS: names with spaces (`Google Chrome[77]: `), and launchd speaking of a service (`launchd[1] (com.example.agent[9]): `). */
const SPACED_TAG = /^([A-Za-z][\w.-]{0,64}(?: [\w.-]{1,32}){1,3})\[(\d{1,10})\](?: <\w{1,16}>)?: ?/;
const SERVICE_TAG = /^([\w.-]{1,128}\[\d{1,10}\] \([^()]{1,255}\)): ?/;
/** Words that stand where a host would: levels of application logs, what firewalls do when they leave their name out, sessions of SQL Server. */
const NO_HOST =
  /^(?:STDOUT|STDERR|TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|ERR|CRIT|CRITICAL|FATAL|SEVERE|ALERT|EMERG|DENY|DENIED|ALLOW|ALLOWED|DROP|DROPPED|BLOCK|BLOCKED|REJECT|REJECTED|PERMIT|PERMITTED|ACCEPT|ACCEPTED|PASS|LOGON|SPID\d{1,5}S?)$/i;

/**
 * Reads RFC 5424, RFC 3164 and the variants that real devices send. `undefined` when there is no header: without a priority,
 * a time, a host and a tag must all stand there, so that application logs with a time in front keep their text.
 */
export function decodeSyslog(text: string, context: TimeContext): SyslogHeader | undefined {
  const body = text.replace(OCTET_COUNT, "");
  const priority = PRIORITY.exec(body);
  if (priority === null) return decodeLegacy(body, null, context);
  const rest = body.slice(priority[0].length).replace(/^\uFEFF/, "");
  const value = Number(priority[1]) <= 191 ? Number(priority[1]) : null;
  const short = SHORT_RFC5424.exec(rest);
  const modern = short === null ? RFC5424.exec(rest) : null;
  const header =
    short !== null
      ? decodeShort(rest, short, value, context)
      : modern === null
        ? undefined
        : decodeModern(rest, modern, value, context);
  return (
    header ?? decodeLegacy(rest, value, context) ?? { ...EMPTY, priority: value, message: rest.trimStart() }
  );
}

const EMPTY: SyslogHeader = {
  priority: null,
  time: null,
  host: null,
  program: null,
  pid: null,
  messageId: null,
  version: null,
  data: null,
  message: "",
};

function decodeModern(
  rest: string,
  m: RegExpExecArray,
  priority: number | null,
  context: TimeContext,
): SyslogHeader | undefined {
  const [all, version, stamp, host, program, pid, messageId] = m;
  const time = stamp === undefined || stamp === "-" ? null : (readIso8601(stamp, context) ?? null);
  if (time === null && stamp !== "-") return undefined;
  const data = scanStructuredData(rest, all.length);
  return {
    priority,
    time,
    host: nil(host),
    program: nil(program),
    pid: nil(pid),
    messageId: nil(messageId),
    version: version ?? null,
    data: data.elements,
    message: rest.slice(data.end).replace(/^ *\uFEFF?/, ""),
  };
}

function decodeShort(
  rest: string,
  m: RegExpExecArray,
  priority: number | null,
  context: TimeContext,
): SyslogHeader | undefined {
  const [all, version, stamp, host] = m;
  const time = stamp === undefined || stamp === "-" ? null : (readIso8601(stamp, context) ?? null);
  if (time === null && stamp !== "-") return undefined;
  return {
    ...EMPTY,
    priority,
    time,
    host: nil(host),
    version: version ?? null,
    message: rest.slice(all.length),
  };
}

function nil(text: string | undefined): string | null {
  return text === undefined || text === "-" ? null : text;
}

function decodeLegacy(rest: string, priority: number | null, context: TimeContext): SyslogHeader | undefined {
  const numbered = priority === null ? rest : rest.replace(SEQUENCE, "");
  const stamp = readStamp(numbered, context);
  if (stamp === undefined) {
    if (priority === null) return undefined;
    // No time: a tag may follow at once (`<13>sshd[1]: …`), or a host and then a tag.
    const found = readTag(numbered) ?? readHostAndTag(numbered, false) ?? { message: numbered.trimStart() };
    return { ...EMPTY, priority, ...found };
  }
  const after = numbered.slice(stamp.length).trimStart();
  if (stamp.endsWithColon)
    return { ...EMPTY, priority, time: stamp.time, ...(readTag(after) ?? { message: after }) };
  const isCertain = priority !== null || stamp.isLegacy;
  const tagged = readTag(after);
  // `2026-02-27T10:00:00Z ERROR: text` is an application's own log: without a host only a process id makes a tag.
  if (tagged !== undefined && (isCertain || tagged.pid !== null)) {
    return { ...EMPTY, priority, time: stamp.time, ...tagged };
  }
  const found = readHostAndTag(after, isCertain);
  return found === undefined ? undefined : { ...EMPTY, priority, time: stamp.time, ...found };
}

interface Stamp {
  readonly time: TimeReading;
  readonly length: number;
  readonly endsWithColon: boolean;
  readonly isLegacy: boolean;
}

function readStamp(text: string, context: TimeContext): Stamp | undefined {
  const legacy = LEGACY_TIME.exec(text);
  if (legacy !== null) {
    const time = readSyslogTime(legacy[1] ?? "", context);
    return time && { time, length: legacy[0].length, endsWithColon: legacy[2] === ":", isLegacy: true };
  }
  const iso = ISO_TIME.exec(text);
  if (iso !== null) {
    const time = readIso8601((iso[1] ?? "").replace(/ (?=[+-])/, ""), context);
    return time && { time, length: iso[0].length, endsWithColon: iso[2] === ":", isLegacy: false };
  }
  const epoch = EPOCH_TIME.exec(text);
  const time = epoch === null ? undefined : readEpoch(epoch[1] ?? "", "s");
  // Ten digits in front of a line are a time only when they are near now: they might be anything.
  if (epoch === null || time === undefined || Math.abs(time.instant - context.receivedAt) > 400 * DAY) {
    return undefined;
  }
  return { time, length: epoch[0].length, endsWithColon: false, isLegacy: false };
}

const DAY = 24 * 3_600 * MICROS_PER_SECOND;

type Tagged = Pick<SyslogHeader, "program" | "pid" | "message">;

function readTag(text: string): Tagged | undefined {
  const m = TAG.exec(text);
  if (m === null || DEVICE.test(text)) return undefined;
  return { program: m[1] ?? null, pid: m[2] ?? null, message: text.slice(m[0].length).trimStart() };
}

/** Tags that hold spaces: only behind a host, which would be taken for their first word otherwise. */
function readRareTag(text: string): Tagged | undefined {
  const m = SPACED_TAG.exec(text) ?? SERVICE_TAG.exec(text);
  if (m === null) return undefined;
  return { program: m[1] ?? null, pid: m[2] ?? null, message: text.slice(m[0].length) };
}

/** @param isCertain whether a header was already seen: then a host without a tag behind it is still a host. */
function readHostAndTag(
  text: string,
  isCertain: boolean,
): (Partial<Tagged> & { readonly host?: string; readonly message: string }) | undefined {
  const m = HOST.exec(text);
  if (m?.[1] === undefined || NO_HOST.test(m[1]) || DEVICE.test(text))
    return isCertain ? { message: text } : undefined;
  const host = m[1].replace(/:$/, "");
  const after = text.slice(m[0].length);
  const tagged = readTag(after) ?? readRareTag(after);
  if (tagged !== undefined) return { host, ...tagged };
  // `fw01 : %ASA-6-302013: …` and `fw01 %ASA-…`: a mnemonic is message text, not a program.
  const mnemonic = /^(?:: )?(?=%[A-Z]|(?:CEF|LEEF): ?\d)/.exec(after);
  if (mnemonic !== null) return { host, message: after.slice(mnemonic[0].length) };
  return isCertain ? { host, message: after } : undefined;
}

/** Elements of structured data from `at` on; `end` is where the message begins. Malformed data is message text. */
function scanStructuredData(
  text: string,
  at: number,
): { readonly elements: SyslogHeader["data"]; readonly end: number } {
  if (text[at] === "-") return { elements: null, end: at + 1 };
  if (text[at] !== "[") return { elements: null, end: at };
  const elements: Record<string, Record<string, string>> = Object.create(null) as Record<
    string,
    Record<string, string>
  >;
  const element = /\[([^\s=\]"]{1,128})((?: [^\s=\]"]{1,128}="(?:[^"\\]|\\.)*")*) ?\]/y;
  const parameter = / ([^\s=\]"]{1,128})="((?:[^"\\]|\\.)*)"/g;
  let position = at;
  while (text[position] === "[") {
    element.lastIndex = position;
    const m = element.exec(text);
    if (m === null) return { elements: null, end: at };
    const parameters = Object.create(null) as Record<string, string>;
    for (const pair of (m[2] ?? "").matchAll(parameter)) {
      parameters[pair[1] ?? ""] = (pair[2] ?? "").replace(/\\(["\\\]])/g, "$1");
    }
    elements[m[1] ?? ""] = parameters;
    position = element.lastIndex;
  }
  return { elements, end: position };
}
