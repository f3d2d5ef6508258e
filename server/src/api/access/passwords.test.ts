import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { PasswordHasher, passwordWeakness } from "./passwords.ts";

describe("a password", () => {
  it.each([
    ["password1234"],
    ["P@ssw0rd!2026"],
    ["qwertyuiop12"],
    ["1qaz2wsx3edc"],
    ["123456789012"],
    ["aaaaaaaaaaaa"],
    ["abcabcabcabc"],
    ["abcdefghijklmnop"],
    ["administrator"],
    ["Administrator1!"],
    ["letmein-letmein"],
    ["welcome2026!!"],
    ["tyto-siem-2026"],
    ["iloveyou12345"],
    ["SunshineSummer99"],
    ["zxcvbnmasdfgh"],
    ["ana.keller2026"],
    ["anakelleranakeller"],
    ["passwordpassword"],
    ["trustno1trustno1"],
    ["changeme-please"],
    ["unbelievable"],
    ["christopher1"],
    ["            "],
  ])("that is guessed first is refused: %s", (password) => {
    expect(passwordWeakness(password, "ana.keller")).toBeDefined();
  });

  it.each([
    ["correct horse battery staple"],
    ["wmTb7-vexing-otter"],
    ["ein sehr langer satz aus worten"],
    ["x".repeat(3) + "-Kd9#vQ2!mZ"],
    ["🦉🌲🌙⭐🍄🐚🪵🪨🌾🍂🪶🕯"],
    ["пароль-из-многих-слов"],
    ["a-long-test-password"],
    ["Vq8z".repeat(1) + "tRw2Lm9k"],
  ])("that is not is taken: %s", (password) => {
    expect(passwordWeakness(password, "ana")).toBeUndefined();
  });

  it("has 12 to 256 characters", () => {
    const unguessable = "kZ4#wq9!Lm2x";
    expect(passwordWeakness(unguessable, "ana")).toBeUndefined();
    expect(passwordWeakness(unguessable.slice(1), "ana")).toMatch(/at least 12/);
    const long = randomBytes(192).toString("base64");
    expect(passwordWeakness(long, "ana")).toBeUndefined();
    expect(passwordWeakness(`${long}x`, "ana")).toMatch(/at most 256/);
  });
});

describe("hashing", () => {
  const hasher = new PasswordHasher(randomBytes);

  it("is argon2id with 19 MiB and two passes", async () => {
    const hash = await hasher.hash("wmTb7-vexing-otter");
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(await hasher.verify(hash, "wmTb7-vexing-otter")).toBe(true);
    expect(await hasher.verify(hash, "wmTb7-vexing-ottER")).toBe(false);
  });

  it("knows the same password typed with combining marks", async () => {
    const hash = await hasher.hash("gr\u00fcne wiese im tal");
    expect(await hasher.verify(hash, "gru\u0308ne wiese im tal")).toBe(true);
  });

  it("says no for an unknown account, even to the decoy's own password", async () => {
    expect(await hasher.verify(undefined, "wmTb7-vexing-otter")).toBe(false);
  });

  it("refuses a crowd instead of piling it up", async () => {
    const hash = await hasher.hash("wmTb7-vexing-otter");
    const many = await Promise.allSettled(Array.from({ length: 40 }, () => hasher.verify(hash, "wrong")));
    const refused = many.filter((one) => one.status === "rejected");
    expect(refused).toHaveLength(6);
    expect(await hasher.verify(hash, "wmTb7-vexing-otter")).toBe(true);
  });
});
