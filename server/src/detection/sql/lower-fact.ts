import { assertNever } from "@tyto/domain";
import { call, literal, texts, textsTest } from "../../query/index.ts";
import type { QueryExpression, TextPattern } from "../../query/index.ts";

/** What a fact is, or how it begins or ends. */
export interface FactPattern {
  readonly how: "is" | "begins" | "ends";
  readonly text: string;
}

export const exactly = (text: string): FactPattern => ({ how: "is", text });
export const beginning = (text: string): FactPattern => ({ how: "begins", text });
export const ending = (text: string): FactPattern => ({ how: "ends", text });

/** The first of these very fields that is not null, in lower case; an empty text otherwise. */
export const fact = (...names: readonly string[]): QueryExpression =>
  texts({ kind: "fact", names, isList: false, isFolded: true });
/** All texts of a field. */
export const facts = (name: string): QueryExpression =>
  texts({ kind: "fact", names: [name], isList: true, isFolded: true });

export function matches(value: QueryExpression, patterns: readonly FactPattern[]): QueryExpression {
  return textsTest(value, { kind: "patterns", patterns: patterns.map(textPattern) });
}

function textPattern({ how, text }: FactPattern): TextPattern {
  if (text === "") return how === "is" ? [] : [{ kind: "many" }];
  switch (how) {
    case "is":
      return [{ kind: "text", text }];
    case "begins":
      return [{ kind: "text", text }, { kind: "many" }];
    case "ends":
      return [{ kind: "many" }, { kind: "text", text }];
    default:
      return assertNever(how);
  }
}

export function isOneOf(value: QueryExpression, names: readonly string[]): QueryExpression {
  return matches(value, names.map(exactly));
}

/** The field is there, with whatever value. @param isExact paths through nested values do not count. */
export function isPresent(name: string, isExact = true): QueryExpression {
  return call(">=", "bool", [texts({ kind: "presence", names: [name], isExact }), literal("long", 1)]);
}
