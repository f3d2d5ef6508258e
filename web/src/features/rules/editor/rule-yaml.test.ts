import { parse } from "yaml";
import { describe, expect, it } from "vitest";
import {
  addSelection,
  dropSelection,
  readForm,
  renameSelection,
  setKeywords,
  setLine,
  setValue,
} from "./rule-yaml.ts";

const RULE = `# Ours, since March.
title: A shell from the web   # short
id: 3f0c2f36-6f3e-4b59-9a5e-0f6d2f1c9a01
description: |
  Two lines
  of it.
author: Ana
tags:
  - attack.execution
  - attack.t1059.004 # the shell
logsource: {product: linux, category: process_creation}
detection:
  selection:
    # parents that serve the web
    ParentImage|endswith:
      - '/nginx'
      - '/httpd'
    Image|endswith: "/sh"   # also dash
    EventID: 4625
  words:
    - one
    - 'two *'
  any:
    - Image: a
    - Image: b
  condition: selection and not words
falsepositives:
  - Unknown
level: high
`;

const lines = (text: string): readonly string[] => text.split("\n");
/** Lines of the first that are not in the second, and the other way round. */
function difference(before: string, after: string): readonly [readonly string[], readonly string[]] {
  const [a, b] = [lines(before), lines(after)];
  return [a.filter((line) => !b.includes(line)), b.filter((line) => !a.includes(line))];
}

describe("the form of a rule", () => {
  it("reads what it can show, and names what it cannot", () => {
    const form = readForm(RULE);
    expect(form).toMatchObject({
      title: "A shell from the web",
      description: "Two lines\nof it.",
      level: "high",
      tags: ["attack.execution", "attack.t1059.004"],
      logsource: { product: "linux", category: "process_creation", service: "" },
      condition: "selection and not words",
      onlyInYaml: ["id", "author", "detection.any"],
    });
    expect(form?.selections).toEqual([
      {
        name: "selection",
        kind: "fields",
        lines: [
          { field: "ParentImage", modifiers: "endswith", values: ["/nginx", "/httpd"] },
          { field: "Image", modifiers: "endswith", values: ["/sh"] },
          { field: "EventID", modifiers: "", values: ["4625"] },
        ],
      },
      { name: "words", kind: "keywords", values: ["one", "two *"] },
      { name: "any", kind: "other" },
    ]);
  });

  it.each(["title: [", "- a", "", "just text"])("has nothing to show of %j", (text) => {
    expect(readForm(text)).toBeUndefined();
  });

  it("shows of several documents the correlation", () => {
    expect(
      readForm(`title: A\n---\ntitle: B\ncorrelation: {type: event_count}\n---\ntitle: C\n`)?.title,
    ).toBe("B");
  });
});

describe("a change in the form", () => {
  it.each([
    ["a title", (text: string) => setValue(text, ["title"], "New: one"), ['title: "New: one"   # short']],
    ["the level", (text: string) => setValue(text, ["level"], "low"), ["level: low"]],
    [
      "the condition",
      (text: string) => setValue(text, ["detection", "condition"], "selection"),
      ["  condition: selection"],
    ],
    [
      "a line",
      (text: string) =>
        setLine(text, "selection", 1, { field: "Image", modifiers: "contains|all", values: ["a", "b"] }),
      ["    Image|contains|all:", "      - a", "      - b   # also dash"],
    ],
    ["a new key", (text: string) => setValue(text, ["status"], "test"), ["status: test"]],
    ["a selection's name", (text: string) => renameSelection(text, "words", "noise"), ["  noise:"]],
  ] as const)("of %s writes its own lines and no other", (_what, change, added) => {
    const [gone, come] = difference(RULE, change(RULE));
    expect(come).toEqual(added);
    expect(gone.length).toBeLessThanOrEqual(1);
  });

  it("keeps comments inside of a selection whose line changes", () => {
    const after = setLine(RULE, "selection", 0, { field: "ParentImage", modifiers: "", values: ["/x"] });
    expect(after).toContain(
      '    # parents that serve the web\n    ParentImage: /x\n    Image|endswith: "/sh"   # also dash\n',
    );
  });

  it("adds and takes away lines, and with the last line the selection", () => {
    const more = setLine(RULE, "selection", 3, { field: "User", modifiers: "", values: ["root"] });
    expect(parse(more)).toMatchObject({ detection: { selection: { EventID: 4625, User: "root" } } });
    const less = [2, 1, 0].reduce((text, index) => setLine(text, "selection", index, null), RULE);
    expect(readForm(less)?.selections.map(({ name }) => name)).toEqual(["words", "any"]);
    expect(readForm(dropSelection(RULE, "any"))?.selections).toHaveLength(2);
  });

  it("adds a selection before the condition", () => {
    const after = addSelection(RULE, "other", { field: "User", modifiers: "", values: ["a", "b"] });
    expect(after).toContain("  other:\n    User:\n      - a\n      - b\n  condition: selection");
  });

  it("changes keywords, tags and a logsource in braces", () => {
    expect(readForm(setKeywords(RULE, "words", ["three"]))?.selections[1]).toEqual({
      name: "words",
      kind: "keywords",
      values: ["three"],
    });
    expect(readForm(setValue(RULE, ["tags"], ["attack.t1110"]))?.tags).toEqual(["attack.t1110"]);
    expect(readForm(setValue(RULE, ["tags"], []))?.tags).toEqual([]);
    expect(readForm(setValue(RULE, ["logsource", "service"], "auditd"))?.logsource).toEqual({
      product: "linux",
      category: "process_creation",
      service: "auditd",
    });
    expect(readForm(setValue(RULE, ["logsource", "category"], ""))?.logsource.category).toBe("");
  });

  it("writes hostile values so that they stay values", () => {
    const evil = "x\nlevel: low # [}'\"";
    const after = setLine(RULE, "selection", 1, { field: "Image", modifiers: "", values: [evil] });
    expect(parse(after)).toMatchObject({ level: "high", detection: { selection: { Image: evil } } });
    expect(readForm(setValue(RULE, ["title"], "- no: {list}"))?.title).toBe("- no: {list}");
  });

  it("leaves a text that cannot be read as it is", () => {
    expect(setValue("title: [", ["title"], "x")).toBe("title: [");
  });

  it("leaves the other documents alone", () => {
    const two = `title: A\nlevel: low\n---\n${RULE}`;
    expect(setValue(two, ["level"], "critical").startsWith("title: A\nlevel: low\n---\n")).toBe(true);
  });
});
