import { createHash } from "node:crypto";
import { formatMicros, micros } from "@tyto/domain";
import { describe, expect, it } from "vitest";
import { generateDay } from "./generate.ts";
import type { DemoDay } from "./generate.ts";
import type { LoginAttempt } from "./logbook.ts";

const ENDS_AT = micros(Date.UTC(2026, 10, 20, 17, 30) * 1_000);
const SEEDS = [1, 42];
const days = new Map(SEEDS.map((seed) => [seed, generateDay({ seed, endsAt: ENDS_AT })]));
const dayOf = (seed: number): DemoDay => days.get(seed) ?? generateDay({ seed, endsAt: ENDS_AT });

function digest(day: DemoDay): string {
  const hash = createHash("sha256");
  for (const { at, input, source, text } of day.records) hash.update(`${at} ${input} ${source} ${text}\n`);
  return hash.update(JSON.stringify(day.answers)).digest("hex");
}

/** Most failures that fall into any window of five minutes, by what `key` says. */
function densest(attempts: readonly LoginAttempt[], key: (attempt: LoginAttempt) => string): number {
  const groups = new Map<string, number[]>();
  for (const attempt of attempts.filter(({ outcome }) => outcome === "failure")) {
    groups.set(key(attempt), [...(groups.get(key(attempt)) ?? []), attempt.at]);
  }
  let most = 0;
  for (const group of groups.values()) {
    const times = [...group].sort((a, b) => a - b);
    for (let first = 0, last = 0; last < times.length; last += 1) {
      while ((times[last] ?? 0) - (times[first] ?? 0) > 300_000_000) first += 1;
      most = Math.max(most, last - first + 1);
    }
  }
  return most;
}

describe("the demo day", () => {
  it("is the same for the same seed, byte by byte, and another for another seed", () => {
    expect(digest(generateDay({ seed: 1, endsAt: ENDS_AT }))).toBe(digest(dayOf(1)));
    expect(new Set(SEEDS.map((seed) => digest(dayOf(seed)))).size).toBe(SEEDS.length);
  });

  it("has the size of a day that replays in two minutes", () => {
    for (const seed of SEEDS) {
      expect(dayOf(seed).records.length).toBeGreaterThan(60_000);
      expect(dayOf(seed).records.length).toBeLessThan(100_000);
    }
  });

  it("is in order of time, ends when asked, and says the same times in the vendors' formats", () => {
    const { records, answers } = dayOf(1);
    expect(formatMicros(answers.to)).toBe("2026-11-20T17:30:00.000Z");
    const isOutOfPlace = records.some(
      ({ at }, i) => at < (i === 0 ? answers.from : (records[i - 1]?.at ?? 0)) || at >= answers.to,
    );
    expect(isOutOfPlace).toBe(false);
    for (const record of records.filter((_, i) => i % 97 === 0)) {
      const date = new Date(record.at / 1_000);
      const clock = date.toISOString().slice(11, 19);
      expect(record.text).toContain(clock);
    }
  });

  it("moves with its end and keeps everything else", () => {
    const moved = generateDay({ seed: 1, endsAt: micros(ENDS_AT + 3 * 86_400_000_000) });
    expect(moved.records.map(({ source }) => source)).toEqual(dayOf(1).records.map(({ source }) => source));
    expect(moved.records[0]?.text).not.toBe(dayOf(1).records[0]?.text);
  });

  it("speaks for every source in its own format", () => {
    const shapes: Readonly<Record<string, RegExp>> = {
      fw1: /^<16[46]>Nov (19|20) 2026 \d\d:\d\d:\d\d fw1 : %ASA-[46]-\d{6}: /,
      "shop-nginx":
        /^[\w.:]+ - - \[\d\d\/Nov\/2026:\d\d:\d\d:\d\d \+0000\] "(GET|POST) \S+ HTTP\/[12]\.\d" \d{3} \d+ "[^"]+" "[^"]+"$/,
      "aws-cloudtrail": /^\{"eventVersion":"1\.09",.*"eventCategory":"Management"\}$/,
      "windows-events": /^\{"@timestamp":"2026-11-(19|20)T.*"winlog":\{/,
      web1: /^<(4|38|78|85|86)>Nov (19|20) \d\d:\d\d:\d\d web1 (sshd\[\d+\]|sudo\[\d+\]|CRON\[\d+\]|systemd-logind\[\d+\]|kernel): /,
      bastion1:
        /^<(4|38|78|85|86)>1 2026-11-(19|20)T\d\d:\d\d:\d\d\.\d{6}\+00:00 bastion1 (sshd|sudo|CRON|systemd-logind|kernel) (\d+|-) - - {2}/,
    };
    const seen = new Set<string>();
    for (const { source, text } of dayOf(1).records) {
      seen.add(source);
      const shape = shapes[source];
      if (shape !== undefined && !shape.test(text)) expect(text).toMatch(shape);
      if (/\n|undefined|NaN/.test(text)) expect(text).toBe("one whole line");
      if (text.startsWith("{")) JSON.parse(text);
    }
    for (const source of Object.keys(shapes)) expect(seen).toContain(source);
  });

  it("keeps harmless failures below ten in five minutes, by address and by account, and comes near", () => {
    for (const seed of SEEDS) {
      const noise = dayOf(seed).attempts.get("noise") ?? [];
      const byAddress = densest(noise, ({ address }) => address);
      const byAccount = densest(noise, ({ account }) => account);
      expect(Math.max(byAddress, byAccount)).toBeLessThan(10);
      expect(Math.max(byAddress, byAccount)).toBeGreaterThanOrEqual(5);
    }
  });

  it("holds the awkward twins: the forgotten passwords end well, the branch office fails a lot and never at once", () => {
    for (const seed of SEEDS) {
      const { answers, attempts } = dayOf(seed);
      const noise = attempts.get("noise") ?? [];
      expect(answers.twins.map(({ name }) => name).sort()).toEqual([
        "admin-at-night",
        "branch-office",
        "branch-office-morning",
        "branch-office-shopping",
        "five-wrong-without-confidential-file",
        "forgotten-password",
        "forgotten-password-over-ssh",
        "four-wrong-then-public-file",
        "new-administrator",
        "nightly-backup",
        "own-scanner",
        "rotated-logs",
        "spring-cleaning",
        "stale-password",
      ]);
      const forgotten = answers.twins.find(({ name }) => name === "forgotten-password");
      const account = forgotten?.entities[0]?.value;
      const tries = noise.filter(
        (attempt) =>
          attempt.account === account &&
          attempt.at >= (forgotten?.from ?? 0) &&
          attempt.at <= (forgotten?.to ?? 0),
      );
      expect(tries.map(({ outcome }) => outcome)).toEqual([...Array<string>(6).fill("failure"), "success"]);
      const branch = noise.filter(
        ({ address, outcome }) => address === "198.51.100.20" && outcome === "failure",
      );
      expect(branch.length).toBeGreaterThanOrEqual(10);
    }
  });

  it("plants stories that are worth an alert, each with its answer", () => {
    for (const seed of SEEDS) {
      const { answers, attempts, records } = dayOf(seed);
      expect(answers.stories.map(({ name }) => name)).toEqual([
        "brute-force",
        "brute-force-then-success",
        "guessed-then-confidential-file",
        "login-scan-injection",
        "password-spraying",
        "log-clearing",
        "new-admin-mass-deletion",
      ]);
      for (const story of answers.stories) {
        const own = attempts.get(story.name) ?? [];
        const most = Math.max(
          densest(own, ({ address }) => address),
          densest(own, ({ account }) => account),
        );
        // Only the two that are about the number of failures come fast.
        expect(most >= 10, story.name).toBe(story.name.startsWith("brute-force"));
        expect(story.from).toBeGreaterThan(answers.from);
        expect(story.to).toBeLessThan(answers.to);
        for (const { at } of own) {
          expect(at).toBeGreaterThanOrEqual(story.from);
          expect(at).toBeLessThanOrEqual(story.to);
        }
        // Windows writes the names of machines in capitals.
        for (const { value } of story.entities) {
          const name = value.toLowerCase();
          expect(
            records.some(({ text }) => text.toLowerCase().includes(name)),
            value,
          ).toBe(true);
        }
        expect(story.expected.length).toBeGreaterThanOrEqual(1);
        for (const { count } of story.expected) expect(count).toBeGreaterThanOrEqual(1);
      }
    }
  });

  it("counts 126 attempts of one address on several accounts and hosts, told in lines that also stand for several", () => {
    const { attempts, records } = dayOf(1);
    const own = attempts.get("brute-force") ?? [];
    expect(own).toHaveLength(126);
    expect(new Set(own.map(({ address }) => address)).size).toBe(1);
    expect(new Set(own.map(({ account }) => account)).size).toBe(7);
    expect(new Set(own.map(({ host }) => host)).size).toBe(3);
    const address = own[0]?.address ?? "";
    const lines = records.filter(({ text }) => text.includes(address)).map(({ text }) => text);
    const failed = lines.reduce((sum, text) => {
      const repeated = /message repeated (\d+) times: \[ Failed password/.exec(text);
      return sum + (repeated === null ? Number(/[:-] {1,2}Failed password/.test(text)) : Number(repeated[1]));
    }, 0);
    expect(failed).toBe(126);
    expect(lines.some((text) => text.includes("pam_unix(sshd:auth): authentication failure"))).toBe(true);
  });

  it("guesses a password five times in two places before it opens the one confidential file of that night", () => {
    for (const seed of SEEDS) {
      const { answers, attempts, records } = dayOf(seed);
      const story = answers.stories.find(({ name }) => name === "guessed-then-confidential-file");
      const own = attempts.get("guessed-then-confidential-file") ?? [];
      expect(own.map(({ outcome }) => outcome)).toEqual([...Array<string>(5).fill("failure"), "success"]);
      expect(new Set(own.map(({ host }) => host))).toEqual(new Set(["fw1", "aws"]));
      const account = story?.entities[0]?.value ?? "";
      const during = records.filter(
        ({ at, text }) =>
          at >= (story?.from ?? 0) &&
          at <= (story?.to ?? 0) &&
          text.includes(`"SubjectUserName":"${account}"`),
      );
      expect(during.map(({ text }) => text.includes('\\\\Confidential"'))).toEqual([true]);
      expect((story?.to ?? 0) - (story?.from ?? 0)).toBeLessThan(30 * 60_000_000);
    }
  });

  it("sprays 26 accounts from one address, and comes near with nine of the branch office", () => {
    for (const seed of SEEDS) {
      const { answers, attempts } = dayOf(seed);
      const own = attempts.get("password-spraying") ?? [];
      expect(own).toHaveLength(52);
      expect(new Set(own.map(({ account }) => account)).size).toBe(26);
      const twin = answers.twins.find(({ name }) => name === "branch-office-morning");
      const branch = (attempts.get("noise") ?? []).filter(
        ({ at, address, outcome }) =>
          outcome === "failure" && address === twin?.entities[0]?.value && at >= twin.from && at <= twin.to,
      );
      expect(new Set(branch.map(({ account }) => account)).size).toBeGreaterThanOrEqual(8);
    }
  });

  it("lets nobody else use an attacker's address", () => {
    for (const seed of SEEDS) {
      const { answers, attempts } = dayOf(seed);
      const noise = new Set((attempts.get("noise") ?? []).map(({ address }) => address));
      for (const { entities } of answers.stories) {
        for (const { type, value } of entities) if (type === "ip") expect(noise.has(value)).toBe(false);
      }
    }
  });
});
