import { assertNever } from "@tyto/domain";
import type { ExplainedItem, MatchedTerm } from "@tyto/domain";
import { ItemCompiler } from "../match/compile-item.ts";
import type { SlotOf } from "../match/compile.ts";
import { lookUp } from "../match/look-up.ts";
import type { Subject } from "../match/subject.ts";
import type { Pattern } from "../sigma/pattern.ts";
import type { DetectionItem, ValueTest } from "../sigma/rule.ts";

const MAX_SEEN = 5;
const MAX_WANTED = 5;
const MAX_CHARACTERS = 200;

/** Asks one line of a selection of one event, by the compiled tests that matching runs. */
export function explainItem(
  item: DetectionItem,
  slotOf: SlotOf,
  subject: Subject,
): Omit<ExplainedItem, "decides"> {
  const isMet = testOf(item, slotOf)(subject);
  const isWidened = item.field === null || /contains|startswith|endswith/.test(item.modifiers);
  const wanted = item.tests.map((test) => ({
    text: cut(wantedText(test, isWidened)),
    isThere: testOf({ ...item, tests: [test], isNegated: false }, slotOf)(subject),
  }));
  // What is there says why an `any` holds; what is not there, why an `all` does not.
  const saysMost = (one: { readonly isThere: boolean }): boolean =>
    one.isThere === (item.quantifier === "any");
  return {
    kind: "item",
    isMet,
    field: item.field,
    modifiers: item.modifiers,
    needs: item.quantifier,
    isNegated: item.isNegated,
    ...(item.field === null ? keywordsSeen(item, slotOf, subject) : fieldSeen(item.field, slotOf, subject)),
    wanted: [...wanted.filter(saysMost), ...wanted.filter((one) => !saysMost(one))].slice(0, MAX_WANTED),
    wantedCount: wanted.length,
  };
}

function testOf(item: DetectionItem, slotOf: SlotOf): (subject: Subject) => boolean {
  const node = new ItemCompiler(slotOf).compile(item);
  return (subject) => node.test(subject);
}

type Seen = Pick<ExplainedItem, "lookedAt" | "foundAt" | "state" | "seen" | "seenCount">;

function fieldSeen(field: string, slotOf: SlotOf, subject: Subject): Seen {
  const { candidates } = slotOf(field);
  const { fields } = subject.event;
  const { isPresent, isNull, values } = subject.view(slotOf(field));
  const found =
    candidates.find((name) => (lookUp(fields, name) ?? null) !== null) ??
    candidates.find((name) => lookUp(fields, name) !== undefined);
  return {
    lookedAt: candidates,
    foundAt: found ?? null,
    state: !isPresent ? "absent" : isNull ? "null" : "present",
    seen: values.slice(0, MAX_SEEN).map(({ text }) => cut(text)),
    seenCount: values.length,
  };
}

/** Of all values of an event only those that hold a keyword are worth showing. */
function keywordsSeen(item: DetectionItem, slotOf: SlotOf, subject: Subject): Seen {
  const terms: MatchedTerm[] = [];
  new ItemCompiler(slotOf).compile({ ...item, isNegated: false }).collect(subject, terms);
  return {
    lookedAt: [],
    foundAt: null,
    state: "present",
    seen: terms.slice(0, MAX_SEEN).map(({ value }) => cut(value)),
    seenCount: subject.keywords.length,
  };
}

function wantedText(test: ValueTest, isWidened: boolean): string {
  switch (test.kind) {
    case "patterns":
      return test.patterns.map((pattern) => patternText(pattern, isWidened)).join(" or ");
    case "null":
      return "null";
    case "exists":
      return test.isPresent ? "present" : "absent";
    case "regex":
      return test.source;
    case "network":
      return test.network;
    case "compare":
      return `${test.operator} ${test.operand}`;
    case "time-part":
      return `${test.part} ${test.operator} ${test.operand}`;
    case "field":
      return `the field ${test.other}`;
    default:
      return assertNever(test);
  }
}

/** As a rule writes it: the wildcards that a modifier or a keyword stands for are left out, and a dash is one. */
function patternText(pattern: Pattern, isWidened: boolean): string {
  const text = pattern
    .filter((part, index) => {
      const isEdge = index === 0 || index === pattern.length - 1;
      return !(isWidened && isEdge && part.kind === "many");
    })
    .map((part) => {
      switch (part.kind) {
        case "text":
          return part.text;
        case "many":
          return "*";
        case "one":
          return "?";
        case "dash":
          return "-";
        default:
          return assertNever(part);
      }
    })
    .join("");
  return text;
}

function cut(text: string): string {
  return text.length > MAX_CHARACTERS ? `${text.slice(0, MAX_CHARACTERS)}…` : text;
}
