import { formatMicros, microsToDate } from "@tyto/domain";
import type { Micros } from "@tyto/domain";
import type { LinuxServer } from "../world.ts";

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"] as const;

/** Facility × 8 + severity (RFC 5424 section 6.2.1). */
export const PRIORITY = {
  kernelWarning: 4,
  authInfo: 38,
  cronInfo: 78,
  authPrivateNotice: 85,
  authPrivateInfo: 86,
  daemonInfo: 30,
} as const;

export interface SyslogMessage {
  readonly priority: number;
  readonly program: string;
  readonly pid?: number;
  readonly text: string;
}

/** A line as the server's rsyslog forwards it, without framing. */
export function syslogLine(server: LinuxServer, at: Micros, message: SyslogMessage): string {
  const { priority, program, pid, text } = message;
  if (server.dialect === "rfc3164") {
    const tag = pid === undefined ? program : `${program}[${pid}]`;
    return `<${priority}>${bsdTime(at)} ${server.name} ${tag}: ${text}`;
  }
  const stamp = formatMicros(at).replace(
    /(?:\.(\d{3,6}))?Z$/,
    (_, digits: string) => `.${digits.padEnd(6, "0")}+00:00`,
  );
  // rsyslog keeps the space that stood before the message of the local line: its RFC 5424 template gives two.
  return `<${priority}>1 ${stamp} ${server.name} ${program} ${pid ?? "-"} - -  ${text}`;
}

/** `Nov  9 21:31:21`: RFC 3164 section 4.1.2, in UTC. */
export function bsdTime(at: Micros): string {
  const date = microsToDate(at);
  return `${monthOf(date)} ${String(date.getUTCDate()).padStart(2, " ")} ${timeOf(date)}`;
}

/** `Nov 09 2026 21:31:21`: as Cisco devices write it. */
export function ciscoTime(at: Micros): string {
  const date = microsToDate(at);
  return `${monthOf(date)} ${twoDigits(date.getUTCDate())} ${date.getUTCFullYear()} ${timeOf(date)}`;
}

/** `09/Nov/2026:21:31:21 +0000`: as web servers write it. */
export function commonLogTime(at: Micros): string {
  const date = microsToDate(at);
  return `${twoDigits(date.getUTCDate())}/${monthOf(date)}/${date.getUTCFullYear()}:${timeOf(date)} +0000`;
}

function monthOf(date: Date): string {
  return MONTHS[date.getUTCMonth()] ?? "Jan";
}

function timeOf(date: Date): string {
  return [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(twoDigits).join(":");
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}
