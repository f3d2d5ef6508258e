import type { Diagnostic, RuleCheck, RuleProblem } from "@tyto/domain";
import { lintText, readingsOf, tryCases, tryRules } from "../detection/index.ts";
import type { RuleException, RuleReport, RuleSet, TriedCases, TriedRules } from "../detection/index.ts";
import { ownPath } from "./rule-shelf.ts";

export interface CheckedText {
  readonly yaml: string;
  readonly cases: string;
  /** Of the own rule that it is a version of. */
  readonly id?: string | undefined;
}

/** What a text is tried beside. */
export interface Loaded {
  readonly ruleSet: RuleSet;
  readonly namespaces: readonly string[];
  readonly exceptions?: readonly RuleException[] | undefined;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
/** As many problems as a person reads. */
const MAX_PROBLEMS = 200;

/** What diagnostics call the text. */
function fileOf(id: string | undefined): string {
  return id === undefined ? "rule.yml" : ownPath(id);
}

/** A text, compiled as it would run beside what is loaded. */
export function tryText({ yaml, id }: Pick<CheckedText, "yaml" | "id">, loaded: Loaded): TriedRules {
  const { ruleSet, namespaces, exceptions } = loaded;
  return tryRules({ path: fileOf(id), yaml, loaded: ruleSet, namespaces, exceptions });
}

/** Whether a text may run, what is wrong with it, and what it would read. */
export function checkText(text: CheckedText, loaded: Loaded): Omit<RuleCheck, "backtest"> {
  const tried = tryText(text, loaded);
  const cases = triedCases(tried, text);
  const own = ownProblems(tried, text, loaded.ruleSet);
  const path = fileOf(text.id);
  const lint = lintText({ path, yaml: text.yaml, namespaces: loaded.namespaces });
  const said = new Set(tried.diagnostics.map(keyOf));
  const problems = [...tried.diagnostics, ...own, ...lint.filter((one) => !said.has(keyOf(one)))];
  const { main } = tried;
  return {
    problems: problems.slice(0, MAX_PROBLEMS).map(problemOf),
    caseProblems: cases.diagnostics.slice(0, MAX_PROBLEMS).map(problemOf),
    rules: tried.report.map((rule) => ({
      id: rule.id,
      title: rule.title,
      kind: rule.kind,
      level: rule.level,
      status: rule.status,
      reason: rule.reason ?? null,
    })),
    main: main === undefined ? null : { id: main.id, title: main.title },
    cases: cases.results.map(({ case: one, failure }) => ({
      name: one.name,
      expected: one.expected,
      passed: failure === undefined,
      failure: failure ?? null,
    })),
    reads: readingsOf(tried).map((reading) => ({
      ...reading,
      known: [...reading.known],
      fields: reading.fields.map((field) => ({ ...field, lookedAt: [...field.lookedAt] })),
    })),
    missing: tried.report.find(({ status }) => status === "needs-field")?.reason ?? null,
    refusal: refusalOf(problems, tried, cases),
  };
}

function triedCases(tried: TriedRules, { cases, id }: CheckedText): TriedCases {
  if (cases.trim() === "") return { results: [], diagnostics: [] };
  return tryCases(tried, { path: fileOf(id).replace(/\.yml$/, ".cases.yml"), text: cases });
}

/** What a rule may say in a pack and not here. */
function ownProblems(
  { report, main }: TriedRules,
  { yaml, id }: CheckedText,
  { report: loaded }: RuleSet,
): readonly Diagnostic[] {
  const file = fileOf(id);
  const at = { file, ...placeOfId(yaml) };
  const problem = (code: string, message: string, hint: string): Diagnostic => ({
    severity: "error",
    code,
    message,
    at,
    hint,
  });
  const found: Diagnostic[] = [];
  if (report.some(({ kind }) => kind === "filter"))
    found.push(problem("own-filter", "a filter is no rule", "make an exception of the rule instead"));
  const broken = main === undefined || main.kind === "unknown";
  if (!broken && !UUID.test(main.id))
    found.push(
      problem("no-id", "the rule has no UUID as its id", "give it one; it is made when it is saved"),
    );
  else if (!broken && id !== undefined && main.id !== id)
    found.push(problem("other-id", "the id is not that of this rule", `it stays ${id}`));
  const taken = report.flatMap((rule) => loaded.find((one) => one.id === rule.id && one.path !== file) ?? []);
  for (const rule of taken.filter(isRule))
    found.push(
      problem(
        "duplicate-id",
        `the id is also that of "${rule.title}"`,
        "every rule has its own: make another",
      ),
    );
  return found;
}

const isRule = ({ kind }: RuleReport): boolean => kind !== "unknown";

/** Of the last id that stands at the edge: the main rule's. */
function placeOfId(yaml: string): { readonly line: number; readonly column: number } {
  const line = yaml.split("\n").findLastIndex((one) => one.startsWith("id:"));
  return line < 0 ? { line: 1, column: 1 } : { line: line + 1, column: 5 };
}

function refusalOf(
  problems: readonly Diagnostic[],
  { main, report }: TriedRules,
  cases: TriedCases,
): string | null {
  const wrong = problems.find(({ severity }) => severity === "error");
  if (wrong !== undefined) return wrong.message;
  if (main === undefined) return "there is no rule in the text";
  const refused = report.find(({ status }) => status === "invalid" || status === "unsupported");
  if (refused !== undefined) return refused.reason ?? `the rule is ${refused.status}`;
  const bad = cases.diagnostics.find(({ severity }) => severity === "error");
  if (bad !== undefined) return `its cases are wrong: ${bad.message}`;
  const failed = cases.results.find(({ failure }) => failure !== undefined);
  return failed === undefined ? null : `its case "${failed.case.name}" fails: ${failed.failure ?? ""}`;
}

function problemOf({ severity, code, message, hint, at }: Diagnostic): RuleProblem {
  return { severity, code, message, hint: hint ?? null, line: at.line ?? 1, column: at.column ?? 1 };
}

function keyOf({ code, at }: Diagnostic): string {
  return `${code} ${at.line ?? 0} ${at.column ?? 0}`;
}
