import type { Diagnostic } from "@tyto/domain";
import { readCases, ruleFileOf } from "./cases/read-cases.ts";
import type { CaseFile } from "./cases/read-cases.ts";
import { gapsOf, runCases } from "./cases/run-cases.ts";
import { linkRules } from "./link-rules.ts";
import type { CaseCount, RuleReport, RuleSet } from "./rule-set.ts";
import { readRules } from "./sigma/read-rule.ts";
import type { ReadRule, RuleFile } from "./sigma/read-rule.ts";

export interface LoadOptions {
  /** Values for `|expand` placeholders, by name without percent signs. */
  readonly placeholders?: ReadonlyMap<string, readonly string[]>;
  /** Refuse rules that have no case file, or one without a match and a near miss. Ours must prove themselves. */
  readonly needsCases?: boolean;
  /** Vendor namespaces that packs fill (`linux.auth`): a rule that names their fields can run. */
  readonly namespaces?: readonly string[];
}

/**
 * Reads, compiles and links rule files, and runs the cases beside them (`x.cases.yml`). What is wrong costs only itself: it is
 * in the report with its reason and in the diagnostics with its place. A rule whose cases fail does not load.
 */
export function loadRuleSet(files: readonly RuleFile[], options: LoadOptions = {}): RuleSet {
  const caseFiles = new Map<string, CaseFile>();
  const read: ReadRule[] = [];
  for (const file of files) {
    const tested = ruleFileOf(file.path);
    if (tested !== undefined) caseFiles.set(tested, readCases(file));
    else read.push(...readRules(file, options.placeholders ?? new Map()));
  }
  const linked = linkRules(read, options.namespaces);
  const trial = new CaseTrial(linked, caseFiles, options.needsCases ?? false);
  const failures = trial.run();
  // A correlation over a rule that fails its cases must go with it, so everything is tied together once more.
  const final =
    failures.size === 0
      ? linked
      : linkRules(
          read.map((one) => rejected(one, failures)),
          options.namespaces,
        );
  return {
    ...final,
    report: final.report.map((one) => ({ ...one, cases: trial.counts.get(one.id) ?? one.cases })),
    diagnostics: [...final.diagnostics, ...trial.diagnostics],
  };
}

function rejected(one: ReadRule, failures: ReadonlyMap<string, string>): ReadRule {
  const reason = failures.get(one.path);
  if (reason === undefined || one.outcome !== "read") return one;
  const { path, kind, header, diagnostics } = one;
  return { path, kind, header, diagnostics, outcome: "invalid", reason };
}

class CaseTrial {
  readonly #linked: RuleSet;
  readonly #caseFiles: ReadonlyMap<string, CaseFile>;
  readonly #needsCases: boolean;
  readonly diagnostics: Diagnostic[] = [];
  /** By rule. */
  readonly counts = new Map<string, CaseCount>();
  readonly #failures = new Map<string, string>();

  constructor(linked: RuleSet, caseFiles: ReadonlyMap<string, CaseFile>, needsCases: boolean) {
    this.#linked = linked;
    this.#caseFiles = caseFiles;
    this.#needsCases = needsCases;
  }

  /** Reasons by rule file. */
  run(): ReadonlyMap<string, string> {
    for (const report of this.#linked.report) {
      if (report.status !== "runnable" && report.status !== "needs-field") continue;
      // A filter is tried by the cases of the rules that it narrows.
      if (report.kind === "filter") continue;
      // Cases beside a correlation and its base rules in one file are the correlation's.
      const isBase =
        report.kind === "event" &&
        this.#linked.report.some((other) => other.path === report.path && other.kind === "correlation");
      if (isBase) continue;
      const file = this.#caseFiles.get(report.path);
      if (file !== undefined) this.#try(report, file);
      else if (this.#needsCases) {
        this.#fail(report, "missing-cases", "the rule has no case file", "write one beside it: x.cases.yml");
      }
    }
    for (const [path, file] of this.#caseFiles) {
      if (!this.#linked.report.some((report) => report.path === path && report.kind !== "filter")) {
        const message = `there is no rule in ${path} that cases could try`;
        this.diagnostics.push({ severity: "warning", code: "stray-cases", message, at: { file: file.path } });
      }
    }
    return this.#failures;
  }

  #try(report: RuleReport, file: CaseFile): void {
    const problems = [...file.diagnostics, ...(this.#needsCases ? gapsOf(file) : [])];
    this.diagnostics.push(...problems);
    const results = runCases(this.#linked, report, file);
    const failed = results.filter(({ failure }) => failure !== undefined);
    for (const { case: one, failure } of failed) {
      const message = `the case "${one.name}" fails: ${failure ?? ""}`;
      this.diagnostics.push({ severity: "error", code: "case-failed", message, at: one.at });
    }
    this.counts.set(report.id, { passed: results.length - failed.length, failed: failed.length });
    const [first] = failed;
    if (first !== undefined) this.#failures.set(report.path, `its case "${first.case.name}" fails`);
    else if (problems.some(({ severity }) => severity === "error")) {
      this.#failures.set(report.path, `its cases are wrong: ${problems[0]?.message ?? ""}`);
    }
  }

  #fail(report: RuleReport, code: string, message: string, hint: string): void {
    this.diagnostics.push({ severity: "error", code, message, at: { file: report.path }, hint });
    this.#failures.set(report.path, message);
  }
}
