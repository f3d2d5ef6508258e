import { randomBytes } from "node:crypto";
import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { asyncItems, micros } from "@tyto/domain";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  createKeyring,
  makeKeyring,
  parseKeyring,
  readKeyring,
  rewrapKeyring,
  unlockKeyring,
} from "./keyring.ts";
import { openStoreKeys } from "./open-store-keys.ts";
import { readMasterKey } from "./read-master-key.ts";
import { openBytes, openStream, sealBytes } from "./sealed-stream.ts";
import { testKeys, testMaster } from "./sealing.fixture.ts";

const HEX = "0123456789abcdef".repeat(4);
const now = () => micros(0);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tyto-sealing-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function program(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o700);
  return path;
}

describe("a master key", () => {
  it("is the same from a file, the environment and a command", async () => {
    const file = join(folder, "key");
    writeFileSync(file, `${HEX}\n`, { mode: 0o600 });
    const sources = [
      { kind: "file", path: file },
      { kind: "environment", name: "K", text: Buffer.from(HEX, "hex").toString("base64") },
      { kind: "command", words: [program("gives", 'echo "$1"'), HEX] },
    ] as const;
    for (const source of sources) {
      const key = await readMasterKey(source, "/bin:/usr/bin");
      expect(Buffer.from(key?.bytes ?? "").toString("hex")).toBe(HEX);
    }
    expect(await readMasterKey({ kind: "none" }, "")).toBeUndefined();
  });

  it.each([
    ["a command that fails", ["fails", "echo secret-text; exit 3"], "status 3"],
    ["a command that says too much", ["talks", "yes secret-text"], "more than 4096 bytes"],
    ["a command that does not end", ["sleeps", "exec sleep 60"], "took more than"],
    ["a command that gives no key", ["short", "echo secret-text"], "no key of 256 bits"],
  ])("is refused from %s, in words that hold none of its output", async (_what, [name, text], reason) => {
    const source = { kind: "command", words: [program(name ?? "", text ?? "")] } as const;
    const failure = readMasterKey(source, "/bin:/usr/bin", 1_000);
    await expect(failure).rejects.toMatchObject({ code: "config-invalid" });
    await expect(failure).rejects.toThrow(reason);
    await expect(failure).rejects.not.toThrow("secret-text");
  });

  it("is refused from a command that runs no shell: what follows a semicolon is an argument", async () => {
    const made = join(folder, "made");
    const words = ["echo", HEX, ";", "touch", made];
    await expect(readMasterKey({ kind: "command", words }, "/bin:/usr/bin")).rejects.toThrow("no key");
    expect(readdirSync(folder)).not.toContain("made");
    await expect(readMasterKey({ kind: "command", words: ["/no/such"] }, "")).rejects.toThrow(
      "cannot be started",
    );
    await expect(readMasterKey({ kind: "file", path: join(folder, "none") }, "")).rejects.toThrow(
      "cannot be read",
    );
  });
});

describe("a keyring", () => {
  const made = makeKeyring({ master: testMaster(), stage: "on", random: randomBytes, now: now() });

  it("gives the same keys after a rotation, to the new master key only", () => {
    const rotated = rewrapKeyring(made, { from: testMaster(), to: testMaster("6") }, randomBytes);
    const [before, after] = [unlockKeyring(made, testMaster()), unlockKeyring(rotated, testMaster("6"))];
    expect({ ...after, keyring: "" }).toEqual({ ...before, keyring: "" });
    expect(() => unlockKeyring(rotated, testMaster())).toThrow("another one");
  });

  it("has a key of its own for each purpose and each installation", () => {
    const all = [testKeys(), testKeys()].flatMap(({ journal, control, engine, secrets, bundle }) =>
      [journal, Buffer.from(control, "hex"), Buffer.from(engine, "hex"), secrets, bundle].map((key) =>
        Buffer.from(key).toString("hex"),
      ),
    );
    expect(new Set(all).size).toBe(10);
  });

  it.each(["", "{}", "null", JSON.stringify({ ...made, stage: "odd" }), "x".repeat(20_000)])(
    "is refused when it is damaged: %.20s",
    (text) => {
      expect(() => parseKeyring(text, "keyring.json")).toThrow("is damaged");
    },
  );

  it("is made once, by the first of two processes that try", async () => {
    const directory = mkdtempSync(join(folder, "race-"));
    const rings = ["5", "6"].map((digit) =>
      makeKeyring({ master: testMaster(digit), stage: "on", random: randomBytes, now: now() }),
    );
    const stand = await Promise.all(rings.map((ring) => createKeyring(directory, ring)));
    expect(stand[0]).toEqual(stand[1]);
    expect(await readKeyring(directory)).toEqual(stand[0]);
    expect(readdirSync(directory)).toEqual(["keyring.json"]);
  });

  it("comes into being in a directory that is new, and in no other", async () => {
    const fresh = { random: randomBytes, now, onEncrypted: () => undefined };
    const source = { kind: "environment", name: "K", text: HEX } as const;
    const open = (dataDirectory: string) => openStoreKeys({ dataDirectory, source, programPath: "" }, fresh);
    const directory = mkdtempSync(join(folder, "new-"));
    const [first, second] = [await open(directory), await open(directory)];
    expect(second).toEqual(first);
    const used = mkdtempSync(join(folder, "used-"));
    writeFileSync(join(used, "control.db"), "");
    await expect(open(used)).rejects.toThrow("is not encrypted");
    expect(readdirSync(used)).toEqual(["control.db"]);
  });
});

describe("a sealed stream", () => {
  const key = Buffer.alloc(32, 3);

  it("gives back any bytes, however they are cut", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 2_000 }),
        fc.integer({ min: 1, max: 300 }),
        async (bytes, size) => {
          const sealed = await sealBytes(bytes, key, randomBytes);
          const cut = Array.from({ length: Math.ceil(sealed.length / size) }, (_, i) =>
            sealed.subarray(i * size, (i + 1) * size),
          );
          const pieces: Buffer[] = [];
          for await (const piece of openStream(asyncItems(cut), key, "it")) pieces.push(piece);
          expect(Buffer.concat(pieces).equals(Buffer.from(bytes))).toBe(true);
        },
      ),
    );
    const large = randomBytes(700_000);
    expect((await openBytes(await sealBytes(large, key, randomBytes), key, "it")).equals(large)).toBe(true);
  });

  it("opens neither changed, nor cut, nor longer, nor with its chunks in another order", async () => {
    const chunk = 256 * 1024 + 20;
    const sealed = await sealBytes(randomBytes(700_000), key, randomBytes);
    const [head, first, second, last] = [
      sealed.subarray(0, 24),
      sealed.subarray(24, 24 + chunk),
      sealed.subarray(24 + chunk, 24 + 2 * chunk),
      sealed.subarray(24 + 2 * chunk),
    ];
    const flipped = (at: number): Buffer => {
      const copy = Buffer.from(sealed);
      copy.writeUInt8((copy[at] ?? 0) ^ 1, at);
      return copy;
    };
    const wrong = [
      ...[0, 10, 24, 30, 24 + chunk, sealed.length - 1].map(flipped),
      sealed.subarray(0, sealed.length - 1),
      Buffer.concat([head, first, second]),
      Buffer.concat([head, second, first, last]),
      Buffer.concat([head, first, last]),
      Buffer.concat([sealed, Buffer.from([0])]),
      Buffer.alloc(0),
    ];
    for (const bytes of wrong)
      await expect(openBytes(bytes, key, "it")).rejects.toMatchObject({ code: "bundle-damaged" });
    await expect(openBytes(sealed, Buffer.alloc(32, 4), "it")).rejects.toMatchObject({
      code: "bundle-damaged",
    });
  });
});
