/** Against a real nats-server with JetStream; skipped by name where none is installed. */
import { spawn, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ConnectionSettings } from "@tyto/domain";
import { until } from "../testing/context.ts";
import { PullHarness } from "../testing/pulling.ts";
import { natsKind } from "./nats-kind.ts";

const HAS_SERVER = spawnSync("nats-server", ["--version"]).status === 0;

describe.skipIf(!HAS_SERVER)("nats (needs nats-server)", () => {
  let server: ChildProcess;
  let directory: string;
  let address = "";

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "tyto-nats-"));
    server = spawn(
      "nats-server",
      ["-a", "127.0.0.1", "-p", "-1", "-js", "-sd", directory, "--user", "u", "--pass", "p"],
      {
        stdio: ["ignore", "ignore", "pipe"],
      },
    );
    let said = "";
    server.stderr?.on("data", (chunk: Buffer) => (said += chunk.toString()));
    await until(() => {
      address = /client connections on (127\.0\.0\.1:\d+)/.exec(said)?.[1] ?? "";
      return address !== "" && said.includes("Server is ready");
    }, "the server to start");
  });

  afterAll(async () => {
    server.kill();
    await rm(directory, { recursive: true, force: true });
  });

  const settingsFor = (stream: string): ConnectionSettings<"nats"> => ({
    servers: [address],
    stream,
    durable: "tyto",
    tls: false,
    username: "u",
    allowPrivateAddresses: true,
  });
  const SECRET = { password: "p" };

  const publish = async (stream: string, texts: readonly string[], isNew = true): Promise<void> => {
    const connection = await connect({ servers: address, user: "u", pass: "p" });
    const manager = await jetstreamManager(connection);
    if (isNew) await manager.streams.add({ name: stream, subjects: [`${stream}.>`] });
    const client = jetstream(connection);
    for (const text of texts) await client.publish(`${stream}.log`, text);
    await connection.close();
  };

  const numbered = (from: number, to: number): string[] =>
    Array.from({ length: to - from }, (_, n) => `line ${from + n}`);

  it("reads a stream once, over restarts", async () => {
    const harness = new PullHarness();
    await publish("ONE", numbered(0, 200));
    for (const to of [200, 250]) {
      if (to > 200) await publish("ONE", numbered(200, to), false);
      const stopping = new AbortController();
      const done = natsKind.run(harness.context(settingsFor("ONE"), SECRET, stopping.signal));
      await until(() => harness.texts.length >= to && harness.commits.length > 0, `${to} messages`);
      stopping.abort();
      await done;
    }
    expect(harness.texts).toEqual(numbered(0, 250));
    expect(harness.events[0]?.ordinal).toBe(1);
  }, 60_000);

  it("gets again what was not acknowledged, under the same ids", async () => {
    const harness = new PullHarness();
    await publish("TWO", numbered(0, 20));
    harness.gate = (what) => {
      if (what === "commit") throw new Error("killed");
    };
    const first = new AbortController();
    await expect(natsKind.run(harness.context(settingsFor("TWO"), SECRET, first.signal))).rejects.toThrow(
      "killed",
    );
    harness.gate = () => undefined;
    // The server hands them out again when they were not acknowledged in time: asked for at once, to spare the wait.
    const connection = await connect({ servers: address, user: "u", pass: "p" });
    const manager = await jetstreamManager(connection);
    await manager.consumers.update("TWO", "tyto", { ack_wait: 1_000_000_000 });
    await connection.close();
    const second = new AbortController();
    const done = natsKind.run(harness.context(settingsFor("TWO"), SECRET, second.signal));
    await publish("TWO", numbered(20, 21), false);
    await until(() => harness.texts.length === 21 && harness.delivered.length > 21, "the redelivery");
    second.abort();
    await done;
    expect([...harness.texts].sort()).toEqual([...numbered(0, 21)].sort());
  }, 90_000);

  it("says what is wrong: password, stream, TLS, address", async () => {
    const signal = new AbortController().signal;
    const { world } = new PullHarness();
    await publish("THREE", ["x"]);
    const settings = settingsFor("THREE");
    const test = (changes: Partial<ConnectionSettings<"nats">>, secret = SECRET): Promise<unknown> =>
      natsKind.test({ settings: { ...settings, ...changes }, secret, world, signal });
    expect(await test({})).toMatchObject([{ ok: true }, { message: "the stream holds 1 messages" }]);
    await expect(test({}, { password: "wrong" })).rejects.toMatchObject({ kind: "credentials" });
    await expect(test({ stream: "NONE" })).rejects.toMatchObject({ kind: "settings" });
    await expect(test({ tls: true })).rejects.toMatchObject({ kind: "refused" });
    await expect(test({ allowPrivateAddresses: false })).rejects.toMatchObject({ kind: "refused" });
    await expect(test({ servers: ["127.0.0.1:1"] })).rejects.toMatchObject({ kind: "unreachable" });
  }, 60_000);
});
