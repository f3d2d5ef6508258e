/** `tyto users --offline`: for who cannot log in any more. */
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { micros } from "@tyto/domain";
import type { UserId } from "@tyto/domain";
import type { Config } from "../config/index.ts";
import type { World } from "../main/world.ts";
import { openControlOffline, openControlStore } from "../storage/index.ts";
import { withOfflineUsers } from "./users-offline.ts";
import { changeRole, listUsers, resetUser, switchUser } from "./users.ts";

let directory: string;
const now = () => micros(1_700_000_000_000_000);
const world = { now, randomBytes, programPath: "" } as unknown as World;
const config = (): Config =>
  ({ dataDirectory: directory, encryptionKey: { kind: "none" } }) as unknown as Config;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "tyto-users-"));
  mkdirSync(join(directory, "journal"));
  const control = await openControlStore({ path: join(directory, "control.db") });
  await control.users.create({
    ...{ id: "0123456789abcdef" as UserId, username: "ana", role: "admin", passwordHash: "x" },
    ...{ isEnabled: true, createdAt: now(), createdBy: "tyto", lastLoginAt: null },
  });
  await control.close();
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

async function said(use: (io: Parameters<typeof listUsers>[2]) => Promise<unknown>): Promise<string> {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  await use({ stdin: new PassThrough(), stdout, stderr });
  return String(stdout.read() ?? "") + String(stderr.read() ?? "");
}

describe("users of a server that does not run", () => {
  it("are listed, and get a link that sets a password at the next start", async () => {
    const text = await said((io) =>
      withOfflineUsers(config(), world, async (desk) => {
        await listUsers(desk, false, io);
        return resetUser(desk, "ana", io);
      }),
    );
    expect(text).toMatch(/ana +admin +active/);
    expect(text).toMatch(/\/welcome#[\w-]{43}/);
    expect(readFileSync(join(directory, "audit.ndjson"), "utf8")).toContain('"actor":"offline"');
  });

  it("keep their last administrator, offline too", async () => {
    const change = (use: (desk: Parameters<typeof changeRole>[0]) => Promise<unknown>) =>
      said((io) => withOfflineUsers(config(), world, (desk) => use(desk).then(() => void io)));
    const io = { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() };
    await expect(
      change((desk) => changeRole(desk, { username: "ana", role: "viewer" }, io)),
    ).rejects.toMatchObject({ code: "conflict" });
    await expect(
      change((desk) => switchUser(desk, { username: "ana", enabled: false }, io)),
    ).rejects.toMatchObject({ code: "conflict" });
    await expect(
      change((desk) => changeRole(desk, { username: "ana", role: "owner" }, io)),
    ).rejects.toMatchObject({ code: "bad-request" });
  });

  it("are left alone while a server runs, and where there is no data", async () => {
    const held = await openControlOffline({
      dataDirectory: directory,
      keys: undefined,
      now,
      random: randomBytes,
    });
    const list = () => said((io) => withOfflineUsers(config(), world, (desk) => listUsers(desk, true, io)));
    await expect(list()).rejects.toMatchObject({ code: "data-directory-in-use" });
    await held.close();
    rmSync(join(directory, "control.db"));
    await expect(list()).rejects.toMatchObject({ code: "data-directory-unusable" });
  });
});
