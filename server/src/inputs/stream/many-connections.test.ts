import { spawn } from "node:child_process";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { sequence, sourceId } from "@tyto/domain";
import { describe, expect, it } from "vitest";
import { relp } from "../relp/relp.ts";
import { syslogTcp } from "../syslog/tcp.ts";
import { testContext, until } from "../testing/context.ts";

/** Ten thousand with TYTO_VERIFY=1. */
const CONNECTIONS = process.env["TYTO_VERIFY"] === "1" ? 10_000 : 400;
const WAVES = 3;
const MEBIBYTE = 1024 * 1024;

/** Opens connections, writes to each, and closes all when told to end. A process of its own: both ends would share one limit of open files. */
const CLIENTS = `
const net = require("node:net");
const [port, count, text] = [Number(process.argv[1]), Number(process.argv[2]), Buffer.from(process.argv[3], "base64")];
let opened = 0;
const open = () => {
  if (opened >= count) return;
  opened += 1;
  const socket = net.connect(port, "127.0.0.1", () => { socket.write(text); open(); });
  socket.on("error", (error) => { if (error.code !== "ECONNRESET" && error.code !== "EPIPE") { console.error(error.message); process.exit(1); } });
  socket.on("data", () => {});
};
for (let i = 0; i < 50; i += 1) open();
process.stdin.resume().on("end", () => process.exit(0));
`;

async function wave(port: number, text: Uint8Array, during: () => Promise<void>): Promise<void> {
  const base64 = Buffer.from(text).toString("base64");
  const child = spawn(process.execPath, ["-e", CLIENTS, String(port), String(CONNECTIONS), base64], {
    stdio: ["pipe", "ignore", "inherit"],
  });
  const exit = new Promise<number | null>((resolve) => child.once("exit", resolve));
  try {
    await during();
  } finally {
    child.stdin.end();
  }
  expect(await exit).toBe(0);
}

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** What is really held: what only waits to be collected says nothing. */
function heldMebibytes(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / MEBIBYTE;
}

const rssMebibytes = (): number => process.memoryUsage().rss / MEBIBYTE;

describe(`${CONNECTIONS} connections at once`, { timeout: 300_000 }, () => {
  it.each([
    ["syslog, each in the middle of a frame", "syslog", `<13>one line\n2000 ${"x".repeat(1_000)}`],
    [
      "RELP, each in the middle of a frame",
      "relp",
      `1 open 0\n2 syslog 12 <13>one line\n3 syslog 2000 ${"x".repeat(1_000)}`,
    ],
  ] as const)("are all served, and leave nothing behind: %s", async (_what, protocol, text) => {
    const context = testContext();
    let records = 0;
    // Sink and sources of other tests keep all that they are handed.
    context.sources.resolve = () => sourceId("0123456789abcdef");
    context.sink.append = (batch) => {
      records += batch.records.length;
      return Promise.resolve({ first: sequence(1), count: batch.records.length });
    };
    const options = { host: "127.0.0.1", port: 0, maxConnections: 20_000, maxPerPeer: 20_000 };
    const input = protocol === "syslog" ? syslogTcp(options, context) : relp(options, context);
    const port = Number((await input.start()).address.split(":")[1]);
    const before = heldMebibytes();
    const peaks: number[] = [];
    for (let n = 1; n <= WAVES; n += 1) {
      const whole = n * CONNECTIONS + (protocol === "syslog" ? (n - 1) * CONNECTIONS : 0);
      await wave(port, Buffer.from(text), async () => {
        await until(() => records === whole, `the lines of wave ${n}`, 60_000);
        peaks.push(heldMebibytes());
      });
      // What the end of a connection cut is a record of syslog, and RELP's sender's to keep.
      const settled = protocol === "syslog" ? 2 * n * CONNECTIONS : whole;
      await until(() => records === settled, `the end of wave ${n}`, 60_000);
    }
    await input.stop();
    const counts = input.counts();
    expect(counts).toMatchObject({ connections_opened: WAVES * CONNECTIONS, connections_refused: 0 });
    expect(counts.records_accepted).toBe(records);
    const after = heldMebibytes();
    const figures = [before, ...peaks, after].map((figure) => figure.toFixed(0)).join(", ");
    console.log(
      `${CONNECTIONS} × ${protocol}: held ${figures} MB before, in each wave, after; ${rssMebibytes().toFixed(0)} MB resident`,
    );
    const [first = 0] = peaks;
    // Flat: later waves take no more than the first, nothing stays, and a connection costs some kilobytes beside what it holds.
    expect(Math.max(...peaks)).toBeLessThan(first * 1.15 + 10);
    expect(after - before).toBeLessThan(CONNECTIONS / 1_000 + 10);
    expect(first - before).toBeLessThan((CONNECTIONS * 16) / 1024 + 10);
  });

  it("are held to their share of memory when each sends a large half of a frame", async () => {
    const context = testContext();
    const maxHeldBytes = 8 * MEBIBYTE;
    const input = relp(
      { host: "127.0.0.1", port: 0, maxConnections: 20_000, maxPerPeer: 20_000, maxHeldBytes },
      context,
    );
    const port = Number((await input.start()).address.split(":")[1]);
    const before = rssMebibytes();
    const half = Buffer.from(`1 open 0\n2 syslog 200000 ${"x".repeat(60_000)}`);
    await wave(port, half, async () => {
      const kept = Math.ceil(maxHeldBytes / 60_000);
      await until(
        () => input.counts().connections_heavy >= CONNECTIONS - kept - 2,
        "those beyond the share to be ended",
        120_000,
      );
    });
    expect(rssMebibytes() - before).toBeLessThan(200);
    await input.stop();
    expect(context.sink.texts).toEqual([]);
  });
});
