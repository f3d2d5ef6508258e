import { FIELDS } from "@tyto/domain";
import {
  call,
  column,
  junction,
  literal,
  not,
  type AggregateName,
  type Expression,
  type FunctionName,
  type KqlType,
  type Span,
} from "../ir.ts";
import { shownColumns } from "../finish-query.ts";
import { refuse } from "../refusal.ts";
import { AGGREGATE_TABLE, FUNCTIONS } from "./function-table.ts";
import { cast } from "./lower-let.ts";
import { spread } from "./lower-literal.ts";
import type { LoweringContext } from "./lowering-context.ts";

interface CallSite {
  readonly span: Span;
  readonly type: KqlType;
  readonly context: LoweringContext;
}

const PRIVATE_NETWORKS = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"] as const;

/** How many arguments a function of ours takes, where Kusto allows more than we do. */
const MOST_ARGUMENTS: Readonly<Partial<Record<FunctionName, number>>> = {
  ip_in_range: 2,
  array_index_of: 2,
  array_sort_asc: 1,
  array_sort_desc: 1,
};

export function lowerFunction(name: string, args: readonly Expression[], site: CallSite): Expression {
  const { span } = site;
  const [first, second] = args;
  const special = SPECIAL.get(name);
  if (special !== undefined) return special(args, site);
  const entry = FUNCTIONS.get(name);
  if (entry?.op === undefined || entry.op === null) return refuseFunction(name, span);
  const most = MOST_ARGUMENTS[entry.op];
  if (most !== undefined && args.length > most) {
    refuse("unsupported", `\`${name}\` takes ${most} arguments here`, span);
  }
  if (entry.op === "trim" && first?.kind === "literal" && first.value === "\\s+" && second !== undefined) {
    // The usual pattern has a cheaper way.
    return call("trim_space", "string", [second], span);
  }
  if (entry.op === "extract_json") return call(entry.op, site.type, args.slice(0, 2), span);
  return call(entry.op, site.type, args, span);
}

type Special = (args: readonly Expression[], site: CallSite) => Expression;

const needed = (args: readonly Expression[], index: number, site: CallSite): Expression =>
  args[index] ?? refuse("missing-argument", `Argument ${index + 1} is missing`, site.span);

/** Functions that become something else than one call of the same arguments. */
const SPECIAL: ReadonlyMap<string, Special> = new Map<string, Special>([
  ["not", (args, site) => not(needed(args, 0, site))],
  ["now", ([span], site) => instant(site.context.now + constantSpan(span, "now"), site.span)],
  ["ago", ([span], site) => instant(site.context.now - constantSpan(span, "ago"), site.span)],
  ["ingestion_time", (_, site) => ingested(site)],
  ["ipv4_is_private", (args, site) => inNetworks(needed(args, 0, site), PRIVATE_NETWORKS, site)],
  ["ipv4_is_in_any_range", inAnyRange],
  ["ipv6_is_in_any_range", inAnyRange],
  ["has_any_ipv4", (args, site) => anyOf("has_ipv4", args, site)],
  ["has_any_ipv4_prefix", (args, site) => anyOf("has_ipv4_prefix", args, site)],
  [
    "replace",
    ([pattern, into, text], site) => {
      const ordered = [text, pattern, into].filter((each) => each !== undefined);
      return call("replace_regex", "string", ordered, site.span);
    },
  ],
  [
    "extract",
    (args, site) => {
      const found = call("extract", "string", args.slice(0, 3), site.span);
      return cast(found, site.type, site.span);
    },
  ],
  ["startofday", (args, site) => startOf("startofday", args, site)],
  ["startofweek", (args, site) => startOf("startofweek", args, site)],
  ["startofmonth", (args, site) => startOf("startofmonth", args, site)],
  ["endofday", (args, site) => startOf("endofday", args, site)],
  ["column_ifexists", columnIfExists],
  ["columnifexists", columnIfExists],
  ["pack_all", packAll],
  ["geo_info_from_ip_address", geoInfo],
]);

const OFFSET_UNIT = {
  startofday: "day",
  startofweek: "week",
  startofmonth: "month",
  endofday: "day",
} as const;

function startOf(name: keyof typeof OFFSET_UNIT, args: readonly Expression[], site: CallSite): Expression {
  const [time, offset] = [needed(args, 0, site), args[1]];
  if (offset === undefined) return call(name, "datetime", [time], site.span);
  const moved = call(
    "datetime_add",
    "datetime",
    [literal("string", OFFSET_UNIT[name]), offset, time],
    site.span,
  );
  return call(name, "datetime", [moved], site.span);
}

function inNetworks(address: Expression, networks: readonly string[], site: CallSite): Expression {
  const tests = networks.map((network) =>
    call("ip_in_range", "bool", [address, literal("string", network, site.span)], site.span),
  );
  return junction("or", tests, site.span);
}

function inAnyRange(args: readonly Expression[], site: CallSite): Expression {
  const address = needed(args, 0, site);
  const networks = args.slice(1).flatMap(spread);
  return junction(
    "or",
    networks.map((network) => call("ip_in_range", "bool", [address, network], site.span)),
    site.span,
  );
}

function anyOf(op: "has_ipv4" | "has_ipv4_prefix", args: readonly Expression[], site: CallSite): Expression {
  const text = needed(args, 0, site);
  const wanted = args.slice(1).flatMap(spread);
  return junction(
    "or",
    wanted.map((each) => call(op, "bool", [text, each], site.span)),
    site.span,
  );
}

function ingested(site: CallSite): Expression {
  const { input } = site.context;
  if (input?.columns.some(({ name }) => name === "ingested") === true)
    return column("ingested", "datetime", site.span);
  return refuse(
    "unsupported",
    "These rows have no `ingested`",
    site.span,
    "keep the column `ingested` in a project before",
  );
}

function columnIfExists(args: readonly Expression[], site: CallSite): Expression {
  const name = needed(args, 0, site);
  if (name.kind !== "literal" || typeof name.value !== "string") {
    return refuse("constant-needed", "The name of the column is a constant", name.span);
  }
  const found = site.context.input?.columns.find((each) => each.name === name.value);
  return found === undefined ? needed(args, 1, site) : column(found.name, found.type, site.span);
}

function packAll(args: readonly Expression[], site: CallSite): Expression {
  if (args.length > 0)
    refuse(
      "unsupported",
      "`pack_all` takes no arguments here",
      site.span,
      "missing values are null in the object",
    );
  const { input } = site.context;
  if (input === null) return refuse("unsupported", "There are no columns here", site.span);
  const shown = shownColumns(input);
  const columns = input.columns.filter(({ name }) => shown.has(name) && !name.startsWith("\u0000"));
  const pairs = columns.flatMap(({ name, type }) => [literal("string", name), column(name, type)]);
  return call("bag_pack", "dynamic", pairs, site.span);
}

const GEO: readonly (readonly [key: string, field: string])[] = [
  ["country", "country_name"],
  ["country_iso_code", "country_iso_code"],
  ["state", "region_name"],
  ["city", "city_name"],
  ["location", "location"],
];

/** The engine looks no address up: what the event says of its own address is packed. */
function geoInfo(args: readonly Expression[], site: CallSite): Expression {
  const address = needed(args, 0, site);
  const owner =
    address.kind === "column" && address.name.endsWith(".ip") ? address.name.slice(0, -3) : undefined;
  const fields = GEO.map(([key, field]) => ({
    key,
    field: FIELDS.get(`${owner ?? ""}.geo.${field}`),
  })).filter(({ field }) => field !== undefined);
  const input = site.context.input?.columns ?? [];
  const pairs = fields.flatMap(({ key, field }) => {
    const found = input.find((each) => each.name === field?.name);
    return found === undefined ? [] : [literal("string", key), column(found.name, found.type)];
  });
  if (pairs.length > 0) return call("bag_pack", "dynamic", pairs, site.span);
  return refuse(
    "unsupported",
    "Where an address is, only its event says",
    site.span,
    "use it on source.ip or destination.ip; the fields are source.geo.country_iso_code and the like",
  );
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
  ["has_any_index", "use has_any"],
  ["FileProfile", "a hash is looked up in a table of your own: let known = datatable(…)[…]"],
  ["new_guid", "an event has its `id`"],
  ["row_window_session", "use prev() and row_cumsum()"],
  ["row_rank_min", "use row_rank_dense()"],
  ["treepath", "use bag_keys()"],
  ["current_principal", "the query runs as you, and knows no names"],
  ["materialized_view", "there are Events, Findings and Alerts"],
  ["ipv4_lookup", "use ipv4_is_in_any_range with the networks"],
]);

export function refuseFunction(name: string, span: Span): never {
  return refuse(
    "unsupported-function",
    `The function \`${name}\` is not supported`,
    span,
    HINTS.get(name) ?? "the reference lists what there is: docs/reference/kql.md",
  );
}

export function isAggregate(name: string): boolean {
  return AGGREGATE_TABLE.has(name);
}

export function aggregateOf(name: string, args: number, span: Span): AggregateName {
  const aggregate = AGGREGATE_TABLE.get(name);
  if (aggregate?.op === undefined || aggregate.op === null) {
    const known = [...AGGREGATE_TABLE.keys()].join(", ");
    return refuse(
      "unsupported-function",
      `\`${name}\` cannot be used in summarize`,
      span,
      `there are ${known}`,
    );
  }
  if (args > aggregate.most)
    refuse("unsupported", `\`${name}\` takes ${aggregate.most} arguments here`, span);
  return aggregate.op;
}
