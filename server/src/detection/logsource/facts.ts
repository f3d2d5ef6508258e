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

/** One text per combination of facts: the key under which the rules that may match are remembered. */
export function factsKey(facts: LogsourceFacts): string {
  const { declared } = facts;
  return [
    facts.pack,
    facts.module,
    facts.dataset,
    facts.channel,
    facts.provider,
    facts.code,
    facts.registryAction,
    facts.categories.join(","),
    facts.types.join(","),
    facts.observer,
    facts.osType,
    facts.cloud,
    facts.program,
    facts.hasDnsQuestion ? "dns" : "",
    declared === undefined ? "" : `${declared.product}\u0001${declared.category}\u0001${declared.service}`,
  ].join("\u0000");
}
