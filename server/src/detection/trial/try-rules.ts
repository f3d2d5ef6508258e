import type { Diagnostic } from "@tyto/domain";
import { readCases } from "../cases/read-cases.ts";
import { runCases } from "../cases/run-cases.ts";
import type { CaseResult } from "../cases/run-cases.ts";
import { lintRules } from "../lint/lint-rules.ts";
import { loadRuleSet } from "../load-rule-set.ts";
import type { RuleException } from "../exceptions/rule-exception.ts";
import { itemsOf } from "../logsource/gaps.ts";
import type { RuleReport, RuleSet } from "../rule-set.ts";
import { readRules } from "../sigma/read-rule.ts";
import type { ReadRule, RuleFile } from "../sigma/read-rule.ts";

/** A text that somebody writes, beside the rules that are loaded. */
export interface TriedText {
  /** What diagnostics call it. */
  readonly path: string;
  readonly yaml: string;
  readonly loaded: Pick<RuleSet, "report">;
  readonly namespaces: readonly string[];
  /** What people have excepted from rules. */
  readonly exceptions?: readonly RuleException[] | undefined;
}

export interface TriedRules {
  /** The text's rules with all that they need of the loaded ones: filters, and rules that they count. */
  readonly ruleSet: RuleSet;
  /** Of the text alone, in its order. */
  readonly report: readonly RuleReport[];
  /** The one that the text is about: the last correlation, or the last rule. */
  readonly main: RuleReport | undefined;
  /** Of the text alone. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Compiles a text as it would run, with the loaded filters and exceptions applied, and without touching what is loaded. */
export function tryRules({ path, yaml, loaded, namespaces, exceptions = [] }: TriedText): TriedRules {
  const own = { path, text: yaml };
  const read = readRules(own, new Map());
  const ids = new Set(read.flatMap(({ header }) => (header === undefined ? [] : [String(header.id)])));
  // An earlier version of it may be loaded: its rules make way for the text's.
  const others = loaded.report.filter(({ id, kind }) => !ids.has(id) || kind === "filter");
  const ruleSet = loadRuleSet([own, ...neededBy(read, others)], { namespaces, exceptions });
  const report = ruleSet.report.filter((one) => one.path === path);
  return {
    ruleSet,
    report,
    main: report.findLast(({ kind }) => kind === "correlation") ?? report.at(-1),
    diagnostics: ruleSet.diagnostics.filter(({ at }) => at.file === path),
  };
}

/** All filters, and the rules that correlations of the text count, however far down. */
function neededBy(read: readonly ReadRule[], others: readonly RuleReport[]): readonly RuleFile[] {
  const files = new Map<string, RuleFile>();
  const take = ({ id, path, yaml }: RuleReport): void => {
    files.set(id, { path: `loaded/${path}#${id}`, text: yaml });
  };
  for (const one of others) if (one.kind === "filter") take(one);
  const wanted = read.flatMap(referencesOf);
  if (wanted.length === 0) return [...files.values()];
  const byReference = new Map<string, { readonly report: RuleReport; readonly read: ReadRule }>();
  for (const report of others) {
    const [again] = readRules({ path: report.path, text: report.yaml }, new Map());
    if (again === undefined) continue;
    byReference.set(report.id, { report, read: again });
    if (again.header?.name !== undefined) byReference.set(again.header.name, { report, read: again });
  }
  const seen = new Set<string>();
  for (const reference of wanted) {
    const found = byReference.get(reference) ?? byReference.get(reference.toLowerCase());
    if (found === undefined || seen.has(found.report.id)) continue;
    seen.add(found.report.id);
    take(found.report);
    wanted.push(...referencesOf(found.read));
  }
  return [...files.values()];
}

/** Ids and names of the rules that a correlation counts. */
function referencesOf(read: ReadRule): readonly string[] {
  if (read.outcome !== "read" || read.rule.kind !== "correlation") return [];
  return read.rule.rules.map(({ reference }) => reference);
}

/** What authors get wrong in rules that load. */
export function lintText({ path, yaml, namespaces }: Omit<TriedText, "loaded">): readonly Diagnostic[] {
  return lintRules([{ path, text: yaml }], namespaces);
}

export interface TriedCases {
  readonly results: readonly CaseResult[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Events that cases may hold in all: they are tried while somebody waits. */
const MAX_EVENTS = 20_000;

/** Runs cases against the rule that a text is about. */
export function tryCases({ ruleSet, main }: TriedRules, file: RuleFile): TriedCases {
  const cases = readCases(file, MAX_EVENTS);
  const runs = main !== undefined && (main.status === "runnable" || main.status === "needs-field");
  return {
    results: runs && main.kind !== "filter" ? runCases(ruleSet, main, cases) : [],
    diagnostics: cases.diagnostics,
  };
}

/** A field that a rule asks for, and where it is looked for. */
export interface FieldReading {
  readonly field: string;
  /** Best first. */
  readonly lookedAt: readonly string[];
  /** Whether something that we read fills it. */
  readonly isFilled: boolean;
}

export interface RuleReading {
  readonly title: string;
  /** Of a correlation: what it asks of its hits is empty here. */
  readonly logsource: { readonly product?: string; readonly category?: string; readonly service?: string };
  readonly fields: readonly FieldReading[];
  /** Names that rules of this logsource may use. */
  readonly known: readonly string[];
}

/** What the text's rules over events read. */
export function readingsOf({ ruleSet, report }: TriedRules): readonly RuleReading[] {
  const ids = new Set<string>(report.map(({ id }) => id));
  return ruleSet.eventRules
    .filter(({ summary }) => ids.has(summary.id))
    .map(({ summary, logsource, detection }) => {
      const names = new Set(itemsOf(detection).flatMap(({ field }) => (field === null ? [] : [field])));
      return {
        title: summary.title,
        logsource: logsource.logsource,
        known: logsource.names,
        fields: [...names].map((field) => ({
          field,
          lookedAt: logsource.candidates(field),
          isFilled: logsource.isMapped(field),
        })),
      };
    });
}

/** The documents of a text that belong together: a correlation with those that it counts; every other rule alone. */
export function splitRules(yaml: string): readonly string[] {
  const read = readRules({ path: "import.yml", text: yaml }, new Map()).filter(
    ({ header }) => header !== undefined,
  );
  const groupOf = new Map(read.map((one) => [one, new Set([one])]));
  for (const one of read) {
    const wanted = new Set(referencesOf(one).map((reference) => reference.toLowerCase()));
    for (const other of read) {
      const { header } = other;
      if (header === undefined || !(wanted.has(header.id) || wanted.has((header.name ?? "").toLowerCase())))
        continue;
      const joined = new Set([...(groupOf.get(one) ?? []), ...(groupOf.get(other) ?? [])]);
      for (const member of joined) groupOf.set(member, joined);
    }
  }
  return [...new Set(groupOf.values())].map((group) =>
    read
      .filter((one) => group.has(one))
      .map(({ header }) => header?.yaml.trim() ?? "")
      .join("\n---\n"),
  );
}
