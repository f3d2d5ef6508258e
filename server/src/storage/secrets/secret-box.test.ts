import { randomBytes } from "node:crypto";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryDirectory } from "../journal/journal.fixture.ts";
import { openSecretBox } from "./open-secret-box.ts";
import { parseSecretKey, SecretBox } from "./secret-box.ts";

const box = (key: Uint8Array = randomBytes(32)): SecretBox => new SecretBox({ key, random: randomBytes });

describe("a sealed secret", () => {
  it("opens with its key in its place, differs each time and does not show its text", () => {
    const one = box();
    const envelope = one.seal("päss\0word", "c1");
    expect(one.open(envelope, "c1")).toBe("päss\0word");
    expect(one.seal("päss\0word", "c1")).not.toBe(envelope);
    expect(Buffer.from(envelope.split(".").at(-1) ?? "", "base64url").includes("word")).toBe(false);
  });

  it("does not open elsewhere, changed, cut, or with another key, and says what to do", () => {
    const one = box();
    const envelope = one.seal("secret", "c1");
    const [version, key, nonce, sealed = ""] = envelope.split(".");
    const flipped = Buffer.from(sealed, "base64url").fill(0, 0, 1).toString("base64url");
    expect(() => one.open(envelope, "c2")).toThrow("changed or damaged");
    expect(() => one.open([version, key, nonce, flipped].join("."), "c1")).toThrow("changed or damaged");
    expect(() => one.open([version, key, nonce, sealed.slice(0, 8)].join("."), "c1")).toThrow(
      "changed or damaged",
    );
    for (const wrong of [
      () => box().open(envelope, "c1"),
      () => one.open("", "c1"),
      () => one.open("v9.a.b.c", "c1"),
    ]) {
      expect(wrong).toThrow(
        expect.objectContaining({
          code: "config-invalid",
          hint: expect.stringContaining("set the secret again") as string,
        }),
      );
    }
  });
});

describe("the key", () => {
  it("is made at the first start for its owner alone, and is the same at the next", async () => {
    const dataDirectory = await temporaryDirectory();
    const place = { dataDirectory, key: undefined, keyFile: undefined };
    const envelope = (await openSecretBox(place, randomBytes)).seal("s", "p");
    const file = join(dataDirectory, "secret.key");
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readFile(file, "utf8")).toMatch(/^[0-9a-f]{64}\n$/);
    expect((await openSecretBox(place, randomBytes)).open(envelope, "p")).toBe("s");
  });

  it("comes from the environment or from a named file, and is refused when it is none", async () => {
    const dataDirectory = await temporaryDirectory();
    const key = randomBytes(32);
    const keyFile = join(dataDirectory, "mine");
    await writeFile(keyFile, `${key.toString("base64")}\n`);
    const fromFile = await openSecretBox({ dataDirectory, key: undefined, keyFile }, randomBytes);
    const given = await openSecretBox(
      { dataDirectory, key: key.toString("hex"), keyFile: undefined },
      randomBytes,
    );
    expect(given.open(fromFile.seal("s", "p"), "p")).toBe("s");
    const open = (more: object): Promise<unknown> =>
      openSecretBox({ dataDirectory, key: undefined, keyFile: undefined, ...more }, randomBytes);
    await expect(open({ key: "short" })).rejects.toMatchObject({ code: "config-invalid" });
    await expect(open({ keyFile: join(dataDirectory, "none") })).rejects.toMatchObject({
      code: "config-invalid",
    });
  });

  it.each(["", "x".repeat(64), "ab".repeat(31), "A".repeat(44)])("is not %j", (text) => {
    expect(parseSecretKey(text)).toBeUndefined();
  });
});
