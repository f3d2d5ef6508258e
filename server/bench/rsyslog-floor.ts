import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hasProgram } from "../test/harness/peers.ts";
import { pause } from "./marked-lines.ts";
import { processTree } from "./process-cost.ts";

export interface Floor {
  readonly linesPerSecond: number;
  readonly cpuMicrosPerLine: number;
}

const TIMEOUT_MS = 120_000;

/**
 * What this machine can do at all: rsyslog takes lines over one TCP connection and writes them to a plain file, neither parsed further
 * nor synced. `undefined` where there is no rsyslog.
 */
export async function rsyslogFloor(bodies: readonly Buffer[]): Promise<Floor | undefined> {
  if (!hasProgram("rsyslogd")) return undefined;
  const directory = await mkdtemp(join(tmpdir(), "tyto-floor-"));
  const port = await freePort();
  const file = join(directory, "lines");
  await writeFile(join(directory, "rsyslog.conf"), configuration(directory, port, file));
  const args = ["-n", "-f", join(directory, "rsyslog.conf"), "-i", join(directory, "pid")];
  const child = spawn("rsyslogd", args, { stdio: "ignore" });
  const ended = once(child, "exit");
  try {
    const socket = await connected(port);
    const startedMs = performance.now();
    for (const body of bodies) {
      const line = Buffer.concat([body, Buffer.from("\n")]);
      if (!socket.write(line)) await once(socket, "drain");
    }
    socket.end();
    // The last line of each body gets its end on the way.
    const lines = bodies.reduce((sum, body) => sum + linesIn(body) + 1, 0);
    await hasLines(file, lines);
    const seconds = (performance.now() - startedMs) / 1_000;
    const [cost] = processTree(child.pid ?? 0);
    return {
      linesPerSecond: Math.round(lines / seconds),
      cpuMicrosPerLine: Math.round(((cost?.cpuMs ?? 0) * 100_000) / lines) / 100,
    };
  } finally {
    child.kill("SIGTERM");
    await ended;
    await rm(directory, { recursive: true, force: true });
  }
}

function configuration(directory: string, port: number, file: string): string {
  return [
    `global(workDirectory="${directory}" maxMessageSize="64k")`,
    'module(load="imtcp")',
    'template(name="line" type="string" string="%rawmsg%\\n")',
    'ruleset(name="write") {',
    `  action(type="omfile" file="${file}" template="line")`,
    "}",
    // A line that begins with a number would be taken for a frame with its length.
    `input(type="imtcp" address="127.0.0.1" port="${port}" supportOctetCountedFraming="off" ruleset="write")`,
    "",
  ].join("\n");
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function connected(port: number): Promise<ReturnType<typeof connect>> {
  for (let tries = 0; ; tries++) {
    const socket = connect(port, "127.0.0.1");
    try {
      await once(socket, "connect");
      return socket;
    } catch (error) {
      if (tries === 50) throw error;
      await pause(100);
    }
  }
}

async function hasLines(file: string, lines: number): Promise<void> {
  const deadline = performance.now() + TIMEOUT_MS;
  let found = 0;
  let at = 0;
  const buffer = Buffer.alloc(1 << 20);
  const handle = await opened(file, deadline);
  try {
    while (found < lines) {
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, at);
      at += bytesRead;
      found += linesIn(buffer.subarray(0, bytesRead));
      if (bytesRead > 0) continue;
      if (performance.now() > deadline) throw new Error(`rsyslog wrote ${found} of ${lines} lines`);
      await pause(20);
    }
  } finally {
    await handle.close();
  }
}

async function opened(file: string, deadline: number): Promise<Awaited<ReturnType<typeof open>>> {
  for (;;) {
    try {
      return await open(file);
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await pause(20);
    }
  }
}

function linesIn(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) count += 1;
  return count;
}
