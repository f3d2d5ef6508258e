import { createHash } from "node:crypto";
import type { Diagnostic, ExceptionScope, RuleId } from "@tyto/domain";
import { readCases, ruleFileOf } from "./cases/read-cases.ts";
import type { CaseFile } from "./cases/read-cases.ts";
import { gapsOf, runCases } from "./cases/run-cases.ts";
import type { CaseResult } from "./cases/run-cases.ts";
import { EXCEPTION_FOLDER, exceptionFilters, targetsOf } from "./exceptions/rule-exception.ts";
import type { RuleException } from "./exceptions/rule-exception.ts";
import { linkRules } from "./link-rules.ts";
import type { CaseCount, RuleReport, RuleSet } from "./rule-set.ts";
import { readRules } from "./sigma/read-rule.ts";
import type { ReadRule, RuleFile } from "./sigma/read-rule.ts";

export interface LoadOptions {
  /** Values for `|expand` placeholders, by name without percent signs. */
  readonly placeholders?: ReadonlyMap<string, readonly string[]>;
  /** Refuse rules that have no case file, or one without a match and a near miss. Ours must prove themselves. */
  readonly needsCases?: boolean;
  /** Files whose path begins so may do without cases all the same. */
  readonly freePaths?: string;
  /**
   * Vendor namespaces that the loaded packs fill (`linux.auth`): a rule can run when its fields stand in one of them or in
   * ECS. Without this list every namespace that the logsource map names is taken to be filled.
   */
  readonly namespaces?: readonly string[];
  /** Rule sets whose cases are known to hold: trying thousands of cases is half of what a start takes. */
  readonly proofs?: CaseProofs;
  /** What people have excepted. Rules prove themselves without them. */
  readonly exceptions?: readonly RuleException[];
}

/** By a hash of everything that the cases' outcome depends on, this program's code excepted: a store belongs to one build. */
export interface CaseProofs {
  /** How many cases of each rule hold; `undefined` when these files were never tried, or something was wrong with them. */
  find(key: string): ReadonlyMap<RuleId, CaseCount> | undefined;
  keep(key: string, counts: ReadonlyMap<RuleId, CaseCount>): void;
}

export interface LoadedRuleSet extends RuleSet {
  /** Runs a rule's own cases once more, also those of a rule that they keep from loading. `undefined` when it has none. */
  test(rule: RuleId): RuleTrial | undefined;
  /** The same rules without the exceptions. */
  readonly plain: () => RuleSet;
  /** Rules over events that a scope means. */
  readonly targetsOf: (scope: ExceptionScope) => readonly RuleId[];
}

export interface RuleTrial {
  readonly results: readonly CaseResult[];
  /** What is wrong with the case file itself. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads, compiles and links rule files, and runs the cases beside them (`x.cases.yml`). What is wrong costs only itself: it is
 * in the report with its reason and in the diagnostics with its place. A rule whose cases fail does not load.
 */
export function loadRuleSet(files: readonly RuleFile[], options: LoadOptions = {}): LoadedRuleSet {
  const caseTexts = new Map<string, RuleFile>();
  const read: ReadRule[] = [];
  for (const file of files) {
    const tested = ruleFileOf(file.path);
    if (tested !== undefined) caseTexts.set(tested, file);
    else read.push(...readRules(file, options.placeholders ?? new Map()));
  }
  const linked = linkRules(read, options.namespaces);
  const trial = tried(linked, caseTexts, { files, options });
  const { failures } = trial;
  // A correlation over a rule that fails its cases must go with it, so everything is tied together once more.
  const good = failures.size === 0 ? read : read.map((one) => rejected(one, failures));
  let plain = failures.size === 0 ? linked : undefined;
  const withoutExceptions = (): RuleSet => (plain ??= linkRules(good, options.namespaces));
  const filters = exceptionFilters(options.exceptions ?? [], good);
  const final =
    filters.length === 0
      ? withoutExceptions()
      : withoutFilters(linkRules([...good, ...filters], options.namespaces));
  return {
    ...final,
    report: final.report.map((one) => ({ ...one, cases: trial.counts.get(one.id) ?? one.cases })),
    diagnostics: [...final.diagnostics, ...trial.diagnostics],
    plain: withoutExceptions,
    targetsOf: (scope) => targetsOf(scope, good),
    test: (rule) => {
      const report = linked.report.find(({ id }) => id === rule);
      const file = report === undefined ? undefined : caseTexts.get(report.path);
      if (report === undefined || file === undefined || !isTried(report, linked)) return undefined;
      // Read anew: events of thousands of cases need not be kept for the day when somebody asks.
      const cases = readCases(file);
      return { results: runCases(linked, report, cases), diagnostics: cases.diagnostics };
    },
  };
}

/** Exceptions are people's and have a page of their own: no report of rules names them. */
function withoutFilters(ruleSet: RuleSet): RuleSet {
  return {
    ...ruleSet,
    report: ruleSet.report.filter(({ path }) => !path.startsWith(EXCEPTION_FOLDER)),
    diagnostics: ruleSet.diagnostics.filter(({ at }) => !at.file.startsWith(EXCEPTION_FOLDER)),
  };
}

interface Trial {
  readonly diagnostics: readonly Diagnostic[];
  /** By rule. */
  readonly counts: ReadonlyMap<RuleId, CaseCount>;
  /** Reasons by rule file. */
  readonly failures: ReadonlyMap<string, string>;
}

function tried(
  linked: RuleSet,
  caseTexts: ReadonlyMap<string, RuleFile>,
  { files, options }: { readonly files: readonly RuleFile[]; readonly options: LoadOptions },
): Trial {
  const { proofs, needsCases = false, freePaths } = options;
  const key = proofs === undefined ? "" : proofKey(files, options);
  const counts = proofs?.find(key);
  if (counts !== undefined) return { diagnostics: [], counts, failures: new Map() };
  const caseFiles = new Map([...caseTexts].map(([tested, file]) => [tested, readCases(file)]));
  const trial = new CaseTrial(
    linked,
    caseFiles,
    (path) => needsCases && !(freePaths !== undefined && path.startsWith(freePaths)),
  );
  trial.run();
  // Only what is flawless is remembered, so that a warning is not given at the first start alone.
  if (trial.diagnostics.length === 0) proofs?.keep(key, trial.counts);
  return trial;
}

function proofKey(files: readonly RuleFile[], options: LoadOptions): string {
  const hash = createHash("sha256");
  const { placeholders, needsCases, freePaths, namespaces } = options;
  hash.update(
    JSON.stringify([[...(placeholders ?? [])], needsCases ?? false, namespaces ?? null, freePaths ?? null]),
  );
  for (const { path, text } of files) hash.update(JSON.stringify([path, text]));
  return hash.digest("hex");
}

/** Filters are tried by the cases of the rules that they narrow, and cases beside a correlation and its base rules are the correlation's. */
function isTried({ status, kind, path }: RuleReport, { report }: RuleSet): boolean {
  if ((status !== "runnable" && status !== "needs-field") || kind === "filter") return false;
  return kind !== "event" || !report.some((other) => other.path === path && other.kind === "correlation");
}

function rejected(one: ReadRule, failures: ReadonlyMap<string, string>): ReadRule {
  const reason = failures.get(one.path);
  if (reason === undefined || one.outcome !== "read") return one;
  const { path, kind, header, diagnostics } = one;
  return { path, kind, header, diagnostics, outcome: "invalid", reason };
}

class CaseTrial implements Trial {
  readonly #linked: RuleSet;
  readonly #caseFiles: ReadonlyMap<string, CaseFile>;
  readonly #needsCases: (path: string) => boolean;
  readonly diagnostics: Diagnostic[] = [];
  readonly counts = new Map<RuleId, CaseCount>();
  readonly failures = new Map<string, string>();

  constructor(
    linked: RuleSet,
    caseFiles: ReadonlyMap<string, CaseFile>,
    needsCases: (path: string) => boolean,
  ) {
    this.#linked = linked;
    this.#caseFiles = caseFiles;
    this.#needsCases = needsCases;
  }

  run(): void {
    for (const report of this.#linked.report) {
      if (!isTried(report, this.#linked)) continue;
      const file = this.#caseFiles.get(report.path);
      if (file !== undefined) this.#try(report, file);
      else if (this.#needsCases(report.path)) {
        this.#fail(report, "missing-cases", "the rule has no case file", "write one beside it: x.cases.yml");
      }
    }
    for (const [path, file] of this.#caseFiles) {
      if (!this.#linked.report.some((report) => report.path === path && report.kind !== "filter")) {
        const message = `there is no rule in ${path} that cases could try`;
        this.diagnostics.push({ severity: "warning", code: "stray-cases", message, at: { file: file.path } });
      }
    }
  }

  #try(report: RuleReport, file: CaseFile): void {
    const problems = [...file.diagnostics, ...(this.#needsCases(report.path) ? gapsOf(file) : [])];
    this.diagnostics.push(...problems);
    const results = runCases(this.#linked, report, file);
    const failed = results.filter(({ failure }) => failure !== undefined);
    for (const { case: one, failure } of failed) {
      const message = `the case "${one.name}" fails: ${failure ?? ""}`;
      this.diagnostics.push({ severity: "error", code: "case-failed", message, at: one.at });
    }
    this.counts.set(report.id, { passed: results.length - failed.length, failed: failed.length });
    const [first] = failed;
    if (first !== undefined) this.failures.set(report.path, `its case "${first.case.name}" fails`);
    else if (problems.some(({ severity }) => severity === "error")) {
      this.failures.set(report.path, `its cases are wrong: ${problems[0]?.message ?? ""}`);
    }
  }

  #fail(report: RuleReport, code: string, message: string, hint: string): void {
    this.diagnostics.push({ severity: "error", code, message, at: { file: report.path }, hint });
    this.failures.set(report.path, message);
  }
}
