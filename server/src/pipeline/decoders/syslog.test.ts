import { formatMicros, parseRfc3339 } from "@tyto/domain";
import type { Micros } from "@tyto/domain";
import { describe, expect, it } from "vitest";
import { UTC } from "../time/zone.ts";
import { decodeSyslog } from "./syslog.ts";

const context = { zone: UTC, receivedAt: parseRfc3339("2026-03-01T12:00:00Z") as Micros };

/** Only what is there: time as text, nulls left out. */
function decoded(text: string): Readonly<Record<string, unknown>> | undefined {
  const header = decodeSyslog(text, context);
  if (header === undefined) return undefined;
  const { time, ...rest } = header;
  return Object.fromEntries(
    Object.entries({ ...rest, time: time === null ? null : formatMicros(time.instant) }).filter(
      ([, value]) => value !== null,
    ),
  );
}

const at10 = "2026-02-27T10:00:00.000Z";

describe("syslog headers", () => {
  it.each<[string, string, Record<string, unknown> | undefined]>([
    [
      "RFC 3164",
      "<34>Feb 27 10:00:00 gw su[12]: failed",
      { priority: 34, time: at10, host: "gw", program: "su", pid: "12", message: "failed" },
    ],
    ["a session of SQL Server", "2026-02-27 10:00:00.12 spid57s     Error: 17300, Severity: 16", undefined],
    ["a source of SQL Server", "2026-02-27 10:00:00.12 Logon       Error: 18456, Severity: 14", undefined],
    [
      "RFC 3164 without a priority",
      "Feb 27 10:00:00 gw su: failed",
      { time: at10, host: "gw", program: "su", message: "failed" },
    ],
    [
      "a day of one digit",
      "<34>Feb  7 10:00:00 gw su: x",
      { priority: 34, time: "2026-02-07T10:00:00.000Z", host: "gw", program: "su", message: "x" },
    ],
    [
      "CEF behind a host, which is no tag",
      "<34>Feb 27 10:00:00 gw CEF:0|Acme|Gate|",
      { priority: 34, time: at10, host: "gw", message: "CEF:0|Acme|Gate|" },
    ],
    [
      "CEF with a space behind its colon",
      "<34>Feb 27 10:00:00 CEF: 0|Acme|Gate|",
      { priority: 34, time: at10, message: "CEF: 0|Acme|Gate|" },
    ],
    [
      "LEEF behind an ISO time and a host",
      "2026-02-27T10:00:00Z gw LEEF:1.0|Acme|Gate|",
      { time: at10, host: "gw", message: "LEEF:1.0|Acme|Gate|" },
    ],
    [
      "RFC 5424",
      '<165>1 2026-02-27T10:00:00.000Z gw app 77 ID47 [a@1 k="v \\"q\\" \\]"][b x="1"] \uFEFFtext',
      {
        priority: 165,
        version: "1",
        time: at10,
        host: "gw",
        program: "app",
        pid: "77",
        messageId: "ID47",
        data: { "a@1": { k: 'v "q" ]' }, b: { x: "1" } },
        message: "text",
      },
    ],
    [
      "RFC 5424 with nothing but dashes",
      "<165>1 - - - - - - text",
      { priority: 165, version: "1", message: "text" },
    ],
    [
      "an ISO time with a space before its zone (Barracuda)",
      "<13>2026-02-27 11:00:00.000 +0100  waf1 TR 192.0.2.1",
      { priority: 13, time: at10, host: "waf1", message: "TR 192.0.2.1" },
    ],
    [
      "RFC 5424 that ends at the host, with values behind it",
      "<165>1 2026-02-27T10:00:00.000Z gw 1,2026/02/27 10:00:00,0011,TRAFFIC,end,x,y z",
      {
        priority: 165,
        version: "1",
        time: at10,
        host: "gw",
        message: "1,2026/02/27 10:00:00,0011,TRAFFIC,end,x,y z",
      },
    ],
    [
      "RFC 5424 that ends at the time, with pairs behind it",
      '<165>1 2026-02-27T10:00:00.000Z device="a" b="c" d="e" f="g"',
      { priority: 165, version: "1", time: at10, message: 'device="a" b="c" d="e" f="g"' },
    ],
    [
      "RFC 5424 without a message",
      "<165>1 - gw app - - -",
      { priority: 165, version: "1", host: "gw", program: "app", message: "" },
    ],
    [
      "RFC 5424 that stops behind the host, with JSON",
      '<5>1 2026-02-27T10:00:00Z VAULT {"format":"x","time":"Mar 10 10:46:48"}',
      {
        priority: 5,
        version: "1",
        time: at10,
        host: "VAULT",
        message: '{"format":"x","time":"Mar 10 10:46:48"}',
      },
    ],
    [
      "RFC 5424 that stops behind the host, with a mnemonic",
      '<5>1 2026-02-27T10:00:00Z VAULT %CYBERARK: MessageID="295";Reason="a b c"',
      {
        priority: 5,
        version: "1",
        time: at10,
        host: "VAULT",
        message: '%CYBERARK: MessageID="295";Reason="a b c"',
      },
    ],
    [
      "a byte order mark behind the priority",
      "<13>\uFEFFFeb 27 10:00:00 gw app: x",
      { priority: 13, time: at10, host: "gw", program: "app", message: "x" },
    ],
    [
      "an octet count that was kept",
      "37 <13>Feb 27 10:00:00 gw app: x",
      { priority: 13, time: at10, host: "gw", program: "app", message: "x" },
    ],
    [
      "no host",
      "<13>Feb 27 10:00:00 sshd[5]: x",
      { priority: 13, time: at10, program: "sshd", pid: "5", message: "x" },
    ],
    [
      "a bracket that GDM forgets to open",
      "<13>Feb 27 10:00:00 web1 gdm-password][5]: x",
      { priority: 13, time: at10, host: "web1", program: "gdm-password", pid: "5", message: "x" },
    ],
    ["no time and no host", "<13>sshd[5]: x", { priority: 13, program: "sshd", pid: "5", message: "x" }],
    ["a priority and nothing else", "<13>just text", { priority: 13, message: "just text" }],
    ["a priority out of range", "<999>just text", { message: "just text" }],
    [
      "Cisco's sequence number and star",
      "<189>123: *Feb 27 10:00:00: %SYS-5-CONFIG_I: x",
      { priority: 189, time: at10, message: "%SYS-5-CONFIG_I: x" },
    ],
    [
      "Cisco's host, year and colons",
      "<166>Feb 27 2026 10:00:00 fw01 : %ASA-6-302013: Built",
      { priority: 166, time: at10, host: "fw01", message: "%ASA-6-302013: Built" },
    ],
    [
      "Cisco without a host",
      "<166>Feb 27 2026 10:00:00: %ASA-6-302013: Built",
      { priority: 166, time: at10, message: "%ASA-6-302013: Built" },
    ],
    [
      "Cisco's mnemonic at once",
      "<166>%ASA-6-302013: Built",
      { priority: 166, message: "%ASA-6-302013: Built" },
    ],
    [
      "a zone behind the time",
      "<13>Feb 27 10:00:00 CET gw app: x",
      { priority: 13, time: "2026-02-27T09:00:00.000Z", host: "gw", program: "app", message: "x" },
    ],
    [
      "an ISO time (rsyslog)",
      "<13>2026-02-27T11:00:00.000000+01:00 gw app[1]: x",
      { priority: 13, time: at10, host: "gw", program: "app", pid: "1", message: "x" },
    ],
    [
      "an ISO time without a priority",
      "2026-02-27T10:00:00Z gw app[1]: x",
      { time: at10, host: "gw", program: "app", pid: "1", message: "x" },
    ],
    [
      "a program with a path",
      "<13>Feb 27 10:00:00 gw /usr/sbin/cron[1]: x",
      { priority: 13, time: at10, host: "gw", program: "/usr/sbin/cron", pid: "1", message: "x" },
    ],
    [
      "an IPv6 address as the host",
      "<13>Feb 27 10:00:00 2001:db8::1 app: x",
      { priority: 13, time: at10, host: "2001:db8::1", program: "app", message: "x" },
    ],
    [
      "a host and no tag",
      "<13>Feb 27 10:00:00 gw some text: here",
      { priority: 13, time: at10, host: "gw", message: "some text: here" },
    ],
    [
      "a verb where a host would stand",
      "<13>Feb 27 10:00:00 Deny TCP 192.0.2.1",
      { priority: 13, time: at10, message: "Deny TCP 192.0.2.1" },
    ],
    ["an application's own log", "2026-02-27 10:00:00 ERROR app: x", undefined],
    ["an application's own log with a colon", "2026-02-27T10:00:00Z ERROR: x", undefined],
    [
      "a tag of macOS, with a space",
      "Feb 27 10:00:00 mac Image Viewer[9]: x",
      { time: at10, host: "mac", program: "Image Viewer", pid: "9", message: "x" },
    ],
    ["text", "nothing of the kind", undefined],
    [
      "an address and a request",
      '192.0.2.1 - - [27/Feb/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 1',
      undefined,
    ],
    ["a date that does not exist", "Feb 31 10:00:00 gw app: x", undefined],
  ])("%s", (_what, text, expected) => {
    expect(decoded(text)).toEqual(expected);
  });
});
