import { writeTimestamp } from "./values.ts";
import type { Draft } from "./draft.ts";
import { decodeSyslog } from "./decoders/syslog.ts";
import type { SyslogHeader } from "./decoders/syslog.ts";
import { flattenInto, parseJsonObject } from "./decoders/json.ts";

/** `message repeated 5 times: [ text]` (rsyslog, syslog-ng): one line that stands for many. */
const REPEATED = /^(?:last )?message repeated (\d{1,6}) times: \[ ?([\s\S]*)\]$/;
/** CEE's mark for JSON in syslog. */
const COOKIE = /^@cee: ?(?=\{)/;

/** Takes the syslog header off, if there is one, and leaves the text to read in `message`. */
export function openEnvelope(draft: Draft, text: string): void {
  // Scratch: what an envelope said is for the parser to use.
  if (draft.context !== null) flattenInto(draft, draft.context, "_header");
  // A file that names its columns holds nothing else than them.
  const header = draft.header === "" && mayBeSyslog(text) ? decodeSyslog(text, draft) : undefined;
  if (header === undefined) setMessage(draft, text);
  else applySyslogHeader(draft, header);
}

/** Cheap first look: `<` of a priority, a digit of a year or a count, `*` or `.` of Cisco, or a month's capital. */
function mayBeSyslog(text: string): boolean {
  const first = text.charCodeAt(0);
  return (
    first === 0x3c || (first >= 0x30 && first <= 0x39) || first === 0x2a || first === 0x2e || isCapital(first)
  );
}

function isCapital(code: number): boolean {
  return code >= 0x41 && code <= 0x5a;
}

export function applySyslogHeader(draft: Draft, header: SyslogHeader): void {
  const { fields } = draft;
  if (header.priority !== null) {
    fields.set("log.syslog.priority", header.priority);
    fields.set("log.syslog.facility.code", header.priority >> 3);
    fields.set("log.syslog.severity.code", header.priority & 7);
  }
  if (header.host !== null) {
    fields.set("host.hostname", header.host);
    fields.set("host.name", header.host);
  }
  if (header.program !== null) setProgram(draft, header.program);
  if (header.pid !== null) {
    fields.set("log.syslog.procid", header.pid);
    if (/^\d{1,10}$/.test(header.pid)) fields.set("process.pid", Number(header.pid));
  }
  if (header.version !== null) fields.set("log.syslog.version", header.version);
  if (header.messageId !== null) fields.set("log.syslog.msgid", header.messageId);
  if (header.data !== null) fields.set("log.syslog.structured_data", header.data);
  if (header.time !== null) writeTimestamp(draft, header.time);
  setMessage(draft, header.message);
}

function setProgram(draft: Draft, program: string): void {
  const name = program.slice(program.lastIndexOf("/", program.length - 2) + 1);
  draft.fields.set("log.syslog.appname", program);
  draft.fields.set("process.name", program.startsWith("/") ? name : program);
  draft.program = (program.startsWith("/") ? name : program).toLowerCase();
}

function setMessage(draft: Draft, text: string): void {
  const repeated = text.charCodeAt(0) === 0x6d || text.startsWith("last") ? REPEATED.exec(text) : null;
  if (repeated !== null) draft.repeats = Math.max(1, Number(repeated[1]));
  const message = (repeated?.[2] ?? text).replace(COOKIE, "");
  if (message !== "") draft.fields.set("message", message);
  draft.json = parseJsonObject(message) ?? null;
  draft.jsonText = message;
}
