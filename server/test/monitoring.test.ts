/** Tyto about itself, in a whole server: its canary becomes an alert, an alarm becomes an event, an alert and a message to the outside. */
import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { AlarmList, AlertSummary } from "@tyto/domain";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ADMIN_TOKEN, ServerProcess } from "./harness/server-process.ts";
import { until } from "./harness/wait.ts";

let server: ServerProcess;
let hook: Server;
const posted: { readonly kind: string; readonly state: string; readonly message: string }[] = [];

beforeAll(async () => {
  hook = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      posted.push(JSON.parse(body) as (typeof posted)[number]);
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => hook.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(hook.address() as AddressInfo).port}/`;
  server = await ServerProcess.start("--alarm-webhook", url, "--canary-minutes", "0");
}, 120_000);
afterAll(async () => {
  await server.stop();
  hook.close();
});

const alarms = (): Promise<AlarmList> => server.get<AlarmList>("/api/v1/alarms");
const alertsOf = async (title: string): Promise<readonly AlertSummary[]> =>
  (await server.get<{ readonly items: readonly AlertSummary[] }>("/api/v1/alerts")).items.filter(
    (alert) => alert.title === title,
  );

describe("Tyto about itself", () => {
  it("sends a canary through input, pack and rule, and acknowledges its alert", async () => {
    expect((await alarms()).canary).toEqual({ state: "never-sent", sentAt: null, tookMs: null });
    expect((await server.post<AlarmList>("/api/v1/canary", {})).canary.state).toBe("under-way");
    await until("the canary", async () => (await alarms()).canary.state === "arrived", { timeoutMs: 90_000 });
    expect(await alertsOf("Canary of Tyto")).toMatchObject([{ status: "acknowledged", severity: "low" }]);
  }, 120_000);

  it("raises an alarm when records go to quarantine: in the list, as an alert, and outside", async () => {
    // More values than an event may have.
    const record = JSON.stringify(Object.fromEntries(Array.from({ length: 10_100 }, (_, i) => [`k${i}`, i])));
    const body = Array.from({ length: 120 }, () => record).join("\n");
    const sent = await fetch(`http://${server.addresses.http}/api/v1/ingest?source=generic-json`, {
      method: "POST",
      headers: { authorization: `Bearer ${ADMIN_TOKEN}`, "content-type": "application/x-ndjson" },
      body,
    });
    expect(sent.status).toBe(200);
    await until("the alarm", async () => (await alarms()).items.length > 0, { timeoutMs: 90_000 });
    expect((await alarms()).items).toMatchObject([{ kind: "quarantine-grows", subject: null }]);
    await until("the webhook", () => Promise.resolve(posted.length > 0), { timeoutMs: 30_000 });
    expect(posted[0]).toMatchObject({ kind: "quarantine-grows", state: "raised" });
    await until("the alert", async () => (await alertsOf("Tyto itself is in trouble")).length === 1, {
      timeoutMs: 60_000,
    });
  }, 200_000);

  it("gives its metrics to who has a token", async () => {
    const url = `http://${server.addresses.http}/metrics`;
    expect((await fetch(url)).status).toBe(401);
    const response = await fetch(url, { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } });
    expect(response.headers.get("content-type")).toContain("text/plain");
    const text = await response.text();
    expect(text).toMatch(/^tyto_records_received_total\{source="canary",source_id="[0-9a-f]{16}"\} 1$/m);
    expect(text).toContain("tyto_engine_up 1");
  });
});
