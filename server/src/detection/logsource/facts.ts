import type { Event, FieldValue } from "@tyto/domain";
import { datasetOfShape } from "./shapes.ts";

/** The few things of an event that say which logsources it belongs to. Few distinct combinations occur, so gates are cached. */
export interface LogsourceFacts {
  /** `<pack>` or `<pack>/<dataset>`. */
  readonly pack: string;
  readonly module: string;
  /** As the event states it; of an event that no pack has read, what its vendor's own names give away. */
  readonly dataset: string;
  /** Windows event channel; empty elsewhere, and in what is read off ETW directly. */
  readonly channel: string;
  /** Windows event provider. */
  readonly provider: string;
  readonly code: string;
  /** Sysmon tells creation and deletion of registry keys apart only here. */
  readonly registryAction: string;
  readonly categories: readonly string[];
  readonly types: readonly string[];
  readonly observer: string;
  readonly osType: string;
  readonly cloud: string;
  /** The program that wrote a syslog line. */
  readonly program: string;
  readonly hasDnsQuestion: boolean;
  /** What a Sigma-named event says of itself. */
  readonly declared:
    { readonly product: string; readonly category: string; readonly service: string } | undefined;
}

/** Names of the fields with which a Sigma-named event may state its logsource. */
export const DECLARED_FIELDS = {
  product: "tyto.logsource.product",
  category: "tyto.logsource.category",
  service: "tyto.logsource.service",
} as const;

export function factsOf(event: Event): LogsourceFacts {
  const { fields } = event;
  const text = (...names: readonly string[]): string => {
    for (const name of names) {
      const value = fields[name];
      if (value !== undefined && value !== null) return scalarText(value);
    }
    return "";
  };
  const list = (name: string): readonly string[] => {
    const value = fields[name];
    if (value === undefined || value === null) return [];
    return Array.isArray(value) ? (value as readonly FieldValue[]).map(scalarText) : [scalarText(value)];
  };
  const channel = text("winlog.channel", "Channel");
  const product = text(DECLARED_FIELDS.product);
  const category = text(DECLARED_FIELDS.category);
  const service = text(DECLARED_FIELDS.service);
  const dataset = text("event.dataset");
  // What a pack has read states its dataset; shapes are for the rest only, since looking for them costs many look-ups.
  const isDeclared = product + category + service !== "";
  const provider = text("winlog.provider_name", "Provider_Name");
  const isWindows = channel !== "" || provider !== "";
  const isBare = dataset === "" && !isWindows && !isDeclared && event.pack.toLowerCase() === "unknown";
  return {
    pack: event.pack.toLowerCase(),
    module: text("event.module"),
    dataset: isBare ? datasetOfShape(fields) : dataset,
    channel,
    provider,
    code: isWindows ? text("event.code", "EventID") : "",
    registryAction: isWindows ? text("winlog.event_data.EventType", "EventType") : "",
    categories: list("event.category"),
    types: list("event.type"),
    observer: text("observer.type"),
    osType: text("host.os.type"),
    cloud: text("cloud.provider"),
    program: isWindows ? "" : text("log.syslog.appname", "process.name"),
    hasDnsQuestion: fields["dns.question.name"] !== undefined,
    declared: isDeclared ? { product, category, service } : undefined,
  };
}

function scalarText(value: FieldValue): string {
  return typeof value === "string" || typeof value === "number" ? String(value).toLowerCase() : "";
}

/**
 * What an event's facts are read from, as one text: equal texts have equal facts. Far cheaper than the facts themselves, which are
 * needed once for each.
 */
export function gateKey(event: Event): string {
  const { fields } = event;
  const product = fields[DECLARED_FIELDS.product];
  const category = fields[DECLARED_FIELDS.category];
  const service = fields[DECLARED_FIELDS.service];
  // What an event declares outranks everything else.
  if (product !== undefined || category !== undefined || service !== undefined) {
    const declared = `${keyOf(product)}\u0000${keyOf(category)}\u0000${keyOf(service)}`;
    if (declared !== "\u0000\u0000") return declared;
  }
  let key = event.pack;
  for (const name of FACT_FIELDS) key += `\u0001${keyOf(fields[name])}`;
  if (fields["dns.question.name"] !== undefined) key += "\u0001dns";
  return isBare(event) ? `${key}\u0001${datasetOfShape(fields)}` : key;
}

const FACT_FIELDS = [
  ...["event.module", "event.dataset", "winlog.channel", "Channel", "winlog.provider_name", "Provider_Name"],
  ...["event.code", "EventID", "winlog.event_data.EventType", "EventType", "event.category", "event.type"],
  ...["observer.type", "host.os.type", "cloud.provider", "log.syslog.appname", "process.name"],
] as const;

/** Every field that a fact may be read from, but for the question of a name, whose presence alone is one. */
export const FACT_KEYS: readonly string[] = [...FACT_FIELDS, ...Object.values(DECLARED_FIELDS)];

function keyOf(value: FieldValue | undefined): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "string") return value;
  if (typeof value === "number") return String(value);
  return Array.isArray(value) ? (value as readonly FieldValue[]).map(scalarText).join("\u0002") : "";
}

/** Read by no pack, and silent about what it is. */
function isBare({ fields, pack }: Event): boolean {
  if (pack !== "unknown") return false;
  const names = ["event.dataset", "winlog.channel", "Channel", "winlog.provider_name", "Provider_Name"];
  return names.every((name) => keyOf(fields[name]) === "");
}
