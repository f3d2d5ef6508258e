import type { Micros } from "@tyto/domain";
import {
  call,
  junction,
  literal,
  not,
  type AggregateName,
  type Expression,
  type FunctionName,
  type KqlType,
  type Span,
} from "../ir.ts";
import { refuse } from "../refusal.ts";

interface CallSite {
  readonly span: Span;
  readonly type: KqlType;
  readonly now: Micros;
}

/** Kusto's names for functions that mean one of ours with the same arguments. */
const SAME: ReadonlyMap<string, FunctionName> = new Map<string, FunctionName>([
  ...(
    "array_length bin case coalesce endofday extract isempty isnotempty isnotnull isnull parse_json startofday startofmonth startofweek strcat strlen substring tobool todatetime toint tolong tolower tostring toupper unixtime_milliseconds_todatetime unixtime_seconds_todatetime replace_string".split(
      " ",
    ) as readonly FunctionName[]
  ).map((name): [string, FunctionName] => [name, name]),
  ["iff", "iff"],
  ["iif", "iff"],
  ["notempty", "isnotempty"],
  ["notnull", "isnotnull"],
  ["toboolean", "tobool"],
  ["todouble", "todouble"],
  ["todynamic", "parse_json"],
  ["toobject", "parse_json"],
  ["parsejson", "parse_json"],
  ["toreal", "todouble"],
  ["floor", "bin"],
  ["ipv4_is_in_range", "ip_in_range"],
  ["ipv6_is_in_range", "ip_in_range"],
  ["ipv4_is_match", "ip_in_range"],
  ["ipv6_is_match", "ip_in_range"],
]);

const PRIVATE_NETWORKS = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"] as const;

/** Every function that a query may call, for the reference and for completion. */
export function functionNames(): readonly string[] {
  return [...SAME.keys(), "ago", "ipv4_is_private", "not", "now", "trim", ...AGGREGATES.keys()];
}

/** How many arguments a function of ours takes, where Kusto allows more than we do. */
const MOST_ARGUMENTS: Readonly<Partial<Record<FunctionName, number>>> = { ip_in_range: 2, extract: 3 };

export function lowerFunction(name: string, args: readonly Expression[], site: CallSite): Expression {
  const [first, second] = args;
  switch (name) {
    case "not":
      return first === undefined
        ? refuse("missing-argument", "`not` needs a condition", site.span)
        : not(first);
    case "now":
      return instant(site.now + constantSpan(first, name), site.span);
    case "ago":
      return instant(site.now - constantSpan(first, name), site.span);
    case "ipv4_is_private": {
      if (first === undefined) break;
      const tests = PRIVATE_NETWORKS.map((network) =>
        call("ip_in_range", "bool", [first, literal("string", network, site.span)], site.span),
      );
      return junction("or", tests, site.span);
    }
    case "trim":
      // Any other pattern would be cut by the engine one regular expression at a time.
      if (first?.kind === "literal" && first.value === "\\s+" && second !== undefined) {
        return call("trim_space", "string", [second], site.span);
      }
      return refuse("unsupported", '`trim` takes @"\\s+" only', site.span);
    default:
  }
  const own = SAME.get(name);
  if (own === undefined) return refuseFunction(name, site.span);
  const most = MOST_ARGUMENTS[own];
  if (most !== undefined && args.length > most) {
    refuse("unsupported", `\`${name}\` takes ${most} arguments here`, site.span);
  }
  return call(own, site.type, args, site.span);
}

function instant(value: number, span: Span): Expression {
  if (value < 0) refuse("bad-time", "This is before 1970", span);
  return literal("datetime", value, span);
}

function constantSpan(expression: Expression | undefined, name: string): number {
  if (expression === undefined) return 0;
  if (
    expression.kind === "literal" &&
    expression.type === "timespan" &&
    typeof expression.value === "number"
  ) {
    return expression.value;
  }
  return refuse("constant-needed", `\`${name}\` takes a constant`, expression.span, "write 15m, 24h or 7d");
}

const HINTS: ReadonlyMap<string, string> = new Map([
  ["externaldata", "data from outside comes in as a source"],
  ["geo_info_from_ip_address", "the fields source.geo.* hold it where it is known"],
  ["has_any_index", "use has_any"],
]);

export function refuseFunction(name: string, span: Span): never {
  return refuse("unsupported-function", `The function \`${name}\` is not supported`, span, HINTS.get(name));
}

const AGGREGATES: ReadonlyMap<string, { readonly name: AggregateName; readonly most: number }> = new Map([
  ["avg", { name: "avg", most: 1 }],
  ["avgif", { name: "avgif", most: 2 }],
  ["count", { name: "count", most: 0 }],
  ["countif", { name: "countif", most: 1 }],
  ["dcount", { name: "dcount", most: 2 }],
  ["dcountif", { name: "dcountif", most: 3 }],
  ["count_distinct", { name: "dcount", most: 1 }],
  ["count_distinctif", { name: "dcountif", most: 2 }],
  ["make_list", { name: "make_list", most: 2 }],
  ["makelist", { name: "make_list", most: 2 }],
  ["make_set", { name: "make_set", most: 2 }],
  ["makeset", { name: "make_set", most: 2 }],
  ["max", { name: "max", most: 1 }],
  ["maxif", { name: "maxif", most: 2 }],
  ["min", { name: "min", most: 1 }],
  ["minif", { name: "minif", most: 2 }],
  ["sum", { name: "sum", most: 1 }],
  ["sumif", { name: "sumif", most: 2 }],
  ["take_any", { name: "take_any", most: 1 }],
  ["any", { name: "take_any", most: 1 }],
]);

export function aggregateOf(name: string, args: number, span: Span): AggregateName {
  const aggregate = AGGREGATES.get(name);
  if (aggregate === undefined) {
    const known = [...new Set([...AGGREGATES.values()].map((each) => each.name))].join(", ");
    return refuse(
      "unsupported-function",
      `\`${name}\` cannot be used in summarize`,
      span,
      `there are ${known}`,
    );
  }
  if (args > aggregate.most)
    refuse("unsupported", `\`${name}\` takes ${aggregate.most} arguments here`, span);
  return aggregate.name;
}
