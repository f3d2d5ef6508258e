import { stringify } from "yaml";
import type { QueryExpression } from "../../query/index.ts";

export interface RuleDraftOptions {
  readonly id: string;
  /** `2026-01-31`. */
  readonly date: string;
  readonly author: string;
}

type Value = string | number | boolean;

/** `field|modifier: values`. */
interface Item {
  readonly key: string;
  readonly values: readonly Value[];
}

/** A search's filter → a Sigma rule. What Sigma cannot say is left out and named: a draft is for a person to finish. */
export function draftRule(
  filter: QueryExpression | null,
  { id, date, author }: RuleDraftOptions,
): { readonly yaml: string; readonly leftOut: readonly string[] } {
  const draft = new Draft();
  const condition = filter === null ? undefined : draft.condition(filter);
  if (condition === undefined) draft.leaveOut("A condition: a rule that matches every event is no rule");
  const rule = {
    title: "New rule",
    id,
    status: "experimental",
    description: "Made from a search. Say what it finds and why that matters.",
    author,
    date,
    logsource: { category: "any" },
    detection: {
      ...Object.fromEntries(draft.selections),
      condition: condition?.text ?? "selection",
    },
    falsepositives: ["Not known yet"],
    level: "medium",
  };
  return { yaml: stringify(rule, { lineWidth: 0 }), leftOut: draft.leftOut };
}

interface Condition {
  readonly text: string;
  /** Whether it stands by itself beside `and`, `or` and `not`. */
  readonly isSimple: boolean;
}

class Draft {
  readonly selections = new Map<string, unknown>();
  readonly leftOut: string[] = [];

  leaveOut(what: string): void {
    if (!this.leftOut.includes(what)) this.leftOut.push(what);
  }

  /** `undefined`: nothing of it can be said. */
  condition(expression: QueryExpression): Condition | undefined {
    const keywords = keywordOf(expression);
    if (keywords !== undefined) {
      this.leaveOut("That a word stands by itself: the rule also finds it inside of other words");
      return this.#select([keywords]);
    }
    if (expression.kind === "call" && expression.op === "not") {
      const [inner] = expression.args;
      const condition = inner === undefined ? undefined : this.condition(inner);
      if (condition === undefined) return undefined;
      return { text: `not ${condition.isSimple ? condition.text : `(${condition.text})`}`, isSimple: false };
    }
    if (expression.kind === "call" && expression.op === "and") return this.#and(expression.args);
    if (expression.kind === "call" && expression.op === "or") return this.#or(expression.args);
    const leaf = this.#leaf(expression);
    if (leaf === undefined) return undefined;
    const selected = this.#select(asSelection([leaf.item]));
    return leaf.isNegated ? { text: `not ${selected.text}`, isSimple: false } : selected;
  }

  /** Tests of different fields are one selection. */
  #and(args: readonly QueryExpression[]): Condition | undefined {
    const items: Item[] = [];
    const others: QueryExpression[] = [];
    for (const one of args.flatMap(flat("and"))) {
      const leaf = isLeaf(one) ? this.#leaf(one) : undefined;
      if (leaf !== undefined && !leaf.isNegated && items.every(({ key }) => key !== leaf.item.key)) {
        items.push(leaf.item);
      } else if (!isLeaf(one) || leaf !== undefined) others.push(one);
    }
    const first = items.length > 0 ? [this.#select(asSelection(items))] : [];
    const parts = [...first, ...others.flatMap((one) => this.condition(one) ?? [])];
    return joined(parts, "and");
  }

  /** Values of one field are one list. */
  #or(args: readonly QueryExpression[]): Condition | undefined {
    const items = new Map<string, Item>();
    const parts: Condition[] = [];
    for (const one of args.flatMap(flat("or"))) {
      const leaf = isLeaf(one) ? this.#leaf(one) : undefined;
      if (leaf !== undefined && !leaf.isNegated) {
        const { key, values } = leaf.item;
        items.set(key, { key, values: [...(items.get(key)?.values ?? []), ...values] });
        continue;
      }
      if (isLeaf(one) && leaf === undefined) continue;
      const part = this.condition(one);
      if (part !== undefined) parts.push(part);
    }
    for (const item of items.values()) parts.push(this.#select(asSelection([item])));
    return joined(parts, "or");
  }

  #select(selection: unknown): Condition {
    const name = this.selections.size === 0 ? "selection" : `selection_${this.selections.size + 1}`;
    this.selections.set(name, selection);
    return { text: name, isSimple: true };
  }

  #leaf(expression: QueryExpression): { readonly item: Item; readonly isNegated: boolean } | undefined {
    const found = leafOf(expression);
    if (typeof found !== "string") return found;
    this.leaveOut(found);
    return undefined;
  }
}

function joined(parts: readonly Condition[], word: "and" | "or"): Condition | undefined {
  const [first] = parts;
  if (first === undefined) return undefined;
  if (parts.length === 1) return first;
  const texts = parts.map(({ text, isSimple }) => (isSimple || text.startsWith("not ") ? text : `(${text})`));
  return { text: texts.join(` ${word} `), isSimple: false };
}

const flat =
  (op: "and" | "or") =>
  (one: QueryExpression): readonly QueryExpression[] =>
    one.kind === "call" && one.op === op && keywordOf(one) === undefined ? one.args.flatMap(flat(op)) : [one];

function isLeaf(one: QueryExpression): boolean {
  if (keywordOf(one) !== undefined) return false;
  return one.kind !== "call" || (one.op !== "and" && one.op !== "or" && one.op !== "not");
}

function asSelection(items: readonly Item[]): unknown {
  return Object.fromEntries(
    items.map(({ key, values }) => [key, values.length === 1 ? values[0] : [...new Set(values)]]),
  );
}

/** A word of the search bar: somewhere in the record or its message. */
function keywordOf(expression: QueryExpression): string | undefined {
  const tests = expression.kind === "call" && expression.op === "or" ? expression.args : [expression];
  const words = tests.map((test) => {
    if (test.kind !== "call" || (test.op !== "has" && test.op !== "contains")) return undefined;
    const [target, word] = test.args;
    const isRecord = target?.kind === "column" && (target.name === "raw" || target.name === "message");
    return isRecord && word?.kind === "literal" && typeof word.value === "string" ? word.value : undefined;
  });
  const [first] = words;
  return first !== undefined && words.every((word) => word === first) ? escaped(first) : undefined;
}

const MODIFIERS: Readonly<Partial<Record<string, string>>> = {
  contains: "|contains",
  contains_cs: "|contains|cased",
  has: "|contains",
  has_cs: "|contains|cased",
  startswith: "|startswith",
  hasprefix: "|startswith",
  startswith_cs: "|startswith|cased",
  endswith: "|endswith",
  hassuffix: "|endswith",
  endswith_cs: "|endswith|cased",
  "<": "|lt",
  "<=": "|lte",
  ">": "|gt",
  ">=": "|gte",
};

/** What one test says in Sigma, or why it says nothing there. */
function leafOf(expression: QueryExpression): { readonly item: Item; readonly isNegated: boolean } | string {
  const unsaid = "A test that Sigma has no words for";
  if (expression.kind !== "call") return unsaid;
  const [target, ...rest] = expression.args;
  if (target?.kind !== "column") return unsaid;
  if (target.type === "datetime") return "The time: a rule looks at every event as it comes";
  const field = target.name;
  const values: Value[] = [];
  for (const one of rest) {
    if (one.kind !== "literal" || one.value === null) return unsaid;
    values.push(one.value);
  }
  const said = (key: string, given: readonly Value[], isNegated = false) => ({
    item: { key, values: given },
    isNegated,
  });
  const texts = values.map((value) => (typeof value === "string" ? escaped(value) : value));
  switch (expression.op) {
    case "==":
    case "!=": {
      const isText = target.type === "string" && typeof values[0] === "string" && /\p{L}/u.test(values[0]);
      return said(field + (isText ? "|cased" : ""), texts, expression.op === "!=");
    }
    case "=~":
    case "!~":
      return said(field, texts, expression.op === "!~");
    case "in":
    case "in~":
      return said(field, texts);
    case "ip_in_range":
      return said(`${field}|cidr`, values);
    case "matches regex":
      return said(`${field}|re`, values);
    case "isnotempty":
    case "isnotnull":
      return said(`${field}|exists`, [true]);
    case "isempty":
    case "isnull":
      return said(`${field}|exists`, [false]);
    case "has_any":
      return said(`${field}|contains`, texts);
    case "has_all":
      return said(`${field}|contains|all`, texts);
    default: {
      const modifier = MODIFIERS[expression.op];
      return modifier === undefined ? unsaid : said(field + modifier, texts);
    }
  }
}

/** `*`, `?` and `\` mean something in Sigma's texts. */
function escaped(text: string): string {
  return text.replace(/\\(?=[*?\\])|[*?]/g, "\\$&");
}
