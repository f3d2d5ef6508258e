import { assertNever } from "@tyto/domain";
import { DECLARED_FIELDS } from "../logsource/facts.ts";
import type { Gate } from "../logsource/gate.ts";
import type { ResolvedLogsource } from "../logsource/logsource-map.ts";
import type { When } from "../logsource/when.ts";
import { call, junction, literal, not, texts, textsTest } from "../../query/index.ts";
import type { QueryExpression, TextPattern } from "../../query/index.ts";

/**
 * `ResolvedLogsource.admits` for the engine: `facts.ts` says what each fact is read from, `when.ts` and `gate.ts` what is asked of
 * it. What those gain, this must gain.
 */
export function lowerGate({ logsource, gates }: ResolvedLogsource): QueryExpression {
  const declared = Object.values(DECLARED_FIELDS).map((field) => not(isOneOf(fact(field), [""])));
  const open = junction("and", [
    ...Object.values(DECLARED_FIELDS).map((field) => isOneOf(fact(field), [""])),
    ...gates.map(gateTest),
  ]);
  const own = PARTS.flatMap((part) => {
    const name = logsource[part];
    return name === undefined ? [] : [isOneOf(fact(DECLARED_FIELDS[part]), [name])];
  });
  return junction("or", [open, junction("and", [junction("or", declared), ...own])]);
}

const PARTS = ["product", "category", "service"] as const;

const fact = (...names: readonly string[]): QueryExpression => texts({ kind: "fact", names, isList: false });
const facts = (name: string): QueryExpression => texts({ kind: "fact", names: [name], isList: true });

const CHANNEL = fact("winlog.channel", "Channel");
const PROGRAM = fact("log.syslog.appname", "process.name");
const MODULE = fact("event.module");
const DATASET = fact("event.dataset");
const hasChannel = not(isOneOf(CHANNEL, [""]));

/** A fact that only events of a Windows channel have. */
function onChannel(...names: readonly string[]): (values: readonly string[]) => QueryExpression {
  return (values) => junction("and", [hasChannel, isOneOf(fact(...names), values)]);
}

/** Total over the keys of `When`: a new one is a type error here. */
type Tests = Readonly<Record<keyof When, (when: When) => QueryExpression | undefined>>;

const TESTS: Tests = {
  pack: ({ pack }) => given(pack, (names) => packMatches(names.flatMap(beginnings))),
  module: ({ module }) => given(module, (names) => isOneOf(MODULE, names)),
  dataset: ({ dataset }) =>
    given(dataset, (names) =>
      matches(
        DATASET,
        names.flatMap((name) => [...beginnings(name), ending(`.${name}`)]),
      ),
    ),
  channel: ({ channel }) => given(channel, (names) => isOneOf(CHANNEL, names)),
  anyChannel: ({ anyChannel }) => given(anyChannel, () => hasChannel),
  code: ({ code }) => given(code, onChannel("event.code", "EventID")),
  registryAction: ({ registryAction }) =>
    given(registryAction, onChannel("winlog.event_data.EventType", "EventType")),
  category: ({ category }) => given(category, (names) => isOneOf(facts("event.category"), names)),
  type: ({ type }) => given(type, (names) => isOneOf(facts("event.type"), names)),
  observer: ({ observer }) => given(observer, (names) => isOneOf(fact("observer.type"), names)),
  osType: ({ osType }) => given(osType, (names) => isOneOf(fact("host.os.type"), names)),
  cloud: ({ cloud }) => given(cloud, (names) => isOneOf(fact("cloud.provider"), names)),
  program: ({ program }) =>
    given(program, (names) => junction("and", [not(hasChannel), isOneOf(PROGRAM, names)])),
  dnsQuestion: ({ dnsQuestion }) => given(dnsQuestion, () => isPresent("dns.question.name")),
  shape: ({ shape }) =>
    given(shape, (wanted) => {
      const hasShape = junction("and", [isPresent("eventName"), isPresent("eventSource")]);
      return wanted === "" ? not(hasShape) : hasShape;
    }),
};

function given<T>(value: T | undefined, test: (value: T) => QueryExpression): QueryExpression | undefined {
  return value === undefined ? undefined : test(value);
}

function gateTest(gate: Gate): QueryExpression {
  return gate.kind === "when" ? junction("or", gate.when.map(whenTest)) : namedTest(gate);
}

function whenTest(when: When): QueryExpression {
  return junction(
    "and",
    Object.values(TESTS).flatMap((test) => test(when) ?? []),
  );
}

function namedTest({ part, name }: Extract<Gate, { readonly kind: "named" }>): QueryExpression {
  switch (part) {
    case "product": {
      const patterns = [exactly(name), beginning(`${name}-`), beginning(`${name}.`)];
      return junction("or", [packMatches(patterns), matches(MODULE, patterns), matches(DATASET, patterns)]);
    }
    case "category":
      return isOneOf(facts("event.category"), [name]);
    case "service": {
      const patterns = [exactly(name), ending(`.${name}`), ending(`/${name}`)];
      return junction("or", [packMatches(patterns), matches(DATASET, patterns)]);
    }
    default:
      return assertNever(part);
  }
}

const exactly = (text: string): TextPattern => [{ kind: "text", text }];
const beginning = (text: string): TextPattern => [...exactly(text), { kind: "many" }];
const ending = (text: string): TextPattern => [{ kind: "many" }, ...exactly(text)];

/** Whole words only: `nginx-access/error` begins with `nginx`. */
function beginnings(name: string): readonly TextPattern[] {
  return [exactly(name), ...["-", "/", ".", "_"].map((next) => beginning(name + next))];
}

function matches(fact: QueryExpression, patterns: readonly TextPattern[]): QueryExpression {
  return textsTest(fact, { kind: "patterns", patterns });
}

function isOneOf(fact: QueryExpression, names: readonly string[]): QueryExpression {
  return matches(
    fact,
    names.map((name) => (name === "" ? [] : exactly(name))),
  );
}

function packMatches(patterns: readonly TextPattern[]): QueryExpression {
  return matches(texts({ kind: "pack" }), patterns);
}

function isPresent(name: string): QueryExpression {
  const presence = texts({ kind: "presence", names: [name], isExact: true });
  return call(">=", "bool", [presence, literal("long", 1)]);
}
