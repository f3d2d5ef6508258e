import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { micros } from "@tyto/domain";
import { afterEach, describe, expect, it } from "vitest";
import { SECRET_KEY_FILE, SecretBox } from "./secret-box.ts";
import { Webhooks } from "./webhooks.ts";

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function fixture() {
  const directory = await mkdtemp(join(tmpdir(), "tyto-webhooks-"));
  cleanups.push(() => rm(directory, { recursive: true, force: true }));
  const kept = new Map<string, string>();
  const settings = {
    get: (key: string) => Promise.resolve(kept.get(key)),
    set: (key: string, value: string) => Promise.resolve(void kept.set(key, value)),
  };
  const world = { now: () => micros(1_760_000_000_000_000), randomBytes };
  const open = async () =>
    Webhooks.open({ settings, box: await SecretBox.open(directory, randomBytes), world });
  return { directory, kept, open };
}

describe("webhooks", () => {
  it("are there after a restart, and their secrets stand nowhere in the clear", async () => {
    const { directory, kept, open } = await fixture();
    const first = await open();
    const given = await first.put(
      { name: "chat", kind: "slack", secret: "8f742231b10e8888abcd99yyyzzz85a5" },
      "ana",
    );
    const made = await first.put({ name: "code", kind: "github" }, "ana");
    expect(given.webhook).toMatchObject({ path: "/ingest/webhook/chat", createdBy: "ana" });
    expect(made.secret).toMatch(/^[\w-]{43}$/);
    const second = await open();
    expect(second.find("chat")).toEqual({
      name: "chat",
      kind: "slack",
      secret: "8f742231b10e8888abcd99yyyzzz85a5",
    });
    expect(second.find("code")?.secret).toBe(made.secret);
    const everything = [...kept.values()].join() + (await readFile(join(directory, SECRET_KEY_FILE), "utf8"));
    for (const { secret } of [given, made]) expect(everything).not.toContain(secret);
    expect(JSON.stringify(second.list())).not.toContain("sealed");
    expect((await stat(join(directory, SECRET_KEY_FILE))).mode & 0o777).toBe(0o600);
  });

  it("get another secret under the same name, and are gone when removed", async () => {
    const { open } = await fixture();
    const webhooks = await open();
    await webhooks.put({ name: "a", kind: "token", secret: "first-secret" }, "ana");
    await webhooks.put({ name: "a", kind: "generic", secret: "second-secret" }, "ana");
    expect(webhooks.find("a")).toMatchObject({ kind: "generic", secret: "second-secret" });
    expect(await webhooks.remove("a")).toBe(true);
    expect(await webhooks.remove("a")).toBe(false);
    expect((await open()).list()).toEqual([]);
  });

  it("are at most two hundred", async () => {
    const webhooks = await (await fixture()).open();
    for (let i = 0; i < 200; i += 1) await webhooks.put({ name: `w${i}`, kind: "generic" }, "ana");
    await expect(webhooks.put({ name: "more", kind: "generic" }, "ana")).rejects.toMatchObject({
      code: "bad-request",
    });
    await webhooks.put({ name: "w7", kind: "token" }, "ana");
  });

  it("let nobody in when the key is another one", async () => {
    const { directory, open } = await fixture();
    await (await open()).put({ name: "a", kind: "token", secret: "first-secret" }, "ana");
    await writeFile(join(directory, SECRET_KEY_FILE), randomBytes(32).toString("hex"));
    const other = await open();
    expect(other.find("a")).toBeUndefined();
    expect(other.list()).toHaveLength(1);
    await writeFile(join(directory, SECRET_KEY_FILE), "no key");
    await expect(open()).rejects.toMatchObject({ code: "data-directory-unusable" });
  });
});

describe("the secret box", () => {
  it("opens what it sealed under the same use only, unchanged only", async () => {
    const { directory } = await fixture();
    const box = await SecretBox.open(directory, randomBytes);
    const sealed = box.seal("a", "sécret");
    expect(box.open("a", sealed)).toBe("sécret");
    expect(box.open("b", sealed)).toBeUndefined();
    expect(box.seal("a", "sécret")).not.toBe(sealed);
    const changed = sealed.replace(/.$/, (last) => (last === "A" ? "Q" : "A"));
    for (const other of [changed, "", "v1", "v1.x.y", sealed.slice(0, -30)])
      expect(box.open("a", other)).toBeUndefined();
  });
});
