/** Real shippers, unmodified: every line they send is found by search within five seconds, and the books balance. */
import { createSocket } from "node:dgram";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasProgram, logger, Rsyslog } from "./harness/peers.ts";
import { ServerProcess } from "./harness/server-process.ts";
import { until } from "./harness/wait.ts";

const LINES = 200;
const FOUND_WITHIN_MS = 5_000;

let server: ServerProcess;

beforeAll(async () => {
  server = await ServerProcess.start();
}, 120_000);

afterAll(() => server.stop());

function portOf(address: string): string {
  return address.slice(address.lastIndexOf(":") + 1);
}

/** How many distinct numbered lines of a shipper are searchable. */
async function found(marker: string): Promise<number> {
  const reply = await server.search(`Events | where raw contains "${marker}" | summarize dcount(raw)`, {
    from: "-400d",
    to: "2100-01-01T00:00:00Z",
  });
  return Number(reply.rows[0]?.[0] ?? 0);
}

async function expectAllFound(marker: string, lines: number): Promise<void> {
  await until(`${lines} lines of ${marker}`, async () => (await found(marker)) === lines, {
    timeoutMs: FOUND_WITHIN_MS,
    everyMs: 200,
  });
}

async function expectBalanced(): Promise<void> {
  const ledger = await until("an empty queue", async () => {
    const list = await server.ledger();
    return list.totals.queued === 0 ? list : undefined;
  });
  expect(ledger.items.filter((source) => !source.isBalanced)).toEqual([]);
}

const number = (line: number): string => String(line).padStart(4, "0");

describe.skipIf(!hasProgram("logger"))("logger (util-linux)", () => {
  it.each([
    [
      "UDP, RFC 3164",
      "loggeraaa",
      () => ["--udp", "--rfc3164", "--port", portOf(server.addresses.syslogUdp)],
    ],
    [
      "UDP, RFC 5424",
      "loggerbbb",
      () => ["--udp", "--rfc5424", "--port", portOf(server.addresses.syslogUdp)],
    ],
    [
      "TCP, line feeds",
      "loggerccc",
      () => ["--tcp", "--rfc5424", "--port", portOf(server.addresses.syslogTcp)],
    ],
    [
      "TCP, octet-counted",
      "loggerddd",
      () => ["--tcp", "--octet-count", "--rfc5424", "--port", portOf(server.addresses.syslogTcp)],
    ],
  ])("over %s", async (_, marker, transport) => {
    const lines = 20;
    for (let line = 0; line < lines; line++) {
      logger(
        ["--server", "127.0.0.1", "--tag", "tytotest", ...transport()],
        `${marker} line ${number(line)}`,
      );
    }
    await expectAllFound(marker, lines);
    await expectBalanced();
  });
});

describe.skipIf(!hasProgram("rsyslogd"))("rsyslog", () => {
  const tcp = (): string => portOf(server.addresses.syslogTcp);
  const udp = (): string => portOf(server.addresses.syslogUdp);

  it.each([
    ["UDP", "rsyslogaaa", () => `action(type="omfwd" target="127.0.0.1" port="${udp()}" protocol="udp")`],
    ["TCP", "rsyslogbbb", () => `action(type="omfwd" target="127.0.0.1" port="${tcp()}" protocol="tcp")`],
    [
      "octet-counted TCP",
      "rsyslogccc",
      () =>
        `action(type="omfwd" target="127.0.0.1" port="${tcp()}" protocol="tcp" TCP_Framing="octet-counted" template="RSYSLOG_SyslogProtocol23Format")`,
    ],
  ])(
    "over %s",
    async (_, marker, action) => {
      const inputPort = await freeUdpPort();
      const rsyslog = await Rsyslog.start(action(), inputPort);
      try {
        await until(
          "rsyslog to forward",
          async () => {
            await sendUdp(inputPort, [`<38>Nov 20 21:31:21 web-1 sshd[1]: ${marker}probe`]);
            return (await found(`${marker}probe`)) > 0;
          },
          { everyMs: 200 },
        );
        const lines = Array.from(
          { length: LINES },
          (_unused, line) => `<38>Nov 20 21:31:21 web-1 sshd[1]: ${marker} line ${number(line)}`,
        );
        await sendUdp(inputPort, lines);
        await expectAllFound(`${marker} line`, LINES);
        await expectBalanced();
      } finally {
        await rsyslog.stop();
      }
    },
    60_000,
  );
});

function freeUdpPort(): Promise<number> {
  return new Promise((resolve) => {
    const socket = createSocket("udp4");
    socket.bind(0, "127.0.0.1", () => {
      const { port } = socket.address();
      socket.close(() => resolve(port));
    });
  });
}

async function sendUdp(port: number, lines: readonly string[]): Promise<void> {
  const socket = createSocket("udp4");
  for (const line of lines) {
    await new Promise<void>((resolve, reject) =>
      socket.send(line, port, "127.0.0.1", (error) => (error === null ? resolve() : reject(error))),
    );
  }
  socket.close();
}
