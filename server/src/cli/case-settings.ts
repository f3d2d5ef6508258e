import { parseZone, readSourceFacts } from "../pipeline/index.ts";
import type { SourceFact, SourceSettings } from "../pipeline/index.ts";

const CONFIGURATIONS = ["_conf", "_config", "_tmp"];
const ZONES = ["event.timezone", "_conf.tz_offset", "_tmp.tz_offset"];

type Values = Readonly<Record<string, unknown>>;

/**
 * What the shipper of a case was configured with, as the settings of a source: no line can say it. A case tells it under the names of
 * its shipper (`_conf.tz_offset`), nested or dotted.
 */
export function settingsOfCase(context: unknown): SourceSettings {
  const conf = CONFIGURATIONS.map((name) => valueAt(context, name)).filter(isValues);
  const facts = conf.flatMap(factsOf);
  const reading = facts.length === 0 ? undefined : readSourceFacts(facts);
  return {
    ...zoneOf(ZONES.map((path) => valueAt(context, path))),
    ...(reading?.kind === "facts" ? { facts: reading.facts } : {}),
  };
}

function zoneOf(candidates: readonly unknown[]): SourceSettings {
  for (const value of candidates) {
    const zone = typeof value === "string" ? parseZone(value) : undefined;
    if (zone !== undefined) return { zone };
  }
  return {};
}

function factsOf(conf: Values): readonly SourceFact[] {
  const { account_id: account, tenants, mappings, default: host } = conf;
  const facts: SourceFact[] = [];
  if (typeof account === "string") facts.push({ fields: { "cloud.account.id": account } });
  for (const [id, name] of isValues(tenants) ? Object.entries(tenants) : []) {
    if (typeof name !== "string") continue;
    facts.push({ where: { field: "organization.id", value: id }, fields: { "host.name": name } });
  }
  for (const device of Array.isArray(mappings) ? (mappings as readonly unknown[]) : []) {
    if (!isValues(device)) continue;
    const { serial_number: serial, hostname: name } = device;
    if (typeof serial !== "string" || typeof name !== "string") continue;
    facts.push({ where: { field: "observer.serial_number", value: serial }, fields: { "host.name": name } });
  }
  // The name of the devices that the table does not have.
  if (Array.isArray(mappings) && typeof host === "string") facts.push({ fields: { "host.name": host } });
  return facts;
}

function valueAt(context: unknown, path: string): unknown {
  if (!isValues(context)) return undefined;
  if (path in context) return context[path];
  const dot = path.indexOf(".");
  return dot < 0 ? undefined : valueAt(context[path.slice(0, dot)], path.slice(dot + 1));
}

function isValues(value: unknown): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
