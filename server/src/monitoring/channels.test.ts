import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { micros } from "@tyto/domain";
import { SMTPServer } from "smtp-server";
import { afterEach, describe, expect, it } from "vitest";
import type { AlarmChange } from "./alarm.ts";
import { emailChannel, Outbox, webhookChannel } from "./channels.ts";

const CHANGE: AlarmChange = {
  kind: "disk-low",
  state: "raised",
  message: "2 GiB of\r\n100 GiB are free",
  hint: "Make room.",
  since: micros(1_800_000_000_000_000),
  at: micros(1_800_000_060_000_000),
};

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function hook(status: number, headers: Record<string, string> = {}) {
  const bodies: unknown[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      bodies.push(JSON.parse(body));
      response.writeHead(status, headers).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanups.push(() => new Promise((resolve) => server.close(resolve)));
  return { bodies, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` };
}

async function mailServer() {
  const mails: string[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    onData(stream, _session, done) {
      let text = "";
      stream.on("data", (chunk: Buffer) => (text += chunk.toString()));
      stream.on("end", () => {
        mails.push(text);
        done();
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanups.push(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return { mails, smtp: `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}` };
}

describe("the ways out for alarms", () => {
  it("posts one as JSON", async () => {
    const { bodies, url } = await hook(204);
    await webhookChannel(url, "siem01").send(CHANGE);
    expect(bodies).toEqual([
      {
        kind: "disk-low",
        state: "raised",
        message: CHANGE.message,
        hint: "Make room.",
        since: "2027-01-15T08:00:00.000Z",
        at: "2027-01-15T08:01:00.000Z",
        host: "siem01",
      },
    ]);
  });

  it.each([500, 404, 302])("fails on %i, redirections included", async (status) => {
    const { url } = await hook(status, { location: "http://192.0.2.1/" });
    await expect(webhookChannel(url, "siem01").send(CHANGE)).rejects.toThrow();
  });

  it("mails one, its subject in one line", async () => {
    const { mails, smtp } = await mailServer();
    const channel = emailChannel({ smtp, to: "ops@example.com", from: "tyto@example.com", host: "siem01" });
    await channel.send(CHANGE);
    await channel.send({ ...CHANGE, state: "cleared" });
    expect(mails[0]).toContain("To: ops@example.com");
    expect(mails[0]).toContain("Subject: [Tyto siem01] 2 GiB of 100 GiB are free");
    expect(mails[0]).toContain("Make room.");
    expect(mails[1]).toContain("Subject: [Tyto siem01] Over: 2 GiB of 100 GiB are free");
  });

  it("keeps their order, tries again, and lets no channel wait for another", async () => {
    const heard: string[] = [];
    const failures: string[] = [];
    let refusals = 2;
    const outbox = new Outbox({
      channels: [
        {
          name: "webhook",
          send: ({ message }) => {
            if (refusals-- > 0) return Promise.reject(new Error("away"));
            heard.push(`webhook ${message}`);
            return Promise.resolve();
          },
        },
        { name: "email", send: ({ message }) => Promise.resolve(void heard.push(`email ${message}`)) },
      ],
      sleep: () => Promise.resolve(),
      onFailed: (channel, _error, willRetry) => failures.push(`${channel} ${String(willRetry)}`),
    });
    outbox.send({ ...CHANGE, message: "one" });
    outbox.send({ ...CHANGE, message: "two" });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(heard.filter((text) => text.startsWith("webhook"))).toEqual(["webhook one", "webhook two"]);
    expect(heard.filter((text) => text.startsWith("email"))).toEqual(["email one", "email two"]);
    expect(failures).toEqual(["webhook true", "webhook true"]);
    await outbox.stop();
  });
});
