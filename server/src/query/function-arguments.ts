import type { BoundQuery } from "./bound-query.ts";
import { literalOf, type Operand } from "./compile-comparison.ts";
import { asBool, asDatetime, asNumber, asText, engineValue, type EngineValue } from "./engine-value.ts";
import type { KqlType, Span } from "./ir.ts";
import { refuse } from "./refusal.ts";
import { checkedPattern } from "./text-match.ts";

export interface FunctionCall {
  readonly args: readonly Operand[];
  readonly type: KqlType;
  readonly span: Span;
}

/** What one function makes of its arguments. */
export type Emitter = (call: Arguments) => EngineValue;

/** A call's arguments as its emitter asks for them. What is missing, or no constant where one is needed, is refused at its place. */
export class Arguments {
  readonly #call: FunctionCall;

  constructor(call: FunctionCall) {
    this.#call = call;
  }

  get count(): number {
    return this.#call.args.length;
  }

  get type(): KqlType {
    return this.#call.type;
  }

  get span(): Span {
    return this.#call.span;
  }

  operand(index: number): Operand {
    return (
      this.#call.args[index] ??
      refuse("missing-argument", `Argument ${index + 1} is missing`, this.#call.span)
    );
  }

  value(index: number): EngineValue {
    return this.operand(index).value;
  }

  values(): readonly EngineValue[] {
    return this.#call.args.map(({ value }) => value);
  }

  text(index: number): BoundQuery {
    return asText(this.value(index));
  }

  whole(index: number): BoundQuery {
    return asNumber(this.value(index), "long");
  }

  real(index: number): BoundQuery {
    return asNumber(this.value(index), "real");
  }

  bool(index: number): BoundQuery {
    return asBool(this.value(index));
  }

  instant(index: number): BoundQuery {
    return asDatetime(this.value(index));
  }

  constantText(index: number, example: string): string {
    const value = literalOf(this.operand(index));
    if (typeof value === "string") return value;
    return refuse(
      "constant-needed",
      "A constant text is needed here",
      this.operand(index).expression.span,
      example,
    );
  }

  constantNumber(index: number, usual?: number): number {
    if (usual !== undefined && index >= this.count) return usual;
    const value = literalOf(this.operand(index));
    if (typeof value === "number") return value;
    return refuse("constant-needed", "A constant number is needed here", this.operand(index).expression.span);
  }

  /** A constant regular expression that the engine understands. */
  pattern(index: number): string {
    return checkedPattern(this.constantText(index, 'write @"…"'), this.operand(index).expression.span);
  }

  result(query: BoundQuery, isNullable = true): EngineValue {
    return engineValue(this.type, query, isNullable);
  }

  json(query: BoundQuery): EngineValue {
    return engineValue("dynamic", query, false);
  }

  strings(query: BoundQuery): EngineValue {
    return { sql: query, type: "dynamic", form: "strings", isNullable: false };
  }
}
