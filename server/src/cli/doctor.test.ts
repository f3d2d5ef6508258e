import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import { expect, it } from "vitest";
import { readConfig } from "../config/index.ts";
import { openControlStore } from "../storage/index.ts";
import { doctorCommand } from "./doctor.ts";
import { partsCheck, upgradeChecks } from "./upgrade-checks.ts";

it("names the port that another program holds, and the flag that mends it", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tyto-doctor-"));
  // Answers every request, but not as Tyto does.
  const holder = createServer((_request, response) => response.end("hi"));
  await new Promise<void>((resolve) => holder.listen(0, "127.0.0.1", resolve));
  const { port } = holder.address() as AddressInfo;
  try {
    const free = "127.0.0.1:0";
    const outcome = readConfig({
      flags: { data: folder, http: String(port), ingest: free, syslogUdp: free, syslogTcp: free },
      environment: {},
      workingDirectory: "/",
      packDirectory: "/packs",
    });
    if (!outcome.ok) throw new Error("the test's configuration is wrong");
    let text = "";
    const stdout = new Writable({
      write(chunk: Buffer, _encoding, done) {
        text += chunk.toString();
        done();
      },
    });
    const io = { stdin: Readable.from([]), stdout, stderr: stdout };
    const status = await doctorCommand(outcome.config, { json: true, nowMs: Date.UTC(2020, 0, 1) }, io);
    const { checks } = JSON.parse(text) as {
      readonly checks: readonly { readonly name: string; readonly status: string; readonly fix?: string }[];
    };
    const wrong = checks.filter((check) => check.status === "error");
    expect(status).toBe(1);
    expect(wrong.map(({ name }) => name)).toEqual(expect.arrayContaining(["clock", "console, API"]));
    expect(wrong.find(({ name }) => name === "console, API")?.fix).toContain("--http");
    expect(checks.find(({ name }) => name === "syslog UDP")?.status).toBe("ok");
  } finally {
    holder.closeAllConnections();
    holder.close();
    rmSync(folder, { recursive: true });
  }
});

it("says what an upgrade will do, and asks for a backup of the last day before it", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tyto-doctor-"));
  try {
    const path = join(folder, "control.db");
    const control = await openControlStore({ path });
    await control.settings.set("upkeep.last-backup", "2026-11-20T00:00:00.000Z");
    await control.close();
    const [before] = await upgradeChecks(folder, Date.UTC(2026, 10, 20, 12));
    expect(before).toMatchObject({ name: "schema", status: "ok" });
    mkdirSync(join(folder, "engine"));
    writeFileSync(join(folder, "engine/schema.json"), '{"schema":0}');
    const statuses = async (nowMs: number) =>
      (await upgradeChecks(folder, nowMs)).map(({ name, status }) => `${name} ${status}`);
    expect(await statuses(Date.UTC(2026, 10, 20, 12))).toEqual(["schema warning", "upgrade ok", "backup ok"]);
    expect(await statuses(Date.UTC(2026, 10, 22))).toEqual(["schema warning", "upgrade ok", "backup error"]);
    writeFileSync(join(folder, "engine/schema.json"), '{"schema":999}');
    expect(await statuses(Date.UTC(2026, 10, 22))).toEqual(["schema error"]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it("names parts that the engine has set aside", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tyto-doctor-"));
  try {
    expect(await partsCheck(folder)).toMatchObject({ name: "parts", status: "ok" });
    const detached = join(folder, "engine/data/data/default/events/detached");
    mkdirSync(join(detached, "broken-on-start_a_1_1_0"), { recursive: true });
    const { status, detail } = await partsCheck(folder);
    expect(status).toBe("warning");
    expect(detail).toContain("set 1 aside that it could not read, such as events/broken-on-start_a_1_1_0");
  } finally {
    rmSync(folder, { recursive: true });
  }
});
