import { assertNever } from "@tyto/domain";
import { junction, not, texts } from "../../query/index.ts";
import type { QueryExpression } from "../../query/index.ts";
import { DECLARED_FIELDS } from "../logsource/facts.ts";
import type { Gate } from "../logsource/gate.ts";
import type { ResolvedLogsource } from "../logsource/logsource-map.ts";
import type { When } from "../logsource/when.ts";
import { beginning, ending, exactly, fact, facts, isOneOf, isPresent, matches } from "./lower-fact.ts";
import type { FactPattern } from "./lower-fact.ts";
import { lowerShapes } from "./lower-shapes.ts";

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

const CHANNEL = fact("winlog.channel", "Channel");
const PROVIDER = fact("winlog.provider_name", "Provider_Name");
const PROGRAM = fact("log.syslog.appname", "process.name");
const MODULE = fact("event.module");
const hasChannel = not(isOneOf(CHANNEL, [""]));
const isWindows = junction("or", [hasChannel, not(isOneOf(PROVIDER, [""]))]);

/** A fact that only events of Windows have. */
function onWindows(...names: readonly string[]): (values: readonly string[]) => QueryExpression {
  return (values) => junction("and", [isWindows, isOneOf(fact(...names), values)]);
}

/** Total over the keys of `When`: a new one is a type error here. */
type Tests = Readonly<Record<keyof When, (when: When) => QueryExpression | undefined>>;

const TESTS: Tests = {
  pack: ({ pack }) => given(pack, (names) => packMatches(names.flatMap(beginnings))),
  module: ({ module }) => given(module, (names) => isOneOf(MODULE, names)),
  dataset: ({ dataset }) =>
    given(dataset, (names) =>
      datasetMatches(names.flatMap((name) => [...beginnings(name), ending(`.${name}`)])),
    ),
  channel: ({ channel }) => given(channel, (names) => isOneOf(CHANNEL, names)),
  windowsChannel: ({ windowsChannel }) =>
    given(windowsChannel, () =>
      junction("and", [hasChannel, not(matches(CHANNEL, [beginning("linux-sysmon/")]))]),
    ),
  provider: ({ provider }) => given(provider, (names) => isOneOf(PROVIDER, names)),
  code: ({ code }) => given(code, onWindows("event.code", "EventID")),
  registryAction: ({ registryAction }) =>
    given(registryAction, onWindows("winlog.event_data.EventType", "EventType")),
  category: ({ category }) => given(category, (names) => isOneOf(facts("event.category"), names)),
  type: ({ type }) => given(type, (names) => isOneOf(facts("event.type"), names)),
  observer: ({ observer }) => given(observer, (names) => isOneOf(fact("observer.type"), names)),
  osType: ({ osType }) => given(osType, (names) => isOneOf(fact("host.os.type"), names)),
  cloud: ({ cloud }) => given(cloud, (names) => isOneOf(fact("cloud.provider"), names)),
  program: ({ program }) =>
    given(program, (names) => junction("and", [not(isWindows), isOneOf(PROGRAM, names)])),
  dnsQuestion: ({ dnsQuestion }) => given(dnsQuestion, () => isPresent("dns.question.name")),
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
      return junction("or", [packMatches(patterns), matches(MODULE, patterns), datasetMatches(patterns)]);
    }
    case "category":
      return isOneOf(facts("event.category"), [name]);
    case "service": {
      const patterns = [exactly(name), ending(`.${name}`), ending(`/${name}`)];
      return junction("or", [packMatches(patterns), datasetMatches(patterns)]);
    }
    default:
      return assertNever(part);
  }
}

const DATASET = fact("event.dataset");
const declaresNothing = junction(
  "and",
  Object.values(DECLARED_FIELDS).map((field) => isOneOf(fact(field), [""])),
);
/** No pack has read the event and it says nothing of itself: what its vendor's own names give away is its dataset. */
const isBare = junction("and", [
  packMatches([exactly("unknown")]),
  isOneOf(DATASET, [""]),
  not(isWindows),
  declaresNothing,
]);

function datasetMatches(patterns: readonly FactPattern[]): QueryExpression {
  return junction("or", [matches(DATASET, patterns), junction("and", [isBare, lowerShapes(patterns)])]);
}

/** Whole words only: `nginx-access/error` begins with `nginx`. */
function beginnings(name: string): readonly FactPattern[] {
  return [exactly(name), ...["-", "/", ".", "_"].map((next) => beginning(name + next))];
}

function packMatches(patterns: readonly FactPattern[]): QueryExpression {
  return matches(texts({ kind: "pack" }), patterns);
}
