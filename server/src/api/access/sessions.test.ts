import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { micros, MICROS_PER_HOUR } from "@tyto/domain";
import type { UserId } from "@tyto/domain";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openControlStore } from "../../storage/index.ts";
import type { AccessRepository, ControlStore, UserRecord } from "../../storage/index.ts";
import { Sessions } from "./sessions.ts";

const ANA: UserRecord = {
  id: "u1" as UserId,
  username: "ana",
  passwordHash: "none",
  role: "admin",
  isEnabled: true,
  createdBy: "tyto",
  lastLoginAt: null,
  createdAt: micros(0),
};

let directory: string;
let control: ControlStore;
const clock = { now: micros(MICROS_PER_HOUR) };

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "tyto-sessions-"));
  control = await openControlStore({ path: join(directory, "control.db") });
  await control.access.createFirstUser(ANA);
});
afterEach(async () => {
  await control.close();
  await rm(directory, { recursive: true, force: true });
});

/** The store, where calls of one kind wait at a gate. */
function gated(method: "saveSession" | "userById") {
  let open = (): void => undefined;
  let reached = (): void => undefined;
  const gate = new Promise<void>((resolve) => (open = resolve));
  const waiting = new Promise<void>((resolve) => (reached = resolve));
  let isArmed = false;
  const hold = async (): Promise<void> => {
    if (!isArmed) return;
    reached();
    await gate;
  };
  const access = new Proxy(control.access, {
    get(store, name: keyof AccessRepository) {
      const call = store[name].bind(store) as (...given: unknown[]) => Promise<unknown>;
      return name === method ? async (...given: unknown[]) => hold().then(() => call(...given)) : call;
    },
  });
  return { access, open: () => open(), waiting, arm: () => (isArmed = true) };
}

describe("a request that is under way when its session is closed", () => {
  it.each(["saveSession", "userById"] as const)("does not bring it back, held up in %s", async (method) => {
    const { access, open, waiting, arm } = gated(method);
    const sessions = new Sessions({ access, random: randomBytes, now: () => clock.now });
    const { secret, session } = await sessions.open(ANA, { from: null, agent: null });
    clock.now = micros(clock.now + MICROS_PER_HOUR);
    arm();
    const late = sessions.find(secret);
    await waiting;
    const closed = sessions.close(session.hash);
    // A close that does not wait its turn is through by now.
    for (let i = 0; i < 20; i++) await control.access.userCount();
    open();
    await Promise.all([late, closed]);
    expect(await control.access.sessionByHash(session.hash)).toBeUndefined();
    expect(await sessions.find(secret)).toBeUndefined();
  });
});

describe("a session's last use", () => {
  it("is written once a minute at most", async () => {
    const sessions = new Sessions({ access: control.access, random: randomBytes, now: () => clock.now });
    const { secret, session } = await sessions.open(ANA, { from: null, agent: null });
    const opened = clock.now;
    const lastUse = async () => (await control.access.sessionByHash(session.hash))?.lastUsedAt;
    clock.now = micros(opened + 59_999_999);
    await sessions.find(secret);
    expect(await lastUse()).toBe(opened);
    clock.now = micros(opened + 60_000_000);
    await Promise.all(Array.from({ length: 5 }, () => sessions.find(secret)));
    expect(await lastUse()).toBe(clock.now);
  });
});
