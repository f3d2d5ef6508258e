import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FieldValue } from "@tyto/domain";
import { afterAll, describe, expect, it } from "vitest";
import { createEnrichment } from "./enrichers/enrichment.ts";
import { IpDatabase } from "./ip-database.ts";
import { ipDatabaseFile } from "./testing/ip-database-file.ts";

const folder = mkdtempSync(join(tmpdir(), "tyto-ip-database-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function file(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

const CITY = {
  continent: { code: "EU", names: { en: "Europe" } },
  country: { iso_code: "FR", names: { en: "France", fr: "France" } },
  subdivisions: [{ iso_code: "IDF", names: { en: "Île-de-France" } }],
  city: { names: { en: "Paris" } },
  location: { latitude: 48.85, longitude: -2.35, time_zone: "Europe/Paris" },
  postal: { code: "75001" },
};

const geoFile = ipDatabaseFile({
  "203.0.113.0/24": CITY,
  "2001:db8::/32": { country_code: "JP", city: "Osaka", state1: "Osaka", latitude: 34, longitude: 135.5 },
});
const asnFile = ipDatabaseFile({
  "203.0.113.0/25": { autonomous_system_number: 64_500, autonomous_system_organization: "Example Net" },
});

function enriched(
  given: Readonly<Record<string, FieldValue>>,
  options: Parameters<typeof createEnrichment>[0],
): Readonly<Record<string, FieldValue>> {
  const fields = new Map(Object.entries(given));
  createEnrichment(options)(fields);
  return Object.fromEntries([...fields].filter(([name]) => /\.(?:geo|as)\./.test(name)));
}

describe("places of addresses", () => {
  it("come from a file of cities, and networks from a file of numbers", async () => {
    const geo = await IpDatabase.open(file("city.mmdb", geoFile));
    const asn = await IpDatabase.open(file("asn.mmdb", asnFile));
    expect(enriched({ "source.ip": "203.0.113.9", "destination.ip": "10.0.0.1" }, { geo, asn })).toEqual({
      "source.geo.continent_code": "EU",
      "source.geo.continent_name": "Europe",
      "source.geo.country_iso_code": "FR",
      "source.geo.country_name": "France",
      "source.geo.region_iso_code": "FR-IDF",
      "source.geo.region_name": "Île-de-France",
      "source.geo.city_name": "Paris",
      "source.geo.postal_code": "75001",
      "source.geo.timezone": "Europe/Paris",
      "source.geo.location": "48.85,-2.35",
      "source.as.number": 64_500,
      "source.as.organization.name": "Example Net",
    });
  });

  it("come from files with flat records too, for the first address of a host that is known", async () => {
    const geo = await IpDatabase.open(file("flat.mmdb", geoFile));
    expect(enriched({ "host.ip": ["10.0.0.1", "2001:db8::7"] }, { geo })).toEqual({
      "host.geo.country_iso_code": "JP",
      "host.geo.region_name": "Osaka",
      "host.geo.city_name": "Osaka",
      "host.geo.location": "34,135.5",
    });
  });

  it("overwrite nothing that a pack wrote", async () => {
    const asn = await IpDatabase.open(file("own.mmdb", asnFile));
    expect(enriched({ "client.ip": "203.0.113.9", "client.as.number": 1 }, { asn })).toEqual({
      "client.as.number": 1,
      "client.as.organization.name": "Example Net",
    });
  });
});

describe("a database of addresses", () => {
  it("is read again while it is in use", async () => {
    const path = file("changing.mmdb", geoFile);
    const database = await IpDatabase.open(path);
    expect(database.lookup("198.51.100.1")).toBeUndefined();
    writeFileSync(path, ipDatabaseFile({ "198.51.100.0/24": { country_code: "IS" } }));
    await database.reload();
    expect(database.lookup("198.51.100.1")).toEqual({ country_code: "IS" });
    expect(database.lookup("203.0.113.9")).toBeUndefined();
  });

  it("stays as it was when its new file is bad", async () => {
    const path = file("broken.mmdb", geoFile);
    const database = await IpDatabase.open(path);
    writeFileSync(path, geoFile.subarray(0, 500));
    await expect(database.reload()).rejects.toMatchObject({ code: "config-invalid" });
    expect(database.lookup("203.0.113.9")).toEqual(CITY);
  });

  it.each([
    ["is missing", undefined],
    ["is empty", Buffer.alloc(0)],
    ["is something else", Buffer.from("PK\u0003\u0004 a packed file")],
    ["was cut at the front", geoFile.subarray(-300)],
  ])("says so when the file %s", async (_what, bytes) => {
    const path = bytes === undefined ? join(folder, "missing.mmdb") : file("bad.mmdb", bytes);
    const error: unknown = await IpDatabase.open(path).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "config-invalid" });
    expect(String(error)).toContain(path);
  });

  it("answers nothing for what is no address", async () => {
    const database = await IpDatabase.open(file("texts.mmdb", geoFile));
    expect(database.lookup("localhost")).toBeUndefined();
  });
});
