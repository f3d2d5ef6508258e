import type { Diagnostic } from "@tyto/domain";
import type { Placeholders } from "./placeholders.ts";
import { Problems } from "./problems.ts";
import { readCorrelation } from "./read-correlation.ts";
import { readDetection } from "./read-detection.ts";
import { readFilter } from "./read-filter.ts";
import { readHeader } from "./read-header.ts";
import { readLogsource } from "./read-logsource.ts";
import { readYaml } from "./read-yaml.ts";
import type { YamlDocument } from "./read-yaml.ts";
import { entryOf, textOf } from "./rule-node.ts";
import type { RuleMap } from "./rule-node.ts";
import type { RuleHeader, SigmaRule } from "./rule.ts";

export interface RuleFile {
  /** What reports and diagnostics call it. */
  readonly path: string;
  readonly text: string;
}

export type RuleKind = "event" | "correlation" | "filter" | "unknown";

/** What reading made of one document. */
export type ReadRule = {
  readonly path: string;
  readonly kind: RuleKind;
  /** Header as far as it could be read. */
  readonly header: RuleHeader | undefined;
  readonly diagnostics: readonly Diagnostic[];
} & (
  | { readonly outcome: "read"; readonly rule: SigmaRule }
  | { readonly outcome: "unsupported"; readonly reason: string }
  | { readonly outcome: "invalid"; readonly reason: string }
);

/** Reads every rule of a file. What is wrong with one leaves the others alone. */
export function readRules(file: RuleFile, placeholders: Placeholders): readonly ReadRule[] {
  const documents = readYaml(file.path, file.text);
  if (documents.length === 0) {
    const at = { file: file.path, line: 1, column: 1 };
    const message = "the file holds no rule";
    const diagnostics: Diagnostic[] = [{ severity: "error", code: "empty-file", message, at }];
    return [
      {
        path: file.path,
        kind: "unknown",
        header: undefined,
        diagnostics,
        outcome: "invalid",
        reason: message,
      },
    ];
  }
  return documents.map((document, index) => readDocument(file.path, document, index, placeholders));
}

function readDocument(
  path: string,
  document: YamlDocument,
  index: number,
  placeholders: Placeholders,
): ReadRule {
  const problems = new Problems();
  const { root } = document;
  if (root?.kind !== "map") {
    if (root !== undefined) problems.error(root.at, "wrong-shape", "a rule is a map of keys and values");
    const diagnostics = [...document.diagnostics, ...problems.found];
    const reason = diagnostics[0]?.message ?? "the document is empty";
    return { path, kind: "unknown", header: undefined, diagnostics, outcome: "invalid", reason };
  }
  const header = readHeader({ map: root, path, index, yaml: document.text, problems });
  const { kind, rule } = readBody(root, header, problems, placeholders);
  const base = { path, kind, header, diagnostics: [...document.diagnostics, ...problems.found] };
  if (problems.hasErrors) {
    const reason = problems.found.find((one) => one.severity === "error")?.message ?? "the rule is wrong";
    return { ...base, outcome: "invalid", reason };
  }
  if (problems.unsupported !== undefined)
    return { ...base, outcome: "unsupported", reason: problems.unsupported };
  if (rule === undefined) return { ...base, outcome: "invalid", reason: "the rule could not be read" };
  return { ...base, outcome: "read", rule };
}

interface Body {
  readonly kind: RuleKind;
  readonly rule: SigmaRule | undefined;
}

function readBody(root: RuleMap, header: RuleHeader, problems: Problems, placeholders: Placeholders): Body {
  const action = entryOf(root, "action");
  if (action !== undefined && entryOf(root, "detection") === undefined) {
    problems.refuse(
      action.at,
      "unsupported-action",
      "action documents (global, reset, repeat) left Sigma with version 2",
    );
    return { kind: "unknown", rule: undefined };
  }
  if (action !== undefined && /^(global|reset|repeat)$/.test(textOf(root, "action") ?? "")) {
    problems.refuse(
      action.at,
      "unsupported-action",
      "action documents (global, reset, repeat) left Sigma with version 2",
    );
  }
  const filter = entryOf(root, "filter");
  if (filter !== undefined) {
    return { kind: "filter", rule: readFilter(root, filter, header, { problems, placeholders }) };
  }
  const correlation = entryOf(root, "correlation")?.value;
  if (correlation?.kind === "map") {
    return { kind: "correlation", rule: readCorrelation(root, correlation, header, problems) };
  }
  const detection = entryOf(root, "detection")?.value;
  if (detection?.kind !== "map") {
    problems.error(
      detection?.at ?? root.at,
      "missing-detection",
      "the rule has neither detection nor correlation",
    );
    return { kind: "unknown", rule: undefined };
  }
  const logsource = readLogsource(root, problems);
  const expression = readDetection(detection, { problems, placeholders });
  if (expression === undefined || logsource === undefined) return { kind: "event", rule: undefined };
  return { kind: "event", rule: { kind: "event", header, logsource, detection: expression } };
}
