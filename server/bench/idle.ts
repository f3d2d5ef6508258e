/**
 * What Tyto costs when nobody does anything: from start to a served login page (already built), and the memory of all its processes
 * together (proportional set size) after the demo, one query and five idle minutes.
 *
 *     npm run bench -- idle [minutes]
 */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { machine, processTree } from "./process-cost.ts";

const LAUNCHER = resolve(import.meta.dirname, "../../server/bin/tyto.cjs");
const MEBIBYTE = 1024 * 1024;
const minutes = Number(process.argv[2] ?? "5");
const token = `tyto_${randomBytes(24).toString("hex")}`;
const directory = await mkdtemp(join(tmpdir(), "tyto-idle-"));
const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

async function start(...more: readonly string[]) {
  const any = "127.0.0.1:0";
  const ports = ["--http", any, "--ingest", any, "--syslog-udp", any, "--syslog-tcp", any];
  await rm(join(directory, "addresses.json"), { force: true });
  const startedMs = performance.now();
  const child = spawn(process.execPath, [LAUNCHER, "serve", "--data", directory, ...ports, ...more], {
    stdio: "ignore",
    env: { ...process.env, TYTO_ADMIN_TOKEN: token },
  });
  for (;;) {
    const url = await loginPage();
    if (url !== undefined) return { child, url, seconds: (performance.now() - startedMs) / 1_000 };
    if (child.exitCode !== null) throw new Error("the server ended");
    await pause(50);
  }
}

async function loginPage(): Promise<string | undefined> {
  try {
    const { http } = JSON.parse(await readFile(join(directory, "addresses.json"), "utf8")) as {
      readonly http: string;
    };
    const page = await fetch(`http://${http}/login`);
    return page.ok && (await page.text()).includes("<script") ? `http://${http}` : undefined;
  } catch {
    return undefined;
  }
}

const first = await start("--demo");
const api = async (path: string, body?: object): Promise<unknown> => {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const init = body === undefined ? { headers } : { method: "POST", headers, body: JSON.stringify(body) };
  return (await fetch(first.url + path, init)).json();
};
const demoStartedMs = performance.now();
for (;;) {
  const overview = (await api("/api/v1/overview")) as { demo: { isDone: boolean } | null; queued: number };
  if (overview.demo?.isDone === true && overview.queued === 0) break;
  await pause(500);
}
const demoSeconds = (performance.now() - demoStartedMs) / 1_000;
await api("/api/v1/search", {
  kql: "Events | summarize n = count() by source.ip | top 10 by n",
  from: "-2d",
});
process.stderr.write(`the demo took ${demoSeconds.toFixed(0)} s; idle for ${minutes} minutes now\n`);
await pause(minutes * 60_000);
const tree = processTree(first.child.pid ?? 0);
first.child.kill("SIGTERM");
await new Promise((done) => first.child.once("exit", done));
const second = await start();
second.child.kill("SIGTERM");
await new Promise((done) => second.child.once("exit", done));
await rm(directory, { recursive: true, force: true });

const figures = {
  machine: machine(),
  startSeconds: Number(second.seconds.toFixed(1)),
  demoSeconds: Math.round(demoSeconds),
  idleMegabytes: Math.round(tree.reduce((sum, cost) => sum + cost.pssBytes, 0) / MEBIBYTE),
  processes: tree.map(
    (cost) =>
      `${Math.round(cost.pssBytes / MEBIBYTE)} MB  ${cost.command.replace(/\S*\//g, "").slice(0, 60)}`,
  ),
};
process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`);
