import { execFileSync, spawn, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { connect } from "node:net";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { testContext, until } from "../testing/context.ts";
import { syslogTcp } from "./tcp.ts";
import { syslogUdp } from "./udp.ts";

const has = (program: string, flag: string): boolean => spawnSync(program, [flag]).error === undefined;
const hasLogger = has("logger", "--version");
const hasRsyslog = has("rsyslogd", "-v");

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function inputs() {
  const context = testContext();
  const udp = syslogUdp({ host: "127.0.0.1", port: 0 }, context);
  const tcp = syslogTcp({ host: "127.0.0.1", port: 0 }, context);
  const udpPort = (await udp.start()).address.split(":")[1] ?? "";
  const tcpPort = (await tcp.start()).address.split(":")[1] ?? "";
  cleanups.push(
    () => udp.stop(),
    () => tcp.stop(),
  );
  return { context, udpPort, tcpPort };
}

describe.skipIf(!hasLogger)("logger of util-linux", () => {
  it.each([
    ["UDP, RFC 3164", (udp: string, _tcp: string) => ["-d", "-P", udp, "--rfc3164"]],
    ["UDP, RFC 5424", (udp: string, _tcp: string) => ["-d", "-P", udp, "--rfc5424"]],
    ["TCP, lines", (_udp: string, tcp: string) => ["-T", "-P", tcp, "--rfc5424"]],
    ["TCP, octet counting", (_udp: string, tcp: string) => ["-T", "-P", tcp, "--rfc5424", "--octet-count"]],
    [
      "TCP, octet counting, RFC 3164",
      (_udp: string, tcp: string) => ["-T", "-P", tcp, "--rfc3164", "--octet-count"],
    ],
  ] as const)("is understood over %s", async (_name, args) => {
    const { context, udpPort, tcpPort } = await inputs();
    execFileSync("logger", [
      "-n",
      "127.0.0.1",
      ...args(udpPort, tcpPort),
      "-t",
      "demo",
      "-p",
      "auth.info",
      "hello é",
    ]);
    await until(() => context.sink.texts.length === 1, "the line");
    expect(context.sink.texts[0]).toMatch(/^<38>(1 )?\S.* demo.*hello é$/);
    expect(context.sink.batches[0]?.fault).toBeUndefined();
  });
});

describe.skipIf(!hasRsyslog)("rsyslog", () => {
  const actions = (udp: string, tcp: string): Readonly<Record<string, string>> => ({
    udp: `action(type="omfwd" target="127.0.0.1" port="${udp}" protocol="udp")`,
    tcp: `action(type="omfwd" target="127.0.0.1" port="${tcp}" protocol="tcp")`,
    octets: `action(type="omfwd" target="127.0.0.1" port="${tcp}" protocol="tcp" TCP_Framing="octet-counted" template="RSYSLOG_SyslogProtocol23Format")`,
  });

  it.each(["udp", "tcp", "octets"])(
    "forwards 200 lines over %s and all arrive once, in order",
    async (way) => {
      const { context, udpPort, tcpPort } = await inputs();
      const relayPort = await freePort();
      await runRsyslog(relayPort, actions(udpPort, tcpPort)[way] ?? "");
      const socket = connect(relayPort, "127.0.0.1");
      for (let i = 0; i < 200; i += 1) {
        socket.write(
          `<38>Nov 20 21:31:21 office1 sshd[${i}]: Failed password for invalid user a${i} from 192.0.2.7 port 4242 ssh2\n`,
        );
      }
      socket.end();
      await until(() => context.sink.texts.length >= 200, "200 lines");
      expect(context.sink.texts).toHaveLength(200);
      context.sink.texts.forEach((text, i) => {
        expect(text).toMatch(/^<38>(1 )?/);
        expect(text.endsWith(`Failed password for invalid user a${i} from 192.0.2.7 port 4242 ssh2`)).toBe(
          true,
        );
      });
      expect(context.sink.batches.every(({ fault }) => fault === undefined)).toBe(true);
      expect(new Set(context.sources.keys.map(({ name }) => name))).toEqual(new Set(["office1"]));
    },
  );

  async function runRsyslog(port: number, action: string): Promise<void> {
    const folder = await mkdtemp(join(tmpdir(), "tyto-rsyslog-"));
    const config = join(folder, "rsyslog.conf");
    await writeFile(
      config,
      `global(workDirectory="${folder}")\nmodule(load="imtcp")\ninput(type="imtcp" port="${port}" address="127.0.0.1")\n${action}\n`,
    );
    const daemon = spawn("rsyslogd", ["-n", "-f", config, "-i", join(folder, "pid")], { stdio: "ignore" });
    cleanups.push(async () => {
      await ended(daemon);
      await rm(folder, { recursive: true, force: true });
    });
    await until(() => accepts(port), "rsyslog to listen");
  }
});

async function ended(child: ChildProcess): Promise<void> {
  const exit = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await exit;
}

async function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(port, "127.0.0.1");
    probe.once("connect", () => {
      probe.destroy();
      resolve(true);
    });
    probe.once("error", () => resolve(false));
  });
}

async function freePort(): Promise<number> {
  const probe = syslogTcp({ host: "127.0.0.1", port: 0 }, testContext());
  const { address } = await probe.start();
  await probe.stop();
  return Number(address.split(":")[1]);
}
