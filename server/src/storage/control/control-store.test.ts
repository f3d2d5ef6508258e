import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { LANES, sequence, sourceId } from "@tyto/domain";
import type { Sequence, TokenId, UserId } from "@tyto/domain";
import { describe, expect, test } from "vitest";
import { temporaryDirectory } from "../journal/journal.fixture.ts";
import { CAN_MOUNT, smallDisk } from "../journal/small-disk.fixture.ts";
import type { LedgerEntry, SessionRecord, TokenRecord, UserRecord } from "../ports.ts";
import { alertOf, at, commitOf, openTestStore, stepOf } from "./control.fixture.ts";

const SOURCE = sourceId("00000000000000aa");
const OTHER = sourceId("00000000000000bb");

function entryOf(changes: Partial<LedgerEntry> = {}): LedgerEntry {
  return {
    source: SOURCE,
    hour: at(0),
    received: 0,
    stored: 0,
    unknown: 0,
    filtered: {},
    quarantined: {},
    packs: {},
    lastEventAt: null,
    ...changes,
  };
}

describe("opening", () => {
  test("keeps everything over a restart", async () => {
    const path = join(await temporaryDirectory(), "control.db");
    const first = await openTestStore(path);
    await first.settings.set("theme", "dark");
    await first.commit(commitOf(7, { alerts: [alertOf("a1")] }));
    await first.close();
    const second = await openTestStore(path);
    // All of it is in the one file: that is what a person would copy.
    await expect(stat(`${path}-wal`)).resolves.toMatchObject({ size: 0 });
    expect(await second.settings.get("theme")).toBe("dark");
    expect(await second.checkpoint()).toBe(7);
    expect(await second.alerts.byId(alertOf("a1").id)).toEqual(alertOf("a1"));
  });

  test("lets nobody else read the file", async () => {
    const path = join(await temporaryDirectory(), "control.db");
    await openTestStore(path);
    for (const file of [path, `${path}-wal`]) expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  test.each([
    ["is no database", (whole: Buffer) => Buffer.alloc(whole.length, "x")],
    ["has a damaged page", (whole: Buffer) => Buffer.from(whole).fill(0xff, 100, 8192)],
  ])("says clearly that a file %s", async (_, damage) => {
    const path = join(await temporaryDirectory(), "control.db");
    await (await openTestStore(path)).close();
    await writeFile(path, damage(await readFile(path)));
    await expect(openTestStore(path)).rejects.toMatchObject({
      code: "store-failed",
      message: expect.stringContaining("damaged") as string,
    });
  });

  test("says clearly that a place cannot be used", async () => {
    const directory = await temporaryDirectory();
    await mkdir(join(directory, "taken"));
    for (const path of [join(directory, "missing", "control.db"), join(directory, "taken")]) {
      await expect(openTestStore(path)).rejects.toMatchObject({ code: "data-directory-unusable" });
    }
  });

  test("leaves a database of a newer version alone", async () => {
    const path = join(await temporaryDirectory(), "control.db");
    await (await openTestStore(path)).close();
    const { default: Database } = await import("libsql");
    const database = new Database(path);
    database.exec("insert into kysely_migration values ('9999-future', '2099-01-01')");
    database.close();
    await expect(openTestStore(path)).rejects.toMatchObject({
      code: "store-failed",
      message: expect.stringContaining("newer Tyto") as string,
    });
  });

  test("fails in our words once it is closed", async () => {
    const store = await openTestStore();
    await store.close();
    await expect(store.checkpoint()).rejects.toThrow();
  });
});

describe("sources and settings", () => {
  test("a source is registered once, and listed by first sight", async () => {
    const store = await openTestStore();
    const source = {
      id: SOURCE,
      input: "http",
      name: "web\0 1",
      discriminator: "t1",
      firstSeenAt: at(20),
    } as const;
    await store.registerSource(source);
    await store.registerSource({ ...source, name: "renamed", firstSeenAt: at(99) });
    await store.registerSource({ ...source, id: OTHER, firstSeenAt: at(10) });
    expect(await store.sources()).toEqual([{ ...source, id: OTHER, firstSeenAt: 10 }, source]);
  });

  test("a setting is what was set last, or nothing", async () => {
    const store = await openTestStore();
    expect(await store.settings.get("k")).toBeUndefined();
    await store.settings.set("k", "1");
    await store.settings.set("k", "");
    expect(await store.settings.get("k")).toBe("");
  });
});

describe("commit", () => {
  test("starts at sequence 0 with empty books", async () => {
    const store = await openTestStore();
    expect(await store.checkpoint()).toBe(0);
    expect(await store.accounts()).toEqual([]);
    expect(await store.detectionState()).toEqual([]);
  });

  test("adds to the books of each source", async () => {
    const store = await openTestStore();
    await store.registerSource({
      id: OTHER,
      input: "file",
      name: "f",
      discriminator: "f",
      firstSeenAt: at(1),
    });
    await store.commit(
      commitOf(10, {
        ledger: [
          entryOf({
            received: 6,
            stored: 3,
            unknown: 1,
            filtered: { duplicate: 2 },
            quarantined: { oversize: 1 },
          }),
          entryOf({ received: 1, stored: 1, packs: { "cisco-asa": 1 }, lastEventAt: at(50) }),
        ],
      }),
    );
    const packs = { b: 9, c: 8, d: 7, e: 6, "cisco-asa": 9, last: 1 };
    await store.commit(
      commitOf(50, {
        ledger: [
          entryOf({
            received: 40,
            stored: 38,
            filtered: { duplicate: 1, "pack-dropped": 1 },
            packs,
            lastEventAt: at(40),
          }),
        ],
      }),
    );
    const empty = {
      stored: 0,
      unknown: 0,
      filtered: 0,
      quarantined: 0,
      queued: 0,
      filteredBy: {},
      quarantinedBy: {},
    };
    expect(await store.accounts()).toEqual([
      {
        source: SOURCE,
        received: 47,
        stored: 42,
        unknown: 1,
        filtered: 4,
        quarantined: 1,
        queued: 0,
        lastEventAt: 50,
        filteredBy: { duplicate: 3, "pack-dropped": 1 },
        quarantinedBy: { oversize: 1 },
        packs: ["cisco-asa", "b", "c", "d", "e"],
      },
      { ...empty, source: OTHER, received: 0, lastEventAt: null, packs: [] },
    ]);
  });

  test("the newest event's time stays when a later batch has none, or older ones", async () => {
    const store = await openTestStore();
    const times = [null, 50, null, 40, 60, null];
    for (const [index, time] of times.entries()) {
      const lastEventAt = time === null ? null : at(time);
      await store.commit(commitOf(index + 1, { ledger: [entryOf({ received: 1, stored: 1, lastEventAt })] }));
    }
    expect((await store.accounts())[0]?.lastEventAt).toBe(60);
  });

  test("keeps detection's state, the last change of a key counting", async () => {
    const store = await openTestStore();
    const many = Array.from({ length: 1200 }, (_, index) => ({
      kind: "put" as const,
      key: `many/${String(index).padStart(4, "0")}`,
      value: `${index}`,
    }));
    await store.commit(
      commitOf(1, {
        state: [
          ...many,
          { kind: "put", key: "a\0b", value: "first" },
          { kind: "delete", key: "a\0b" },
          { kind: "put", key: "a\0b", value: '{"odd": "\ud800"}' },
          { kind: "put", key: "gone", value: "x" },
        ],
      }),
    );
    await store.commit(
      commitOf(2, {
        state: [
          { kind: "delete", key: "gone" },
          ...many.map(({ key }) => ({ kind: "delete" as const, key })),
        ],
      }),
    );
    expect(await store.detectionState()).toEqual([{ key: "a\0b", value: '{"odd": "\ud800"}' }]);
  });

  test("is all or nothing, wherever it fails", async () => {
    const store = await openTestStore();
    await store.commit(
      commitOf(1, { alerts: [alertOf("kept")], state: [{ kind: "put", key: "k", value: "1" }] }),
    );
    const before = {
      accounts: await store.accounts(),
      kept: await store.alerts.byId(alertOf("kept").id),
    };
    const failures = [
      { ledger: [entryOf({ received: Number.NaN })] },
      { state: [{ kind: "put" as const, key: "k2", value: undefined as unknown as string }] },
      { alerts: [alertOf("new"), alertOf("bad", { count: 1.5 })] },
      { alerts: [alertOf("new"), alertOf("bad", { transitions: [stepOf(1), stepOf(1)] })] },
    ];
    for (const failure of failures) {
      const commit = commitOf(5, {
        ledger: [entryOf({ received: 3, stored: 3 })],
        state: [{ kind: "put", key: "k", value: "2" }],
        alerts: [alertOf("kept", { title: "changed" })],
        ...failure,
      });
      await expect(store.commit(commit)).rejects.toMatchObject({ code: "store-failed" });
      expect(await store.checkpoint()).toBe(1);
      expect(await store.accounts()).toEqual(before.accounts);
      expect(await store.detectionState()).toEqual([{ key: "k", value: "1" }]);
      expect(await store.alerts.byId(alertOf("kept").id)).toEqual(before.kept);
      expect(await store.alerts.byId(alertOf("new").id)).toBeUndefined();
    }
    await store.commit(commitOf(5, { ledger: [entryOf({ received: 3, stored: 3 })] }));
    expect((await store.accounts())[0]?.received).toBe(3);
  });

  test("books nothing twice: a repeated or older commit is refused", async () => {
    const store = await openTestStore();
    const ledger = [entryOf({ received: 1, stored: 1 })];
    await store.commit(commitOf(5, { ledger }));
    await expect(store.commit(commitOf(5, { ledger }))).rejects.toMatchObject({ code: "conflict" });
    await expect(store.commit(commitOf(4))).rejects.toMatchObject({ code: "conflict" });
    await store.commit(commitOf(5, { state: [{ kind: "put", key: "tick", value: "1" }] }));
    expect((await store.accounts())[0]?.received).toBe(1);
  });

  test("keeps how far each lane is; the checkpoint is that of the last one, and none goes back", async () => {
    const store = await openTestStore();
    const lanes = (own: Readonly<Record<number, number>>, others: number): Sequence[] =>
      LANES.map((lane) => sequence(own[lane] ?? others));
    expect(await store.laneCheckpoints()).toEqual(lanes({}, 0));
    await store.commit(commitOf(5));
    expect(await store.laneCheckpoints()).toEqual(lanes({}, 5));
    const ledger = [entryOf({ received: 1, stored: 1 })];
    await store.commit({ ...commitOf(5, { ledger }), lanes: lanes({ 8: 5 }, 40) });
    expect(await store.checkpoint()).toBe(5);
    expect(await store.laneCheckpoints()).toEqual(lanes({ 8: 5 }, 40));
    for (const repeated of [lanes({ 8: 5 }, 40), lanes({ 8: 30 }, 39)]) {
      const commit = { ...commitOf(5, { ledger }), lanes: repeated };
      await expect(store.commit(commit)).rejects.toMatchObject({ code: "conflict" });
    }
    await store.commit({ ...commitOf(30, { ledger }), lanes: lanes({ 8: 30 }, 40) });
    await store.commit({ ...commitOf(40), lanes: lanes({}, 40) });
    expect([await store.checkpoint(), await store.laneCheckpoints()]).toEqual([40, lanes({}, 40)]);
    expect((await store.accounts())[0]?.received).toBe(2);
  });

  test("commits at once take turns", async () => {
    const store = await openTestStore();
    const commits = Array.from({ length: 30 }, (_, index) =>
      store.commit(commitOf(index + 1, { ledger: [entryOf({ received: 1, stored: 1 })] })),
    );
    const reads = Array.from({ length: 30 }, () => store.accounts());
    await Promise.all([...commits, ...reads]);
    expect((await store.accounts())[0]?.received).toBe(30);
  });
});

test("a copy is whole while the store is being written, and is for its owner alone", async () => {
  const store = await openTestStore();
  await store.commit(commitOf(3, { alerts: [alertOf("a1")] }));
  const path = join(await temporaryDirectory(), "it's a copy.db");
  await Promise.all([store.copyTo(path), store.settings.set("k", "during")]);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  const copy = await openTestStore(path);
  expect(await copy.checkpoint()).toBe(3);
  expect(await copy.alerts.byId(alertOf("a1").id)).toEqual(alertOf("a1"));
  await expect(store.copyTo(path)).rejects.toMatchObject({ code: "store-failed" });
});

describe.skipIf(!CAN_MOUNT)("on a full disk (needs the right to mount a tmpfs)", () => {
  test("fails with disk-full, loses nothing, and goes on when there is space", async () => {
    const disk = smallDisk();
    await writeFile(join(disk, "ballast"), Buffer.alloc(700_000));
    const store = await openTestStore(join(disk, "control.db"));
    const value = "x".repeat(50_000);
    let done = 0;
    const fill = async (): Promise<void> => {
      for (;;) {
        await store.commit(commitOf(done + 1, { state: [{ kind: "put", key: `${done + 1}`, value }] }));
        done += 1;
      }
    };
    await expect(fill()).rejects.toMatchObject({ code: "disk-full", isRetryable: true });
    expect(await store.checkpoint()).toBe(done);
    expect(await store.detectionState()).toHaveLength(done);
    await writeFile(join(disk, "ballast"), "");
    await store.commit(commitOf(done + 1));
    await store.close();
    expect(await (await openTestStore(join(disk, "control.db"))).checkpoint()).toBe(done + 1);
  });
});

describe("access", () => {
  const user = (id: string): UserRecord => ({
    id: id as UserId,
    username: `name of ${id}`,
    passwordHash: "$argon2id$…",
    role: "admin",
    isEnabled: true,
    createdBy: "tyto",
    lastLoginAt: null,
    createdAt: at(5),
  });
  const session = (hash: string, expiresAt: number): SessionRecord => ({
    hash,
    userId: "u1" as UserId,
    csrf: "c",
    createdAt: at(1),
    lastUsedAt: at(2),
    expiresAt: at(expiresAt),
    confirmedAt: at(1),
    from: "192.0.2.7",
    agent: "a browser",
  });
  const token = (id: string): TokenRecord => ({
    id: id as TokenId,
    name: "shipper",
    scope: "ingest",
    prefix: "tyto_ab",
    hash: `hash of ${id}`,
    createdAt: at(1),
    createdBy: "alice",
    expiresAt: null,
    lastUsedAt: null,
    lastUsedFrom: null,
    isEnabled: true,
    terms: { source: "door", pack: null, inputs: ["hec"], recordsPerSecond: 5, bytesPerSecond: null },
    previous: { hash: `old hash of ${id}`, until: at(9) },
  });

  test("the first account is made once, also under a race", async () => {
    const { access } = await openTestStore();
    expect(await access.userCount()).toBe(0);
    const results = await Promise.allSettled(
      ["u1", "u2", "u3"].map((id) => access.createFirstUser(user(id))),
    );
    expect(results.map((result) => result.status)).toEqual(["fulfilled", "rejected", "rejected"]);
    expect(results[1]).toMatchObject({ reason: { code: "setup-done" } });
    expect(await access.userCount()).toBe(1);
    expect(await access.userById("u1" as UserId)).toEqual(user("u1"));
    expect(await access.userByName("name of u1")).toEqual(user("u1"));
    expect(await access.userByName("name of u2")).toBeUndefined();
  });

  test("sessions are kept, renewed, ended and cleared away", async () => {
    const { access } = await openTestStore();
    await expect(access.saveSession(session("orphan", 9))).rejects.toMatchObject({ code: "store-failed" });
    await access.createFirstUser(user("u1"));
    for (const [hash, expiresAt] of [
      ["a", 10],
      ["b", 20],
      ["c", 30],
    ] as const) {
      await access.saveSession(session(hash, expiresAt));
    }
    await access.saveSession({ ...session("a", 50), lastUsedAt: at(40) });
    expect(await access.sessionByHash("a")).toEqual({ ...session("a", 50), lastUsedAt: 40 });
    expect(await access.deleteExpiredSessions(at(20))).toBe(1);
    await access.deleteSession("c");
    expect(await access.sessionByHash("b")).toBeUndefined();
    expect(await access.sessionByHash("c")).toBeUndefined();
    expect(await access.sessionByHash("a")).toBeDefined();
  });

  test("tokens are kept, touched and deleted", async () => {
    const { access } = await openTestStore();
    await access.saveToken(token("t1"));
    await access.saveToken({ ...token("t2"), createdAt: at(0), expiresAt: at(99) });
    await access.saveToken({ ...token("t1"), name: "renamed" });
    await access.touchToken("t1" as TokenId, at(30));
    await access.touchToken("t1" as TokenId, at(20));
    expect((await access.tokens()).map((one) => [one.id, one.name, one.lastUsedAt])).toEqual([
      ["t2", "shipper", null],
      ["t1", "renamed", 30],
    ]);
    expect(await access.tokenByHash("hash of t2")).toEqual({ ...token("t2"), createdAt: 0, expiresAt: 99 });
    expect(await access.deleteToken("t1" as TokenId)).toBe(true);
    expect(await access.deleteToken("t1" as TokenId)).toBe(false);
    expect(await access.tokenByHash("hash of t1")).toBeUndefined();
  });
});

test("sequences beyond 32 bits survive", async () => {
  const store = await openTestStore();
  await store.commit(commitOf(2 ** 52));
  expect(await store.checkpoint()).toBe(sequence(2 ** 52));
});
