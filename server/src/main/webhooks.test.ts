import { randomBytes } from "node:crypto";
import { micros } from "@tyto/domain";
import { describe, expect, it } from "vitest";
import { SecretBox } from "../storage/index.ts";
import { SealedSecrets } from "./sealed-secrets.ts";
import { Webhooks } from "./webhooks.ts";

function fixture() {
  const kept = new Map<string, string>();
  const settings = {
    get: (key: string) => Promise.resolve(kept.get(key)),
    set: (key: string, value: string) => Promise.resolve(void kept.set(key, value)),
  };
  const world = { now: () => micros(1_760_000_000_000_000), randomBytes };
  const key = randomBytes(32);
  const open = (itsKey = key) =>
    Webhooks.open({
      settings,
      box: new SealedSecrets(new SecretBox({ key: itsKey, random: randomBytes })),
      world,
    });
  return { kept, open };
}

describe("webhooks", () => {
  it("are there after a restart, and their secrets stand nowhere in the clear", async () => {
    const { kept, open } = fixture();
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
    const everything = [...kept.values()].join();
    for (const { secret } of [given, made]) expect(everything).not.toContain(secret);
    expect(JSON.stringify(second.list())).not.toContain("sealed");
  });

  it("get another secret under the same name, and are gone when removed", async () => {
    const { open } = fixture();
    const webhooks = await open();
    await webhooks.put({ name: "a", kind: "token", secret: "first-secret" }, "ana");
    await webhooks.put({ name: "a", kind: "generic", secret: "second-secret" }, "ana");
    expect(webhooks.find("a")).toMatchObject({ kind: "generic", secret: "second-secret" });
    expect(await webhooks.remove("a")).toBe(true);
    expect(await webhooks.remove("a")).toBe(false);
    expect((await open()).list()).toEqual([]);
  });

  it("are at most two hundred", async () => {
    const webhooks = await fixture().open();
    for (let i = 0; i < 200; i += 1) await webhooks.put({ name: `w${i}`, kind: "generic" }, "ana");
    await expect(webhooks.put({ name: "more", kind: "generic" }, "ana")).rejects.toMatchObject({
      code: "bad-request",
    });
    await webhooks.put({ name: "w7", kind: "token" }, "ana");
  });

  it("let nobody in when the key is another one", async () => {
    const { open } = fixture();
    await (await open()).put({ name: "a", kind: "token", secret: "first-secret" }, "ana");
    const other = await open(randomBytes(32));
    expect(other.find("a")).toBeUndefined();
    expect(other.list()).toHaveLength(1);
  });
});
