import { assertNever } from "@tyto/domain";
import type { Place } from "@tyto/domain";
import { readChain } from "./modifier-chain.ts";
import type { ModifierChain } from "./modifier-chain.ts";
import { base64Of, base64OffsetsOf, bytesAsText, utf16Bytes, utf8Bytes } from "./encodings.ts";
import { literalPattern, parsePattern, spellOut, widen, withDashes } from "./pattern.ts";
import type { Pattern } from "./pattern.ts";
import { expandPlaceholders } from "./placeholders.ts";
import type { Placeholders } from "./placeholders.ts";
import type { Problems } from "./problems.ts";
import type { RuleNode, RuleScalar } from "./rule-node.ts";
import type { DetectionItem, TimePart, ValueTest } from "./rule.ts";

/** Texts that one value may become: five signs to the power of its options. */
const MAX_EXPANSIONS = 625;

export interface ItemContext {
  readonly problems: Problems;
  readonly placeholders: Placeholders;
}

/** Reads `Field|modifiers: value or list`. `undefined` when it is wrong or refused; the problems say so. */
export function readItem(
  key: string,
  keyAt: Place,
  value: RuleNode,
  context: ItemContext,
): DetectionItem | undefined {
  const [fieldName = "", ...names] = key.split("|");
  const chain = readChain(names, keyAt, context.problems);
  if (chain === undefined) return undefined;
  const scalars = scalarsOf(value, context.problems);
  if (scalars === undefined) return undefined;
  if (chain.isAll && scalars.length === 1) {
    context.problems.warn(keyAt, "all-on-one-value", "|all has one value and changes nothing");
  }
  const isKeyword = fieldName === "";
  const tests: ValueTest[] = [];
  for (const scalar of scalars) {
    const read = readValue(scalar, isKeyword ? asKeyword(chain) : chain, context);
    if (read === undefined) return undefined;
    tests.push(...read);
  }
  return {
    field: isKeyword ? null : fieldName,
    modifiers: names.join("|"),
    quantifier: chain.isAll ? "all" : "any",
    isNegated: chain.isNegated,
    tests,
  };
}

/** A keyword stands anywhere in a value, unless the rule pins it to an end itself. */
function asKeyword(chain: ModifierChain): ModifierChain {
  return chain.operator.kind === "text" && chain.shape === "equals" ? { ...chain, shape: "contains" } : chain;
}

function scalarsOf(value: RuleNode, problems: Problems): readonly RuleScalar[] | undefined {
  switch (value.kind) {
    case "scalar":
      return [value];
    case "map":
      problems.error(
        value.at,
        "wrong-shape",
        "a field's value is a map; expected a value or a list of values",
      );
      return undefined;
    case "list": {
      if (value.items.length === 0) {
        problems.error(value.at, "empty-list", "the list of values is empty and could never match");
        return undefined;
      }
      const scalars = value.items.filter((item) => item.kind === "scalar");
      if (scalars.length === value.items.length) return scalars;
      const inner = value.items.find((item) => item.kind !== "scalar") ?? value;
      problems.error(inner.at, "wrong-shape", "a list of values may hold only plain values");
      return undefined;
    }
    default:
      return assertNever(value);
  }
}

/** One written value: usually one test, several after `expand`. */
function readValue(
  scalar: RuleScalar,
  chain: ModifierChain,
  context: ItemContext,
): readonly ValueTest[] | undefined {
  const { problems } = context;
  const { operator } = chain;
  switch (operator.kind) {
    case "exists":
      if (typeof scalar.value === "boolean") return [{ kind: "exists", isPresent: scalar.value }];
      problems.error(scalar.at, "wrong-value", "|exists takes true or false");
      return undefined;
    case "compare": {
      if (typeof scalar.value === "number") {
        return [{ kind: "compare", operator: operator.operator, operand: scalar.value }];
      }
      problems.error(scalar.at, "wrong-value", `|${operator.operator} takes a number, without quotes`);
      return undefined;
    }
    case "time-part":
      return readTimePart(scalar, operator, problems);
    case "field":
      if (typeof scalar.value === "string" && scalar.value !== "") {
        return [{ kind: "field", other: scalar.value, relation: chain.shape, isCased: chain.isCased }];
      }
      problems.error(scalar.at, "wrong-value", "|fieldref takes the name of a field");
      return undefined;
    case "regex": {
      const { isCaseInsensitive, isMultiline, isDotAll } = operator;
      return expanded(scalar, chain, context)?.map((source) => ({
        kind: "regex",
        source,
        isCaseInsensitive,
        isMultiline,
        isDotAll,
        at: scalar.at,
      }));
    }
    case "network":
      return expanded(scalar, chain, context)?.map((network) => ({
        kind: "network",
        network,
        at: scalar.at,
      }));
    case "text":
      return readText(scalar, chain, context);
    default:
      return assertNever(operator);
  }
}

/** What each part can be: another number would never match, and is a slip. */
const TIME_PART_RANGES: Readonly<Record<TimePart, readonly [number, number]>> = {
  minute: [0, 59],
  hour: [0, 23],
  day: [1, 31],
  week: [1, 53],
  month: [1, 12],
  year: [0, 9999],
};

function readTimePart(
  { value, at, text }: RuleScalar,
  { part, operator }: Extract<ModifierChain["operator"], { kind: "time-part" }>,
  problems: Problems,
): readonly ValueTest[] | undefined {
  if (typeof value !== "number" || !Number.isInteger(value)) {
    problems.error(at, "wrong-value", `|${part} takes a whole number, without quotes`);
    return undefined;
  }
  const [least, most] = TIME_PART_RANGES[part];
  if (value < least || value > most) {
    problems.warn(at, "no-such-time", `no ${part} is ${text}`, `it is from ${least} to ${most}`);
  }
  return [{ kind: "time-part", part, operator, operand: value }];
}

function readText(
  scalar: RuleScalar,
  chain: ModifierChain,
  context: ItemContext,
): readonly ValueTest[] | undefined {
  if (scalar.value === null) {
    if (chain.shape === "equals" && chain.encodings.length === 0) return [{ kind: "null" }];
    context.problems.error(scalar.at, "wrong-value", "null has no text for this modifier to work on");
    return undefined;
  }
  if (typeof scalar.value !== "string" && (chain.shape !== "equals" || chain.encodings.length > 0)) {
    const hint = "put the value into quotes";
    context.problems.warn(scalar.at, "text-modifier-on-number", `${scalar.text} is taken as text here`, hint);
  }
  const texts = expanded(scalar, chain, context);
  if (texts === undefined) return undefined;
  const tests: ValueTest[] = [];
  for (const text of texts) {
    const isEncoded = chain.encodings.some((encoding) => encoding !== "windash");
    const start = parsePattern(text);
    const encoded = isEncoded ? encode(start, chain, scalar, context.problems) : undefined;
    if (isEncoded && encoded === undefined) return undefined;
    const patterns = encoded ?? [chain.encodings.includes("windash") ? withDashes(start) : start];
    tests.push({
      kind: "patterns",
      patterns: patterns.map((pattern) => shaped(pattern, chain)),
      isCased: chain.isCased,
    });
  }
  return tests;
}

function shaped(pattern: Pattern, chain: ModifierChain): Pattern {
  switch (chain.shape) {
    case "equals":
      return pattern;
    case "contains":
      return widen(pattern, { start: true, end: true });
    case "startswith":
      return widen(pattern, { start: false, end: true });
    case "endswith":
      return widen(pattern, { start: true, end: false });
    default:
      return assertNever(chain.shape);
  }
}

function expanded(
  scalar: RuleScalar,
  chain: ModifierChain,
  context: ItemContext,
): readonly string[] | undefined {
  if (!chain.isExpanded) return [scalar.text];
  const outcome = expandPlaceholders(scalar.text, context.placeholders);
  if (outcome.kind === "expanded") return outcome.texts;
  const message = `the rule needs values for the placeholder %${outcome.name}%`;
  context.problems.refuse(
    scalar.at,
    "unresolved-placeholder",
    message,
    "supply the values, or leave the rule out",
  );
  return undefined;
}

/** Encodings work on bytes, from left to right; what comes out is plain text again. */
function encode(
  pattern: Pattern,
  chain: ModifierChain,
  scalar: RuleScalar,
  problems: Problems,
): readonly Pattern[] | undefined {
  const dashed = chain.encodings.includes("windash") ? withDashes(pattern) : pattern;
  const texts = spellOut(dashed, MAX_EXPANSIONS);
  if (texts === undefined) {
    const message = "the value has wildcards (or too many options) and cannot be encoded";
    problems.error(scalar.at, "wildcard-in-encoding", message, "escape * and ? with a backslash");
    return undefined;
  }
  const encoded = texts.flatMap((text) => encodeText(text, chain.encodings));
  if (!encoded.includes("")) return encoded.map(literalPattern);
  // An empty needle would match every event.
  problems.error(scalar.at, "value-too-short", "the value is too short to be recognised in Base64");
  return undefined;
}

function encodeText(text: string, encodings: ModifierChain["encodings"]): readonly string[] {
  let values: readonly Uint8Array[] = [utf8Bytes(text)];
  let isText = true;
  for (const encoding of encodings) {
    switch (encoding) {
      case "windash":
        break;
      case "utf16le":
      case "utf16be":
      case "utf16": {
        const order = encoding === "utf16le" ? "little" : encoding === "utf16be" ? "big" : "marked";
        values = values.map((bytes) => utf16Bytes(decodeUtf8(bytes), order));
        isText = false;
        break;
      }
      case "base64":
        values = values.map((bytes) => utf8Bytes(base64Of(bytes)));
        isText = true;
        break;
      case "base64offset":
        values = values.flatMap(base64OffsetsOf).map(utf8Bytes);
        isText = true;
        break;
      default:
        assertNever(encoding);
    }
  }
  return values.map((bytes) => (isText ? decodeUtf8(bytes) : bytesAsText(bytes)));
}

function decodeUtf8(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("utf8");
}
