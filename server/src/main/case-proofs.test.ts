import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadRuleSet } from "../detection/index.ts";
import type { CaseProofs, LoadedRuleSet } from "../detection/index.ts";
import { openCaseProofs } from "./case-proofs.ts";

const RULE = `title: Failed logon
id: 11111111-1111-4111-8111-111111111111
logsource: {category: authentication}
detection: {sel: {event.outcome: failure}, condition: sel}
`;
const failing = (outcome: string): string =>
  `{fields: {event.category: [authentication], event.outcome: ${outcome}}}`;
const CASES = `- {name: one, events: [${failing("failure")}], expect: 1}
- {name: none, events: [${failing("success")}], expect: 0}
`;

let parent = "";
beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), "tyto-proofs-"));
});
afterAll(() => rm(parent, { recursive: true, force: true }));

/** Says how often a trial was saved, too. */
function load(proofs: CaseProofs, cases = CASES): { readonly set: LoadedRuleSet; readonly kept: number } {
  let kept = 0;
  const counting: CaseProofs = {
    find: (key) => proofs.find(key),
    keep: (key, counts) => {
      kept += 1;
      proofs.keep(key, counts);
    },
  };
  const files = [
    { path: "r.yml", text: RULE },
    { path: "r.cases.yml", text: cases },
  ];
  return { set: loadRuleSet(files, { needsCases: true, proofs: counting }), kept };
}

describe("proofs of cases", () => {
  it("spare the same files a second trial, and say the same of them", () => {
    const proofs = openCaseProofs(join(parent, "same"));
    const first = load(proofs);
    const second = load(proofs);
    expect([first.kept, second.kept]).toEqual([1, 0]);
    expect(second.set.report).toEqual(first.set.report);
    expect(second.set.report[0]?.cases).toEqual({ passed: 2, failed: 0 });
  });

  it("do not hold for other files", () => {
    const proofs = openCaseProofs(join(parent, "other"));
    load(proofs);
    const wrong = load(proofs, CASES.replace("expect: 1", "expect: 0"));
    expect(wrong.set.report[0]?.status).toBe("invalid");
    expect(load(proofs, `${CASES}\n`).kept).toBe(1);
  });

  it("are not made of cases that fail, so that every start says so", () => {
    const proofs = openCaseProofs(join(parent, "failing"));
    const wrong = CASES.replace("expect: 1", "expect: 0");
    for (const { set, kept } of [load(proofs, wrong), load(proofs, wrong)]) {
      expect(kept).toBe(0);
      expect(set.diagnostics.map(({ code }) => code)).toContain("case-failed");
    }
  });

  it.each(["", "{", "{}", "[1]", '[["x"]]', '[["x", "y"]]'])(
    "that are damaged (%s) are no proofs",
    async (text) => {
      const folder = join(parent, "damaged");
      const proofs = openCaseProofs(folder);
      load(proofs);
      for (const name of await readdir(folder)) await writeFile(join(folder, name), text);
      expect(load(proofs).kept).toBe(1);
    },
  );

  it("cost nothing where they cannot be written", async () => {
    const file = join(parent, "a-file");
    await writeFile(file, "");
    expect(load(openCaseProofs(join(file, "below"))).set.report[0]?.status).toBe("runnable");
  });

  it("are kept in number", async () => {
    const folder = join(parent, "many");
    const proofs = openCaseProofs(folder);
    for (let at = 0; at < 60; at += 1) proofs.keep(`k${at}`, new Map());
    expect((await readdir(folder)).length).toBe(50);
  });
});
