import { constants } from "node:fs";
import { access, mkdir, statfs } from "node:fs/promises";
import { createSocket } from "node:dgram";
import { createServer } from "node:net";
import { freemem } from "node:os";
import { dirname } from "node:path";
import { formatAddress } from "../config/index.ts";
import type { Address, Config } from "../config/index.ts";
import { isServerAt, serverUrl } from "./client.ts";
import { partsCheck } from "./upgrade-checks.ts";
import { encryptionChecks } from "./encryption-checks.ts";
import { writeLine } from "./io.ts";
import type { CommandIo, ExitStatus } from "./io.ts";

export interface Check {
  readonly name: string;
  readonly status: "ok" | "warning" | "error";
  readonly detail: string;
  /** What to do; only where something is not ok. */
  readonly fix?: string;
}

const GIBIBYTE = 1024 ** 3;
/** 2026-01-01: a clock before the program's own time is wrong. */
const EARLIEST_CLOCK_MS = Date.UTC(2026, 0, 1);

/** `tyto doctor`: checks ports, disk, limits, clock and data directory, and says what to fix. Status 1 when something is an error. */
export async function doctorCommand(
  config: Config,
  options: { readonly json: boolean; readonly nowMs: number; readonly programPath?: string },
  io: CommandIo,
): Promise<ExitStatus> {
  const url = serverUrl(config, undefined);
  const isRunning = await isServerAt(url);
  const checks: Check[] = [
    node(),
    await engineLibrary(),
    await dataDirectory(config.dataDirectory),
    await disk(config.dataDirectory),
    ...(await encryptionChecks(config, options)),
    await partsCheck(config.dataDirectory),
    memory(),
    clock(options.nowMs),
    isRunning
      ? { name: "server", status: "ok", detail: `answers at ${url}` }
      : { name: "server", status: "ok", detail: "does not run; checking that it could" },
    ...(isRunning ? [] : await ports(config)),
  ];
  if (options.json) await writeLine(io.stdout, JSON.stringify({ checks }));
  else {
    for (const { name, status, detail, fix } of checks) {
      const mark = status === "ok" ? "ok     " : status === "warning" ? "warning" : "ERROR  ";
      await writeLine(io.stdout, `${mark}  ${name.padEnd(16)}  ${detail}`);
      if (fix !== undefined) await writeLine(io.stdout, `         ${" ".repeat(16)}  ${fix}`);
    }
  }
  return checks.some((check) => check.status === "error") ? 1 : 0;
}

function node(): Check {
  const detail = `Node ${process.versions.node} on ${process.platform}-${process.arch}`;
  return { name: "node", status: "ok", detail };
}

async function engineLibrary(): Promise<Check> {
  const name = "engine";
  const packageName = `@chdb/lib-${process.platform}-${process.arch}${process.platform === "linux" ? "-gnu" : ""}`;
  try {
    await access(new URL(import.meta.resolve(`${packageName}/package.json`)), constants.R_OK);
    return { name, status: "ok", detail: packageName };
  } catch {
    return {
      name,
      status: "error",
      detail: `${packageName} is not installed`,
      fix: "Run `npm ci` without --omit=optional. The engine exists for Linux (glibc) and macOS, x64 and arm64.",
    };
  }
}

async function dataDirectory(path: string): Promise<Check> {
  const name = "data directory";
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK);
    return { name, status: "ok", detail: path };
  } catch (error) {
    const fix = "Name another with --data, or give this user the right to write there.";
    return {
      name,
      status: "error",
      detail: `${path}: ${error instanceof Error ? error.message : "unusable"}`,
      fix,
    };
  }
}

async function disk(path: string): Promise<Check> {
  const name = "disk";
  const stat = await statfs(path).catch(() => statfs(dirname(path)));
  const free = stat.bavail * stat.bsize;
  const share = free / (stat.blocks * stat.bsize);
  const detail = `${(free / GIBIBYTE).toFixed(1)} GB free (${Math.round(share * 100)} %)`;
  if (free < 2 * GIBIBYTE) {
    const fix = "Inputs stop acknowledging below 2 GB. Free some space, or move --data to a larger disk.";
    return { name, status: "error", detail, fix };
  }
  if (free < 10 * GIBIBYTE) return { name, status: "warning", detail, fix: "Plan for at least 10 GB." };
  return { name, status: "ok", detail };
}

function memory(): Check {
  const free = freemem();
  const detail = `${(free / GIBIBYTE).toFixed(1)} GB available`;
  if (free >= GIBIBYTE) return { name: "memory", status: "ok", detail };
  return {
    name: "memory",
    status: "warning",
    detail,
    fix: "Tyto idles below 1 GB and needs more while it works.",
  };
}

function clock(nowMs: number): Check {
  const detail = new Date(nowMs).toISOString();
  if (nowMs >= EARLIEST_CLOCK_MS) return { name: "clock", status: "ok", detail };
  return { name: "clock", status: "error", detail, fix: "Set the system's clock: lateness is judged by it." };
}

async function ports(config: Config): Promise<readonly Check[]> {
  const { syslogTls, relp, gelfUdp, gelfTcp, lumberjack, fluent } = config.streams;
  const streams: readonly (readonly [string, string, readonly Address[]])[] = [
    ["syslog TLS", "--syslog-tls", syslogTls],
    ["RELP", "--relp", relp],
    ["GELF TCP", "--gelf-tcp", gelfTcp],
    ["Lumberjack", "--lumberjack", lumberjack],
    ["Fluent Forward", "--fluent", fluent],
  ];
  return Promise.all([
    tcp("console, API", "--http", config.http),
    tcp("shippers", "--ingest", config.ingest),
    tcp("syslog TCP", "--syslog-tcp", config.syslogTcp),
    udp("syslog UDP", "--syslog-udp", config.syslogUdp),
    ...streams.flatMap(([name, flag, addresses]) => addresses.map((address) => tcp(name, flag, address))),
    ...gelfUdp.map((address) => udp("GELF UDP", "--gelf-udp", address)),
  ]);
}

function tcp(name: string, flag: string, address: Address): Promise<Check> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error) => resolve(taken(name, flag, address, error)));
    server.listen(address.port, address.host, () => server.close(() => resolve(free(name, address))));
  });
}

function udp(name: string, flag: string, address: Address): Promise<Check> {
  return new Promise((resolve) => {
    const socket = createSocket(address.host.includes(":") ? "udp6" : "udp4");
    socket.once("error", (error) => resolve(taken(name, flag, address, error)));
    socket.bind(address.port, address.host, () => socket.close(() => resolve(free(name, address))));
  });
}

const free = (name: string, address: Address): Check => ({
  name,
  status: "ok",
  detail: `${formatAddress(address)} is free`,
});

function taken(name: string, flag: string, address: Address, error: Error): Check {
  const detail = `${formatAddress(address)}: ${error.message}`;
  return { name, status: "error", detail, fix: `Stop what uses it, or name another with ${flag}.` };
}
