import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { micros, TytoError } from "@tyto/domain";
import type { ConnectionBody } from "@tyto/domain";
import { MemorySink, MemorySources, until } from "../testing/context.ts";
import { Connections } from "./connections.ts";
import type { ConnectionsOptions } from "./connections.ts";
import { connectionKinds } from "./kinds.ts";
import type { ConnectionStore, StoredConnection, StoredProgress } from "./ports.ts";

class MemoryStore implements ConnectionStore {
  readonly rows = new Map<string, StoredConnection>();
  readonly progresses = new Map<string, StoredProgress>();
  all(): Promise<readonly StoredConnection[]> {
    return Promise.resolve([...this.rows.values()]);
  }
  save(connection: StoredConnection): Promise<void> {
    this.rows.set(connection.id, connection);
    return Promise.resolve();
  }
  delete(id: string): Promise<boolean> {
    this.progresses.delete(id);
    return Promise.resolve(this.rows.delete(id));
  }
  progress(id: string): Promise<StoredProgress> {
    const none = { cursor: null, records: 0, bytes: 0, skipped: 0, problems: [], lastRecordAt: null };
    return Promise.resolve(this.progresses.get(id) ?? none);
  }
  saveProgress(id: string, progress: StoredProgress): Promise<void> {
    this.progresses.set(id, progress);
    return Promise.resolve();
  }
}

const CANARY = "canary-5up3r-s3cr3t";
let directory: string;
let log: string;
let store: MemoryStore;
let sink: MemorySink;
let said: string[];
let connections: Connections | undefined;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "tyto-connections-"));
  log = join(directory, "app.log");
  store = new MemoryStore();
  sink = new MemorySink();
  said = [];
  connections = undefined;
});

afterEach(async () => {
  await connections?.stop();
  rmSync(directory, { recursive: true, force: true });
});

async function open(more: Partial<ConnectionsOptions["world"]> = {}): Promise<Connections> {
  let ids = store.rows.size;
  const say = (message: string, fields?: object): void =>
    void said.push(`${message} ${JSON.stringify(fields)}`);
  connections = await Connections.open({
    kinds: connectionKinds(),
    sink,
    sources: new MemorySources(),
    store,
    secrets: {
      seal: (text) => Buffer.from(text).toString("hex"),
      open: (envelope) => Buffer.from(envelope, "hex").toString(),
    },
    newId: () => `c${(ids += 1)}`,
    knownPack: (name) => name === "generic-json",
    world: {
      now: () => micros(Date.now() * 1_000),
      sleep: (milliseconds, signal) =>
        new Promise((resolve) => {
          const timer = setTimeout(resolve, Math.min(milliseconds, 200));
          signal.addEventListener("abort", () => {
            clearTimeout(timer);
            resolve();
          });
        }),
      random: () => 0,
      log: { info: say, warn: say, error: say },
      allowsCommands: false,
      dataDirectory: join(directory, "data"),
      path: "/usr/bin",
      ...more,
    },
  });
  return connections;
}

const tail = (more: Partial<ConnectionBody> = {}): ConnectionBody => ({
  kind: "file",
  name: "logs",
  settings: { paths: [log], from: "beginning", scanEveryMs: 20 },
  ...more,
});

describe("a connection", () => {
  it("runs at once, is paused, changed and resumed without a restart, and goes on where it left off", async () => {
    writeFileSync(log, "one\n");
    const all = await open();
    const { connection } = await all.create(tail({ pack: "generic-json" }), "ana");
    await until(() => sink.texts.length === 1, "the first line");
    expect(sink.batches[0]).toMatchObject({
      pack: "generic-json",
      identity: { kind: "object", ordinals: [0] },
    });
    expect((await all.update(connection.id, { enabled: false })).status.state).toBe("paused");
    appendFileSync(log, "two\n");
    await all.update(connection.id, { name: "renamed" });
    expect(sink.texts).toEqual(["one"]);
    await all.update(connection.id, { enabled: true });
    await until(() => sink.texts.length === 2, "the second line");
    await until(async () => (await all.get(connection.id)).progress.records === 2, "the counts");
    expect((await all.get(connection.id)).status.state).toBe("running");
    expect(sink.texts).toEqual(["one", "two"]);
  });

  it("starts again with the server, from what was committed", async () => {
    writeFileSync(log, "one\n");
    await (await open()).create(tail(), "ana");
    await until(() => store.progresses.get("c1")?.records === 1, "the first line");
    await connections?.stop();
    appendFileSync(log, "two\n");
    await open();
    await until(() => sink.texts.length === 2, "the second line");
    expect(sink.texts).toEqual(["one", "two"]);
  });

  it("pulls nothing while the journal takes nothing, says so, and loses nothing", async () => {
    let isFull = true;
    sink.gate = () => {
      if (isFull) throw new TytoError("disk-full", "full");
    };
    writeFileSync(log, "one\n");
    const all = await open();
    await all.create(tail(), "ana");
    await until(
      async () => (await all.get("c1")).status.reason === "the journal takes no records now (disk-full)",
      "the status",
    );
    isFull = false;
    await until(() => sink.texts.length === 1, "the line");
    await until(async () => (await all.get("c1")).status.state === "running", "running again");
  });

  it("fails with a reason and a next try, and is tried again", async () => {
    const all = await open();
    await all.create(
      {
        kind: "okta",
        name: "okta",
        settings: { baseUrl: "https://127.0.0.1:1" },
        secret: { apiToken: CANARY },
      },
      "ana",
    );
    await until(async () => (await all.get("c1")).status.state === "failing", "the failure");
    const { status } = await all.get("c1");
    expect(status).toMatchObject({
      reason: "127.0.0.1:1 is a private address",
      hint: expect.stringContaining("allowPrivate") as string,
    });
    expect(status.nextTryAt).toBeGreaterThan(0);
    const { checks, ok } = await all.test("c1");
    expect([ok, checks[0]?.message]).toEqual([false, "127.0.0.1:1 is a private address"]);
    expect(said.join()).not.toContain(CANARY);
  });

  it("keeps its secrets sealed and never shows them", async () => {
    const all = await open();
    const body = {
      kind: "okta",
      name: "okta",
      settings: { baseUrl: "https://127.0.0.1:1" },
      secret: { apiToken: CANARY },
    } as const;
    const made = await all.create(body, "ana");
    expect(made.connection.secretNames).toEqual(["apiToken"]);
    expect(JSON.stringify([made, await all.list(), [...store.rows.values()], said])).not.toContain(CANARY);
    await all.update("c1", { secret: { apiToken: "another" } });
    expect(Buffer.from(store.rows.get("c1")?.secret ?? "", "hex").toString()).toContain("another");
  });

  it("is removed with its secrets and its place", async () => {
    writeFileSync(log, "one\n");
    const all = await open();
    await all.create(tail(), "ana");
    await until(() => store.progresses.size === 1, "progress");
    await all.remove("c1");
    expect([store.rows.size, store.progresses.size]).toEqual([0, 0]);
    await expect(all.get("c1")).rejects.toMatchObject({ code: "not-found" });
  });
});

describe("what is refused", () => {
  it.each<readonly [string, Partial<ConnectionBody>, string]>([
    ["a missing setting", { settings: {} }, "settings"],
    ["an unknown setting", { settings: { paths: ["/x"], colour: "red" } }, "colour"],
    ["a relative path", { settings: { paths: ["app.log"] } }, "does not begin with /"],
    ["a secret that the kind does not take", { secret: { apiToken: CANARY } }, "secret"],
    ["an unknown pack", { pack: "none" }, "No pack"],
    ["a pattern that is none", { settings: { paths: ["/x"], multilineStart: "(" } }, "multilineStart"],
    [
      "a program, without --allow-commands",
      { kind: "command", settings: { program: "/bin/ls", everySeconds: 9 } },
      "--allow-commands",
    ],
    [
      "no place to look for objects",
      {
        kind: "s3",
        settings: { region: "eu-west-1", accessKeyId: "A" },
        secret: { secretAccessKey: CANARY },
      },
      "queueUrl",
    ],
    [
      "a broker without a port",
      { kind: "kafka", settings: { brokers: ["b"], group: "g", topics: [{ topic: "t" }] } },
      "HOST:PORT",
    ],
  ])("is %s", async (_, change, message) => {
    const all = await open();
    const refused = all.create(tail(change), "ana");
    await expect(refused).rejects.toThrow(message);
    await expect(refused).rejects.not.toThrow(CANARY);
    expect(store.rows.size).toBe(0);
  });

  it("is our own data directory, a name that is taken, and the past of a file", async () => {
    const all = await open();
    await expect(
      all.create(tail({ settings: { paths: [join(directory, "data", "control.db")] } }), "ana"),
    ).rejects.toThrow("own data");
    const { connection } = await all.create(tail(), "ana");
    await expect(all.create(tail(), "ana")).rejects.toMatchObject({ code: "conflict" });
    await expect(all.backfill(connection.id, 3)).rejects.toMatchObject({ code: "bad-request" });
  });
});

it("offers every kind with its schemas", async () => {
  const { items } = (await open()).kinds();
  expect(items.map(({ kind }) => kind)).toContain("microsoft-365");
  expect(items.find(({ kind }) => kind === "command")?.unavailable).toContain("--allow-commands");
  expect(items.every(({ settings, secret }) => "properties" in settings && "properties" in secret)).toBe(
    true,
  );
});
