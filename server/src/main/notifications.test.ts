/** Who is told of what, once, and what they have muted. */
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { micros } from "@tyto/domain";
import type { Alert, AlarmList, AlertAction, Export, RoleName, UserId } from "@tyto/domain";
import { LiveHub } from "../api/index.ts";
import { openControlStore } from "../storage/index.ts";
import type { ControlStore } from "../storage/index.ts";
import { Notifications } from "./notifications.ts";

const NEVER = { acknowledge: null, close: null };
let directory: string;
let control: ControlStore;
let live: LiveHub;
let notifications: Notifications;
let alarms: AlarmList["items"] = [];
let files: Export[] = [];
let clock = 1_000_000;
const now = () => micros((clock += 1_000));
const idOf = (name: string) => Buffer.from(name.padEnd(8)).toString("hex") as UserId;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "tyto-news-"));
  control = await openControlStore({ path: join(directory, "control.db") });
  for (const [username, role] of [
    ["ana", "admin"],
    ["bo", "analyst"],
    ["cy", "viewer"],
  ] as const satisfies readonly (readonly [string, RoleName])[]) {
    await control.users.create({
      ...{ id: idOf(username), username, role, passwordHash: "x", isEnabled: true },
      ...{ createdAt: now(), createdBy: "tyto", lastLoginAt: null },
    });
  }
  alarms = [];
  files = [];
  live = new LiveHub(now);
  notifications = new Notifications({
    ...{ control, live, now, randomBytes },
    policy: {
      lateBefore: () => ({ low: NEVER, medium: NEVER, high: NEVER, critical: NEVER }),
      deadlineOf: () => null,
    },
    exports: { list: () => Promise.resolve(files) },
    monitoring: {
      alarms: () => ({ items: alarms, canary: { state: "arrived", sentAt: null, tookMs: null } }),
    },
    onProblem: (error) => {
      throw error;
    },
  });
});
afterEach(async () => {
  await notifications.stop();
  await control.close();
  rmSync(directory, { recursive: true, force: true });
});

const changed = (change: AlertAction, severity: Alert["severity"] = "low", step = 2): void =>
  live.changed([
    {
      ...{ id: "a1", title: "A brute force", severity, status: "new", assignee: null },
      transitions: [{ step, at: now(), actor: "ana", change }],
    } as unknown as Alert,
  ]);
const told = async (name: string) =>
  (await notifications.of(idOf(name), { limit: 10 })).map(({ kind, title }) => `${kind}: ${title}`);

describe("people are told", () => {
  it("of alerts that others assign to them, and not of what they do themselves", async () => {
    changed({ kind: "assign", assignee: "bo" });
    changed({ kind: "assign", assignee: "ana" }, "low", 3);
    await notifications.tick();
    expect(await told("bo")).toEqual(["assigned: ana assigned you: A brute force"]);
    expect(await told("ana")).toEqual([]);
  });

  it("of notes that name them", async () => {
    changed({ kind: "note", text: "ask @bo, and mail ana@cy, (@cy." });
    await notifications.tick();
    expect(await told("bo")).toEqual(["mention: ana mentioned you: A brute force"]);
    expect(await told("cy")).toEqual(["mention: ana mentioned you: A brute force"]);
  });

  it("of critical alerts and of alarms when their role works on these, once", async () => {
    alarms = [
      {
        kind: "engine-down",
        subject: null,
        message: "The engine is down",
        hint: "",
        since: "2026-01-01T00:00:00Z",
      },
    ];
    for (const step of [2, 3]) {
      changed({ kind: "tag", add: [], remove: [] }, "critical", step);
      await notifications.tick();
    }
    expect((await told("bo")).sort()).toEqual([
      "alarm: The engine is down",
      "critical: Critical alert: A brute force",
    ]);
    expect(await told("cy")).toEqual([]);
  });

  it("of their exports that ended", async () => {
    const file = { id: "e1", state: "done", rows: 7, createdBy: "bo", createdAt: "2026-01-01T00:00:00Z" };
    files = [file as unknown as Export];
    await notifications.tick();
    expect(await told("bo")).toEqual(["export: Your export is ready: 7 rows"]);
  });

  it("of nothing that they have muted", async () => {
    await notifications.mute(idOf("bo"), ["assigned"]);
    changed({ kind: "assign", assignee: "bo" });
    await notifications.tick();
    expect(await told("bo")).toEqual([]);
    expect(await notifications.muted(idOf("bo"))).toEqual(["assigned"]);
  });
});

describe("a notification", () => {
  it("is unread until it is read, and its reader's console hears of it", async () => {
    const heard: string[] = [];
    const listen = (user: string) =>
      live.join({ send: (text) => heard.push(`${user} ${text}`) > 0, end: () => undefined, user });
    listen("bo");
    listen("cy");
    heard.length = 0;
    changed({ kind: "assign", assignee: "bo" });
    heard.length = 0;
    await notifications.tick();
    expect(heard).toEqual(['bo data: {"kind":"notified"}\n\n']);
    expect(await notifications.unread(idOf("bo"))).toBe(1);
    await notifications.markRead(idOf("bo"));
    expect(await notifications.unread(idOf("bo"))).toBe(0);
  });
});
