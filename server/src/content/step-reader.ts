import type { FieldValue, Place } from "@tyto/domain";
import { TYPES_BY_CATEGORY } from "@tyto/domain";
import { fieldsOf, parseCondition } from "./condition.ts";
import { checkConstant } from "./fields.ts";
import type { FieldNames } from "./fields.ts";
import { expectMap, nearest, readKeys, readText } from "./issues.ts";
import type { Issues } from "./issues.ts";
import type {
  Assignment,
  Condition,
  Fallback,
  FieldMove,
  Operation,
  Step,
  ValueSource,
} from "./pack-definition.ts";
import type { PatternSet } from "./pattern.ts";
import { parseTemplate } from "./template.ts";
import type { SourceMap, SourceNode } from "./source-node.ts";

/** Reads one operation's argument. */
export type OperationReader = (node: SourceNode, reader: StepReader) => Operation | undefined;

/** Reads the steps of one pack. Knows what is common to all operations; each operation is a reader in a table. */
export class StepReader {
  readonly issues: Issues;
  readonly fields: FieldNames;
  readonly patterns: PatternSet;
  readonly #operations: ReadonlyMap<string, OperationReader>;

  constructor(options: {
    readonly issues: Issues;
    readonly fields: FieldNames;
    readonly patterns: PatternSet;
    readonly operations: ReadonlyMap<string, OperationReader>;
  }) {
    this.issues = options.issues;
    this.fields = options.fields;
    this.patterns = options.patterns;
    this.#operations = options.operations;
  }

  steps(node: SourceNode): readonly Step[] {
    const items = node.kind === "list" ? node.items : [node];
    return items.map((item) => this.step(item)).filter((step) => step !== undefined);
  }

  /** `{ <operation>: argument, when?: condition }`, or the bare name of an operation that takes no argument. */
  step(node: SourceNode): Step | undefined {
    if (node.kind === "scalar" && typeof node.value === "string") {
      return this.#withOperation(node.value, node.at, { kind: "scalar", at: node.at, value: null }, null);
    }
    const map = expectMap(node, this.issues);
    if (map === undefined) return undefined;
    const when = map.entries.find((entry) => entry.key === "when");
    const operations = map.entries.filter((entry) => entry.key !== "when");
    const [operation] = operations;
    if (operation === undefined || operations.length > 1) {
      const names = operations.map((entry) => entry.key).join(", ");
      this.issues.error(
        map.at,
        "not-one-operation",
        `a step has exactly one operation (${names || "none"} here)`,
        "begin each operation with a dash",
      );
      return undefined;
    }
    const condition = when === undefined ? null : this.condition(when.value);
    return this.#withOperation(operation.key, operation.at, operation.value, condition);
  }

  #withOperation(name: string, at: Place, argument: SourceNode, when: Condition | null): Step | undefined {
    const read = this.#operations.get(name);
    if (read === undefined) {
      const hint = nearest(name, this.#operations.keys());
      this.issues.error(at, "unknown-operation", `there is no operation "${name}"`, hint);
      return undefined;
    }
    const operation = read(argument, this);
    return operation === undefined ? undefined : { at, when, operation };
  }

  condition(node: SourceNode): Condition | null {
    const text = readText(node, this.issues);
    if (text === undefined) return null;
    const result = parseCondition(text);
    if (result.kind === "condition") {
      for (const field of fieldsOf(result.condition)) this.fields.asked(field, node.at);
      return result.condition;
    }
    const context = text.slice(Math.max(0, result.offset - 15), result.offset + 15);
    this.issues.error(node.at, "bad-condition", `${result.message}, near "${context}"`);
    return null;
  }

  /** `otherwise:` of a step that can fail: `ignore`, `reject`, or steps. It must be there. */
  fallback(node: SourceNode | undefined, at: Place): Fallback {
    if (node === undefined) {
      this.issues.error(
        at,
        "no-fallback",
        "this operation can fail and says nothing about it",
        "add otherwise: ignore, otherwise: reject, or otherwise: with steps",
      );
      return { kind: "ignore" };
    }
    if (node.kind === "scalar" && node.value === "ignore") return { kind: "ignore" };
    return { kind: "steps", steps: this.steps(node) };
  }

  /** `{ field: value, … }`, checked against the catalogue. */
  assignments(node: SourceNode): readonly Assignment[] {
    const map = expectMap(node, this.issues);
    if (map === undefined) return [];
    const assignments = map.entries
      .map((entry): Assignment | undefined => {
        const target = this.fields.target(entry.key, entry.at);
        const value = this.value(entry.value);
        if (value === undefined) return undefined;
        if (value.kind === "constant") checkConstant(target, value.value, entry.value.at, this.issues);
        return { target, value };
      })
      .filter((assignment) => assignment !== undefined);
    this.#checkClasses(map, assignments);
    return assignments;
  }

  value(node: SourceNode): ValueSource | undefined {
    if (node.kind !== "scalar" || typeof node.value !== "string") {
      return { kind: "constant", value: plainValue(node) };
    }
    const template = parseTemplate(node.value);
    if (template === undefined) {
      this.issues.error(node.at, "bad-template", `a brace is left open in "${node.value}"`, "write {{ for {");
    }
    for (const field of readBy(template)) this.fields.asked(field, node.at);
    return template;
  }

  /** `{ from: to }`, or a list of fields that stay where they are. */
  moves(node: SourceNode): readonly FieldMove[] {
    if (node.kind === "map") {
      return node.entries.map((entry) => ({
        from: entry.key,
        target: this.fields.target(readText(entry.value, this.issues) ?? "", entry.value.at),
      }));
    }
    const items = node.kind === "list" ? node.items : [node];
    return items.map((item) => {
      const name = readText(item, this.issues) ?? "";
      return { from: name, target: this.fields.target(name, item.at) };
    });
  }

  /** Reads known keys, so that the readers of operations stay short. */
  keys<Key extends string>(node: SourceNode, known: readonly Key[]): Partial<Record<Key, SourceNode>> {
    return readKeys(node, known, this.issues);
  }

  required(node: SourceNode | undefined, key: string, at: Place): string {
    const text = readText(node, this.issues);
    if (text === undefined) this.issues.error(at, "missing-key", `"${key}" is missing`);
    return text ?? "";
  }

  /** ECS says which types go with which category; one assignment that holds both can be checked. */
  #checkClasses(map: SourceMap, assignments: readonly Assignment[]): void {
    const categories = constantTexts(assignments, "event.category");
    const types = constantTexts(assignments, "event.type");
    if (categories.length === 0) return;
    const allowed = new Set<string>(
      categories.flatMap((category) => TYPES_BY_CATEGORY[category as keyof typeof TYPES_BY_CATEGORY] ?? []),
    );
    for (const type of types) {
      if (allowed.size === 0 || allowed.has(type)) continue;
      this.issues.error(
        map.at,
        "type-not-in-category",
        `ECS does not pair event.type "${type}" with category ${categories.join(", ")}`,
        `allowed: ${[...allowed].join(", ")}`,
      );
    }
  }
}

/** The fields that a value is made of. */
function readBy(value: ValueSource | undefined): readonly string[] {
  if (value?.kind === "field") return [value.field];
  if (value?.kind !== "template") return [];
  return value.parts.flatMap((part) => (part.kind === "field" ? [part.field] : []));
}

function constantTexts(assignments: readonly Assignment[], field: string): readonly string[] {
  const found = assignments.find((assignment) => assignment.target.name === field)?.value;
  if (found?.kind !== "constant") return [];
  const list: readonly FieldValue[] = Array.isArray(found.value)
    ? (found.value as readonly FieldValue[])
    : [found.value];
  return list.filter((item) => typeof item === "string");
}

/** Frozen: constants of a pack are shared by all events. */
export function plainValue(node: SourceNode): FieldValue {
  switch (node.kind) {
    case "scalar":
      return node.value;
    case "list":
      return Object.freeze(node.items.map(plainValue));
    case "map":
      return Object.fromEntries(node.entries.map((entry) => [entry.key, plainValue(entry.value)]));
  }
}
