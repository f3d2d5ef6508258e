import { DEFAULT_TENANT, micros } from "@tyto/domain";
import type { OriginId } from "@tyto/domain";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { createQueryFrontend, filterOf } from "../../query/index.ts";
import { createDetectionEngine } from "../engine.ts";
import { loadRuleSet } from "../load-rule-set.ts";
import { readSigmaEvent } from "../sigma-json/sigma-event.ts";
import { draftRule } from "./draft-rule.ts";

const frontend = createQueryFrontend({ kqlWorkerPath: "none" });
const OPTIONS = { id: "3f0c2f36-6f3e-4b59-9a5e-0f6d2f1c9a01", date: "2026-01-31", author: "ana" };

async function draft(text: string) {
  const asked = await frontend.compileWith(
    { text, now: micros(2e15), tenant: DEFAULT_TENANT, access: undefined },
    filterOf,
  );
  if (!asked.ok) throw new Error(asked.diagnostics[0]?.message);
  const { yaml, leftOut } = draftRule(asked.value, OPTIONS);
  const { detection } = parse(yaml) as { detection: Record<string, unknown> };
  return { yaml, detection, leftOut };
}

describe("a rule made of a search", () => {
  it.each([
    [
      "event.outcome:failure user.name:root",
      { selection: { "event.outcome": "failure", "user.name": "root" }, condition: "selection" },
    ],
    ["user.name:(root or admin)", { selection: { "user.name": ["root", "admin"] }, condition: "selection" }],
    [
      "event.outcome:failure -user.name:root",
      {
        selection: { "event.outcome": "failure" },
        selection_2: { "user.name": "root" },
        condition: "selection and not selection_2",
      },
    ],
    ["source.ip:192.0.2.0/24", { selection: { "source.ip|cidr": "192.0.2.0/24" }, condition: "selection" }],
    ["source.port:>=1024", { selection: { "source.port|gte": 1024 }, condition: "selection" }],
    ["password", { selection: ["password"], condition: "selection" }],
    ["user.name:*", { selection: { "user.name|exists": true }, condition: "selection" }],
  ])("%s", async (text, expected) => {
    const { detection } = await draft(text);
    const normal = JSON.parse(JSON.stringify(detection).replaceAll("|cased", "")) as object;
    expect(normal).toEqual(expected);
  });

  it("loads, whatever the search says", async () => {
    for (const text of [
      "a or (b -c)",
      'file.path:"C:\\\\a*?"',
      "event.category:authentication -(user.name:x or user.name:y)",
    ]) {
      const { yaml } = await draft(text);
      const { diagnostics } = loadRuleSet([{ path: "rule.yml", text: yaml }], { namespaces: [] });
      expect(
        diagnostics.filter(({ severity }) => severity === "error"),
        `${text}\n${yaml}`,
      ).toEqual([]);
    }
  });

  it("matches what the search finds, whatever sent it", async () => {
    const { yaml } = await draft("event.outcome:failure user.name:(root or admin)");
    const engine = createDetectionEngine(loadRuleSet([{ path: "rule.yml", text: yaml }], { namespaces: [] }));
    const event = (user: string, ordinal: number) => {
      const fields = { "event.outcome": "failure", "user.name": user };
      const place = { origin: "00000000000000aa" as OriginId, ordinal, pack: "acme/box", now: micros(2e15) };
      const read = readSigmaEvent({ text: JSON.stringify(fields), ...place });
      if (read === undefined) throw new Error("an object is an event");
      return read;
    };
    const found = engine.process([event("root", 1), event("ana", 2)], micros(2e15));
    expect(found.changes).toHaveLength(1);
  });

  it("says what it leaves out", async () => {
    expect((await draft("")).leftOut).toHaveLength(1);
    expect((await draft("timestamp:>2026-01-01T00:00:00Z user.name:x")).leftOut[0]).toMatch(/^The time/);
    expect((await draft("word")).leftOut[0]).toMatch(/stands by itself/);
  });
});
