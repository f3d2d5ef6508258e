import type { FieldValue } from "@tyto/domain";
import { fill } from "./enricher.ts";
import type { Enricher, Fields } from "./enricher.ts";

/** Looks an address up; the record is whatever the file's maker put there. */
export interface AddressLookup {
  lookup(ip: string): unknown;
}

export interface PlaceOptions {
  /** Where addresses are. */
  readonly geo?: AddressLookup;
  /** Whose network they are in. */
  readonly asn?: AddressLookup;
}

interface End {
  readonly ip: string;
  readonly geo: string;
  /** ECS has no autonomous system of a host. */
  readonly as?: string;
}

const ENDS: readonly End[] = [
  ...["source", "destination", "client", "server"].map((set) => ({
    ip: `${set}.ip`,
    geo: `${set}.geo`,
    as: `${set}.as`,
  })),
  { ip: "host.ip", geo: "host.geo" },
];

/** Places and networks of the ends' addresses, from files that the operator named. Without files it is nothing. */
export function createPlaceEnricher({ geo, asn }: PlaceOptions): Enricher {
  if (geo === undefined && asn === undefined) return () => undefined;
  return (fields) => {
    for (const end of ENDS) {
      const value = fields.get(end.ip);
      if (value === undefined) continue;
      if (geo !== undefined) addPlace(fields, end.geo, firstFound(geo, value));
      if (asn !== undefined && end.as !== undefined) addNetwork(fields, end.as, firstFound(asn, value));
    }
  };
}

/** Of several addresses the first that the file knows: a host's private ones come first, and it knows none of them. */
function firstFound(lookup: AddressLookup, value: FieldValue): unknown {
  const addresses = Array.isArray(value) ? (value as readonly FieldValue[]) : [value];
  for (const address of addresses) {
    const found = typeof address === "string" ? lookup.lookup(address) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

function addPlace(fields: Fields, set: string, record: unknown): void {
  if (record === undefined) return;
  const country = textAt(record, "country", "iso_code") ?? textAt(record, "country_code");
  const region = firstSubdivision(record);
  const regionCode = textAt(region, "iso_code");
  fill(fields, `${set}.continent_code`, textAt(record, "continent", "code"));
  fill(fields, `${set}.continent_name`, textAt(record, "continent", "names", "en"));
  fill(fields, `${set}.country_iso_code`, country);
  fill(fields, `${set}.country_name`, textAt(record, "country", "names", "en"));
  // ISO 3166-2 writes the country before the region's own code.
  if (country !== undefined && regionCode !== undefined) {
    fill(fields, `${set}.region_iso_code`, `${country}-${regionCode}`);
  }
  fill(fields, `${set}.region_name`, textAt(region, "names", "en") ?? textAt(record, "state1"));
  fill(fields, `${set}.city_name`, textAt(record, "city", "names", "en") ?? textAt(record, "city"));
  fill(fields, `${set}.postal_code`, textAt(record, "postal", "code") ?? textAt(record, "postcode"));
  fill(fields, `${set}.timezone`, textAt(record, "location", "time_zone") ?? textAt(record, "timezone"));
  const latitude = numberAt(record, "location", "latitude") ?? numberAt(record, "latitude");
  const longitude = numberAt(record, "location", "longitude") ?? numberAt(record, "longitude");
  if (latitude !== undefined && longitude !== undefined) {
    fill(fields, `${set}.location`, `${latitude},${longitude}`);
  }
}

function addNetwork(fields: Fields, set: string, record: unknown): void {
  fill(fields, `${set}.number`, numberAt(record, "autonomous_system_number"));
  fill(fields, `${set}.organization.name`, textAt(record, "autonomous_system_organization"));
}

function firstSubdivision(record: unknown): unknown {
  const list = memberOf(record, "subdivisions");
  return Array.isArray(list) ? (list as readonly unknown[])[0] : undefined;
}

function memberOf(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, key)
    ? (value as Readonly<Record<string, unknown>>)[key]
    : undefined;
}

function textAt(record: unknown, ...path: readonly string[]): string | undefined {
  const value = path.reduce(memberOf, record);
  return typeof value === "string" && value !== "" ? value : undefined;
}

function numberAt(record: unknown, ...path: readonly string[]): number | undefined {
  const value = path.reduce(memberOf, record);
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}
