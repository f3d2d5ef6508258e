import type { Place } from "@tyto/domain";
import { readCondition } from "./condition.ts";
import { readItem } from "./read-item.ts";
import type { ItemContext } from "./read-item.ts";
import { assertNever } from "@tyto/domain";
import type { RuleEntry, RuleMap, RuleNode } from "./rule-node.ts";
import type { Expression } from "./rule.ts";

/** Reads `detection`: its selections and the condition over them. `undefined` when anything in it is wrong or refused. */
export function readDetection(detection: RuleMap, context: ItemContext): Expression | undefined {
  const { problems } = context;
  const selections = new Map<string, Expression>();
  let isComplete = true;
  for (const entry of detection.entries) {
    if (entry.key === "condition") continue;
    if (entry.key === "timeframe") {
      const hint = "write a correlation rule with a timespan instead";
      problems.refuse(entry.at, "timeframe", "timeframe left Sigma with version 2", hint);
      isComplete = false;
      continue;
    }
    const selection = readSelection(entry.value, context);
    if (selection === undefined) isComplete = false;
    else selections.set(entry.key, selection);
  }
  const condition = detection.entries.find((entry) => entry.key === "condition");
  if (condition === undefined) {
    problems.error(detection.at, "missing-condition", "the detection has no condition");
    return undefined;
  }
  if (!isComplete) return undefined;
  return readConditions(condition, selections, context);
}

function readConditions(
  entry: RuleEntry,
  selections: ReadonlyMap<string, Expression>,
  { problems }: ItemContext,
): Expression | undefined {
  const used = new Set<string>();
  const sources = entry.value.kind === "list" ? entry.value.items : [entry.value];
  const read: Expression[] = [];
  for (const source of sources) {
    if (source.kind !== "scalar" || typeof source.value !== "string") {
      problems.error(source.at, "wrong-shape", "the condition must be a text");
      return undefined;
    }
    const expression = readCondition({ text: source.value, at: source.at, selections, used, problems });
    if (expression === undefined) return undefined;
    read.push(expression);
  }
  const [only] = read;
  if (only === undefined) {
    problems.error(entry.at, "empty-condition", "the condition is empty");
    return undefined;
  }
  for (const name of selections.keys()) {
    if (!used.has(name)) problems.warn(entry.at, "unused-selection", `the condition never uses "${name}"`);
  }
  return read.length === 1 ? only : { kind: "or", of: read };
}

/** Map = all of it; list of maps = any of them; plain values = keywords, any of them. Lists may nest. */
function readSelection(node: RuleNode, context: ItemContext): Expression | undefined {
  switch (node.kind) {
    case "scalar":
      return readKeywords([node], node.at, context);
    case "map":
      return readMap(node, context);
    case "list": {
      if (node.items.length === 0) {
        context.problems.error(node.at, "empty-selection", "the selection is empty and could never match");
        return undefined;
      }
      const plain = node.items.filter((item) => item.kind === "scalar");
      const others = node.items.filter((item) => item.kind !== "scalar");
      const terms = others.map((item) => readSelection(item, context));
      if (plain.length > 0) terms.push(readKeywords(plain, node.at, context));
      return combine("or", terms);
    }
    default:
      return assertNever(node);
  }
}

function readKeywords(items: readonly RuleNode[], at: Place, context: ItemContext): Expression | undefined {
  const item = readItem("", at, { kind: "list", at, items }, context);
  return item === undefined ? undefined : { kind: "item", item };
}

function readMap(map: RuleMap, context: ItemContext): Expression | undefined {
  if (map.entries.length === 0) {
    context.problems.error(map.at, "empty-selection", "the selection is empty and would match every event");
    return undefined;
  }
  const terms = map.entries.map((entry): Expression | undefined => {
    const item = readItem(entry.key, entry.at, entry.value, context);
    return item === undefined ? undefined : { kind: "item", item };
  });
  return combine("and", terms);
}

function combine(kind: "and" | "or", terms: readonly (Expression | undefined)[]): Expression | undefined {
  const good = terms.filter((term) => term !== undefined);
  if (good.length !== terms.length) return undefined;
  const [only] = good;
  return good.length === 1 ? only : { kind, of: good };
}
