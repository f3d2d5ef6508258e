import type { LogsourceFacts } from "./facts.ts";

/** A condition on an event's facts, as data: every key given must hold, by any of its values. Lower-case. */
export interface When {
  /** The pack, or the first part of its name. */
  readonly pack?: readonly string[];
  readonly module?: readonly string[];
  /** The dataset, or the first part of it, or the last (`nginx.access` is `nginx` and `access`). */
  readonly dataset?: readonly string[];
  readonly channel?: readonly string[];
  /** Any channel of Windows. Sysmon for Linux writes the same events on a channel of its own. */
  readonly windowsChannel?: true;
  readonly provider?: readonly string[];
  readonly code?: readonly string[];
  readonly registryAction?: readonly string[];
  readonly category?: readonly string[];
  readonly type?: readonly string[];
  readonly observer?: readonly string[];
  readonly osType?: readonly string[];
  readonly cloud?: readonly string[];
  readonly program?: readonly string[];
  readonly dnsQuestion?: true;
}

/** Whether the facts meet a condition. */
export function holds(when: When, facts: LogsourceFacts): boolean {
  return (
    (when.pack?.some((name) => isPartOf(facts.pack, name)) ?? true) &&
    (when.module?.includes(facts.module) ?? true) &&
    (when.dataset?.some((name) => isPartOf(facts.dataset, name) || facts.dataset.endsWith(`.${name}`)) ??
      true) &&
    (when.channel?.includes(facts.channel) ?? true) &&
    (when.windowsChannel === undefined ||
      (facts.channel !== "" && !facts.channel.startsWith("linux-sysmon/"))) &&
    (when.provider?.includes(facts.provider) ?? true) &&
    (when.code?.includes(facts.code) ?? true) &&
    (when.registryAction?.includes(facts.registryAction) ?? true) &&
    (when.category?.some((name) => facts.categories.includes(name)) ?? true) &&
    (when.type?.some((name) => facts.types.includes(name)) ?? true) &&
    (when.observer?.includes(facts.observer) ?? true) &&
    (when.osType?.includes(facts.osType) ?? true) &&
    (when.cloud?.includes(facts.cloud) ?? true) &&
    (when.program?.includes(facts.program) ?? true) &&
    (when.dnsQuestion === undefined || facts.hasDnsQuestion)
  );
}

/** `nginx-access/error` begins with `nginx`: whole words only. */
export function isPartOf(name: string, start: string): boolean {
  if (!name.startsWith(start)) return false;
  const next = name.charAt(start.length);
  return next === "" || next === "-" || next === "/" || next === "." || next === "_";
}
