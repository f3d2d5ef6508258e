import { describe, expect, it } from "vitest";
import { lintRules } from "./lint-rules.ts";

const GOOD = `title: T
status: test
description: D
date: 2024-03-05
tags: [attack.t1059.001, attack.execution, attack.g0016, cve.2024-1234, detection.emerging-threats]
logsource: {product: linux, category: process_creation}
detection:
  sel: {Image|endswith: '/sh', CommandLine|re: 'wget .{1,50}/x'}
  condition: sel
falsepositives: [Unknown]
level: low
`;

function codes(text: string): readonly string[] {
  return lintRules([{ path: "r.yml", text }]).map(({ code }) => code);
}

describe("rules lint", () => {
  it("is silent about a good rule, a case file and what is no YAML", () => {
    expect(codes(GOOD)).toEqual([]);
    expect(lintRules([{ path: "r.cases.yml", text: "- {}" }])).toEqual([]);
    expect(codes("a: [")).toEqual([]);
  });

  it.each([
    ["description: D\n", "", "missing-description"],
    ["falsepositives: [Unknown]\n", "", "missing-falsepositives"],
    ["level: low\n", "", "missing-level"],
    ["status: test", "status: tset", "bad-status"],
    ["2024-03-05", "2024/03/05", "bad-date"],
    ["2024-03-05", "2024-02-30", "bad-date"],
    ["attack.t1059.001", "attack.t105", "bad-tag"],
    ["attack.execution", "Execution", "bad-tag"],
    ["Image|endswith", "Imagee|endswith", "unknown-field"],
    ["endswith: '/sh'", "endswith: ['/sh', '/SH']", "duplicate-value"],
    ["endswith: '/sh'", "contains: 's'", "short-contains"],
    ["Image|endswith: '/sh'", "Image: '*sh*'", "wildcards-for-contains"],
    ["'wget .{1,50}/x'", "'wget .*'", "open-expression"],
    ["'wget .{1,50}/x'", "'.+wget'", "open-expression"],
    ["'wget .{1,50}/x'", "'wget (a+)+'", "nested-repeats"],
    ["'wget .{1,50}/x'", "'wget a{1,900}'", "huge-repeat"],
    ["'wget .{1,50}/x'", "'[a-z]{8}'", "expression-without-text"],
  ])("with %j as %j warns: %s", (from, to, code) => {
    expect(codes(GOOD.replace(from, to))).toEqual([code]);
  });

  it.each(["#", "ԁ", "\u202e", "&"])("lets a rule seek %j for itself", (sign) => {
    expect(codes(GOOD.replace("endswith: '/sh'", `contains: '${sign}'`))).toEqual([]);
  });

  it("names the place and what was meant", () => {
    expect(lintRules([{ path: "r.yml", text: GOOD.replace("test", "tset") }])).toEqual([
      {
        severity: "warning",
        code: "bad-status",
        message: '"tset" is no status',
        at: { file: "r.yml", line: 2, column: 9 },
        hint: 'did you mean "test"?',
      },
    ]);
  });
});
