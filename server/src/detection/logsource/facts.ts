import type { Event, FieldValue } from "@tyto/domain";

/** The few things of an event that say which logsources it belongs to. Few distinct combinations occur, so gates are cached. */
export interface LogsourceFacts {
  /** `<pack>` or `<pack>/<dataset>`. */
  readonly pack: string;
  readonly module: string;
  readonly dataset: string;
  /** Windows event channel; empty elsewhere. */
  readonly channel: string;
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
  /** Flat vendor names that give a product away when nothing else does. */
  readonly shape: "cloudtrail" | "";
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
  return {
    pack: event.pack.toLowerCase(),
    module: text("event.module"),
    dataset: text("event.dataset"),
    channel,
    provider: channel === "" ? "" : text("winlog.provider_name", "Provider_Name"),
    code: channel === "" ? "" : text("event.code", "EventID"),
    registryAction: channel === "" ? "" : text("winlog.event_data.EventType", "EventType"),
    categories: list("event.category"),
    types: list("event.type"),
    observer: text("observer.type"),
    osType: text("host.os.type"),
    cloud: text("cloud.provider"),
    program: channel === "" ? text("log.syslog.appname", "process.name") : "",
    hasDnsQuestion: fields["dns.question.name"] !== undefined,
    shape: fields["eventName"] !== undefined && fields["eventSource"] !== undefined ? "cloudtrail" : "",
    declared: product + category + service === "" ? undefined : { product, category, service },
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
    facts.shape,
    declared === undefined ? "" : `${declared.product}\u0001${declared.category}\u0001${declared.service}`,
  ].join("\u0000");
}
