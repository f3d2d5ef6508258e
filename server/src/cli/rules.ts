import { readdir, readFile, stat } from "node:fs/promises";
import { basename, dirname, join, sep } from "node:path";
import { assertNever, TytoError } from "@tyto/domain";
import { lintRules, loadRuleSet, RULE_STATUSES } from "../detection/index.ts";
import type { RuleFile, RuleReport, RuleSet } from "../detection/index.ts";
import { writeDiagnostics, writeLine } from "./io.ts";
import type { CommandIo, ExitStatus } from "./io.ts";
import { placeholdersOf } from "./placeholders.ts";

export interface RulesOptions {
  readonly action: "lint" | "test" | "report";
  /** Rule files, and folders that are searched for them. */
  readonly paths: readonly string[];
  readonly isJson: boolean;
  /** Vendor namespaces that the loaded packs fill. */
  readonly namespaces?: readonly string[];
  /** A YAML file of values for `|expand`. */
  readonly placeholders?: string;
  /** A rule without a match case and a near-miss case is wrong. */
  readonly needsCases?: boolean;
}

/** `tyto rules lint|test|report PATH…`. Exit status: 0 done, 1 a rule is wrong, 2 wrong usage. */
export async function rulesCommand(options: RulesOptions, io: CommandIo): Promise<ExitStatus> {
  const files = await readRuleFiles(options.paths);
  if (files.length === 0) {
    await writeLine(io.stderr, `tyto: no rules (.yml) in ${options.paths.join(", ") || "no path"}`);
    return 2;
  }
  const ruleSet = loadRuleSet(files, {
    ...(options.namespaces === undefined ? {} : { namespaces: options.namespaces }),
    ...(await placeholdersOf(options.placeholders)),
    needsCases: options.needsCases ?? false,
  });
  switch (options.action) {
    case "lint":
      return lint(
        {
          ...ruleSet,
          diagnostics: [...ruleSet.diagnostics, ...lintRules(files, options.namespaces)],
        },
        options,
        io,
      );
    case "test":
      return test(ruleSet, options, io);
    case "report":
      return report(ruleSet, options, io);
    default:
      return assertNever(options.action);
  }
}

async function lint(ruleSet: RuleSet, { isJson }: RulesOptions, { stdout }: CommandIo): Promise<ExitStatus> {
  const { diagnostics } = ruleSet;
  const errors = diagnostics.filter(({ severity }) => severity === "error").length;
  if (isJson) {
    await writeLine(stdout, JSON.stringify({ rules: ruleSet.report.length, diagnostics }));
  } else {
    await writeDiagnostics(stdout, diagnostics);
    const warnings = diagnostics.length - errors;
    await writeLine(stdout, `${ruleSet.report.length} rules, ${errors} errors, ${warnings} warnings`);
  }
  return errors === 0 ? 0 : 1;
}

async function test(ruleSet: RuleSet, { isJson }: RulesOptions, io: CommandIo): Promise<ExitStatus> {
  const tested = ruleSet.report.filter(({ cases }) => cases.passed + cases.failed > 0);
  const wrong = ruleSet.report.filter(({ status }) => status === "invalid");
  if (isJson) {
    const rules = ruleSet.report.map(({ path, id, title, cases }) => ({ path, id, title, cases }));
    await writeLine(io.stdout, JSON.stringify({ rules, diagnostics: ruleSet.diagnostics }));
  } else {
    await writeDiagnostics(
      io.stdout,
      ruleSet.diagnostics.filter(({ severity }) => severity === "error"),
    );
    const sum = (part: "passed" | "failed"): number =>
      tested.reduce((total, { cases }) => total + cases[part], 0);
    const untested = ruleSet.report.length - tested.length;
    await writeLine(
      io.stdout,
      `${tested.length} rules tested: ${sum("passed")} cases passed, ${sum("failed")} failed; ${untested} rules without cases`,
    );
  }
  return wrong.length === 0 ? 0 : 1;
}

async function report(
  ruleSet: RuleSet,
  { isJson }: RulesOptions,
  { stdout }: CommandIo,
): Promise<ExitStatus> {
  const { report: rules } = ruleSet;
  if (isJson) {
    await writeLine(stdout, JSON.stringify({ rules: rules.map(jsonOf) }));
  } else {
    for (const rule of rules) {
      const reason = rule.reason === undefined ? "" : `  (${rule.reason})`;
      await writeLine(stdout, `${rule.status.padEnd(11)}  ${rule.path}  ${rule.title}${reason}`);
    }
    await writeLine(stdout, `${rules.length} rules: ${countsOf(rules)}`);
  }
  return rules.some(({ status }) => status === "invalid") ? 1 : 0;
}

function jsonOf({ path, id, title, kind, level, status, reason, isRaising, cases }: RuleReport): object {
  return {
    path,
    id,
    title,
    status,
    ...(reason === undefined ? {} : { reason }),
    kind,
    level,
    isRaising,
    cases,
  };
}

/** `24 runnable, 1 needs-field`, in the order of statuses, those that occur. */
export function countsOf(rules: readonly RuleReport[]): string {
  return RULE_STATUSES.flatMap((status) => {
    const count = rules.filter((rule) => rule.status === status).length;
    return count === 0 ? [] : [`${count} ${status}`];
  }).join(", ");
}

/** Reads rule files and their cases, folders searched in full, in a fixed order. */
export async function readRuleFiles(paths: readonly string[]): Promise<readonly RuleFile[]> {
  const files: RuleFile[] = [];
  for (const path of paths) {
    for (const file of await filesBelow(path)) files.push({ path: file, text: await readFile(file, "utf8") });
  }
  return files;
}

async function filesBelow(path: string): Promise<readonly string[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [path];
    const entries = await readdir(path, { recursive: true, withFileTypes: true });
    const files = entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    // Of a pack, only the folder of rules holds rules.
    const packs = files.filter((file) => basename(file) === "pack.yml").map((file) => dirname(file) + sep);
    return files
      .filter((file) => /\.ya?ml$/i.test(file))
      .filter((file) =>
        packs.every((pack) => !file.startsWith(pack) || file.startsWith(join(pack, "rules") + sep)),
      )
      .sort();
  } catch (cause) {
    throw new TytoError("content-invalid", `cannot read the rules at ${path}`, {
      cause,
      hint: "check that the path exists and is readable",
    });
  }
}
