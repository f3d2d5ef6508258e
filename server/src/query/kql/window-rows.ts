import { filteredScan } from "../bind-query.ts";
import { HIDDEN, sortedByTime } from "../finish-query.ts";
import {
  call,
  column,
  literal,
  type Column,
  type Expression,
  type KqlType,
  type Relation,
  type SortKey,
  type Span,
  type WindowItem,
} from "../ir.ts";
import { refuse } from "../refusal.ts";

/** Functions that look at other rows. */
export const WINDOW_FUNCTIONS = ["next", "prev", "row_cumsum", "row_number", "row_rank_dense"] as const;
type WindowName = (typeof WINDOW_FUNCTIONS)[number];

export function windowFunction(name: string): WindowName | undefined {
  return WINDOW_FUNCTIONS.find((each) => each === name);
}

const MAX_OFFSET = 10_000;

/**
 * The rows below one operator, with what its window functions need: the rows get a number in the order that they have, and each
 * function becomes a hidden column over that order.
 */
export class WindowRows {
  #relation: Relation;
  #order: Expression | null = null;
  #hidden = 0;

  constructor(input: Relation) {
    this.#relation = input;
  }

  get relation(): Relation {
    return this.#relation;
  }

  /** The rows' order, when a window function has asked for it. */
  get order(): readonly SortKey[] {
    return this.#order === null ? [] : [{ value: this.#order, direction: "asc", nulls: "first" }];
  }

  add(
    name: WindowName,
    args: readonly Expression[],
    site: { readonly type: KqlType; readonly span: Span },
  ): Expression {
    const [first, second, third] = args;
    const { span, type } = site;
    const needed = (): Expression => first ?? refuse("missing-argument", `\`${name}\` needs a value`, span);
    switch (name) {
      case "row_number": {
        const number = this.#window("row_number", [], "long", this.#restarts(second));
        const start = first === undefined ? literal("long", 1) : first;
        return call("+", "long", [number, call("-", "long", [start, literal("long", 1)])], span);
      }
      case "row_cumsum":
        return this.#window("running_sum", [needed()], type, this.#restarts(second));
      case "row_rank_dense": {
        const partition = this.#restarts(second);
        const before = this.#window("previous", [needed(), literal("long", 1)], needed().type, partition);
        const number = this.#window("row_number", [], "long", partition);
        const isSame = call("and", "bool", [
          call(">", "bool", [number, literal("long", 1)]),
          call("==", "bool", [before, needed()]),
        ]);
        const step = call("iff", "long", [isSame, literal("long", 0), literal("long", 1)]);
        return this.#window("running_sum", [step], "long", partition);
      }
      case "prev":
      case "next": {
        const offset = second ?? literal("long", 1, span);
        const isDistance = offset.kind === "literal" && typeof offset.value === "number" && offset.value >= 0;
        if (!isDistance || Number(offset.value) > MAX_OFFSET) {
          refuse("constant-needed", `The distance is a constant from 0 to ${MAX_OFFSET}`, offset.span);
        }
        const all = third === undefined ? [needed(), offset] : [needed(), offset, third];
        return this.#window(name === "prev" ? "previous" : "next", all, type, []);
      }
    }
  }

  /** Each row that restarts begins a partition. */
  #restarts(condition: Expression | undefined): readonly Expression[] {
    if (condition === undefined || (condition.kind === "literal" && condition.value === false)) return [];
    const begins = call("iff", "long", [condition, literal("long", 1), literal("long", 0)], condition.span);
    return [this.#window("running_sum", [begins], "long", [])];
  }

  #window(
    name: WindowItem["function"],
    args: readonly Expression[],
    type: KqlType,
    partition: readonly Expression[],
  ): Expression {
    this.#order ??= this.#numbered();
    const hidden = this.#name();
    this.#relation = windowOver(
      this.#relation,
      { name: hidden, type, function: name, args },
      { order: this.order, partition },
    );
    return column(hidden, type);
  }

  #numbered(): Expression {
    const name = this.#name();
    this.#relation = numbered(this.#relation, name);
    return column(name, "long");
  }

  #name(): string {
    let name: string;
    do name = `${HIDDEN}w${this.#hidden++}`;
    while (this.#relation.columns.some((each) => each.name === name));
    return name;
  }
}

export function windowOver(
  input: Relation,
  item: WindowItem,
  over: { readonly order: readonly SortKey[]; readonly partition: readonly Expression[] },
): Relation {
  const { name, type } = item;
  return {
    kind: "window",
    input,
    items: [item],
    ...over,
    columns: [...input.columns, { name, type }],
    span: input.span,
  };
}

/** The rows with their numbers in the order that they have: of the sort below, or of time, or of the groups' keys. */
function numbered(relation: Relation, name: string): Relation {
  const hidden: Column = { name, type: "long" };
  const count = (input: Relation, order: readonly SortKey[]): Relation =>
    windowOver(input, { ...hidden, function: "row_number", args: [] }, { order, partition: [] });
  switch (relation.kind) {
    case "sort":
      return count(relation.input, relation.keys);
    case "take": {
      const input = numbered(relation.input, name);
      const sorted: Relation = {
        kind: "sort",
        input,
        keys: [{ value: column(name, "long"), direction: "asc", nulls: "first" }],
        columns: input.columns,
        span: relation.span,
      };
      return { ...relation, input: sorted, columns: input.columns };
    }
    case "filter": {
      const input = numbered(relation.input, name);
      return { ...relation, input, columns: input.columns };
    }
    case "extend":
    case "window":
      return { ...relation, input: numbered(relation.input, name), columns: [...relation.columns, hidden] };
    case "project":
      return {
        ...relation,
        input: numbered(relation.input, name),
        items: [...relation.items, { name, value: column(name, "long") }],
        columns: [...relation.columns, hidden],
      };
    case "summarize":
      return count(
        relation,
        relation.keys.map((key) => ({
          value: column(key.name, key.value.type),
          direction: "asc",
          nulls: "first",
        })),
      );
    default: {
      const sorted = filteredScan(relation) === null ? null : sortedByTime(relation);
      return count(relation, sorted?.kind === "sort" ? sorted.keys : []);
    }
  }
}
