import { checkConstant } from "./fields.ts";
import type { Issues } from "./issues.ts";
import type { FieldTarget, LookupTable, PackDefinition, Step } from "./pack-definition.ts";
import { checkReach } from "./reach.ts";
import type { SourceNode } from "./source-node.ts";

/** What only the whole pack shows: names that nobody bears, tables that nobody reads, steps that nothing reaches. */
export function checkPack(pack: PackDefinition, manifest: SourceNode, issues: Issues): void {
  for (const recogniser of pack.recognisers) {
    if (recogniser.parser !== "" && !pack.parsers.has(recogniser.parser)) {
      issues.error(recogniser.at, "unknown-parser", `this pack has no parser "${recogniser.parser}"`);
    }
  }
  for (const [type, parser] of pack.types) {
    if (!pack.parsers.has(parser)) {
      issues.error(
        manifest.at,
        "unknown-parser",
        `type "${type}" names parser "${parser}", which is not here`,
      );
    }
  }
  const read = new Set<string>();
  for (const steps of pack.parsers.values()) {
    checkReach(steps, issues);
    eachStep(steps, (step) => {
      checkStep(pack, step, issues);
      if (step.operation.kind === "lookup") read.add(step.operation.table);
    });
  }
  for (const table of pack.tables.keys()) {
    if (read.has(table)) continue;
    issues.warning(manifest.at, "unused-table", `no step reads table "${table}"`, "remove it, or look it up");
  }
}

function checkStep(pack: PackDefinition, step: Step, issues: Issues): void {
  const { operation } = step;
  if (operation.kind === "lookup") {
    const table = pack.tables.get(operation.table);
    if (table === undefined) {
      issues.error(step.at, "unknown-table", `this pack has no table "${operation.table}"`);
    } else {
      checkTable(table, operation.into, step, issues);
    }
  }
  if (
    operation.kind === "use" &&
    operation.reference.kind === "parser" &&
    operation.reference.pack === null
  ) {
    if (!pack.parsers.has(operation.reference.parser)) {
      issues.error(step.at, "unknown-parser", `this pack has no parser "${operation.reference.parser}"`);
    }
  }
}

function checkTable(table: LookupTable, into: FieldTarget | null, step: Step, issues: Issues): void {
  for (const [key, row] of table) {
    if (row.kind === "fields") continue;
    if (into === null) {
      issues.error(step.at, "missing-key", `row "${key}" is a plain value: say with "into" where it goes`);
      return;
    }
    checkConstant(into, row.value, step.at, issues);
  }
}

/** Every step, those inside other steps too. */
export function eachStep(steps: readonly Step[], visit: (step: Step) => void): void {
  for (const step of steps) {
    visit(step);
    const { operation } = step;
    if (operation.kind === "do" || operation.kind === "each") eachStep(operation.steps, visit);
    if (operation.kind === "first") eachStep(operation.branches, visit);
    if (operation.kind === "match") for (const pattern of operation.patterns) eachStep(pattern.steps, visit);
    if ("fallback" in operation && operation.fallback.kind === "steps")
      eachStep(operation.fallback.steps, visit);
  }
}
