import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { HeaderFollower, formatMicros, originId, parseRfc3339, sequence, sourceId } from "@tyto/domain";
import type { Micros, RawRecord } from "@tyto/domain";
import { format } from "prettier";
import { describe, expect, it } from "vitest";
import { readContent } from "../content/index.ts";
import { ecsComplaints } from "./ecs-validator.ts";
import { createNormaliser } from "./normaliser.ts";
import type { RecordOutcome } from "./ports.ts";
import { SourceFacts } from "./source-facts.ts";
import type { SourceFact } from "./source-facts.ts";
import { parseZone } from "./time/zone.ts";

/*
 * Every pack's own samples: `cases/<name>.raw` (one record a line; `<name>.one.raw`: the whole file is one record) beside
 * `<name>.events.json`. `<name>.settings.json` may hold what a source's configuration would: `{source, zone, columns, facts}`.
 * GOLDEN=1 rewrites the expected events; the diff is reviewed like code.
 */
const PACKS = fileURLToPath(new URL("../../../packs", import.meta.url));
const RECEIVED = parseRfc3339("2026-03-01T12:00:00Z") as Micros;
const isRewriting = process.env["GOLDEN"] === "1";

interface CaseSettings {
  readonly source?: string;
  readonly zone?: string;
  readonly columns?: readonly string[];
  readonly facts?: readonly SourceFact[];
}

interface GoldenCase {
  readonly pack: string;
  readonly name: string;
  readonly records: readonly Uint8Array[];
  readonly settings: CaseSettings;
  readonly eventsFile: string;
}

const snapshot = await readContent([PACKS]);
const cases = readdirSync(PACKS)
  .sort()
  .flatMap((pack) => casesOf(pack));

function casesOf(pack: string): readonly GoldenCase[] {
  const folder = join(PACKS, pack, "cases");
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith(".raw"))
    .sort()
    .map((file) => {
      const name = file.replace(/(?:\.one)?\.raw$/, "");
      const bytes = readFileSync(join(folder, file));
      const settingsFile = join(folder, `${name}.settings.json`);
      return {
        pack,
        name,
        records: file.endsWith(".one.raw") ? [bytes] : linesOf(bytes),
        settings: existsSync(settingsFile)
          ? (JSON.parse(readFileSync(settingsFile, "utf8")) as CaseSettings)
          : {},
        eventsFile: join(folder, `${name}.events.json`),
      };
    });
}

function linesOf(bytes: Buffer): readonly Uint8Array[] {
  const lines: Uint8Array[] = [];
  let start = 0;
  for (let end = bytes.indexOf(0x0a); end >= 0; end = bytes.indexOf(0x0a, start)) {
    if (end > start) lines.push(bytes.subarray(start, end));
    start = end + 1;
  }
  if (start < bytes.length) lines.push(bytes.subarray(start));
  return lines;
}

function normalise(golden: GoldenCase): readonly RecordOutcome[] {
  const { zone: zoneName, columns, source, facts } = golden.settings;
  const zone = zoneName === undefined ? undefined : parseZone(zoneName);
  const settings = {
    ...(zone === undefined ? {} : { zone }),
    ...(columns === undefined ? {} : { columns }),
    ...(facts === undefined ? {} : { facts: new SourceFacts(facts) }),
  };
  const follower = new HeaderFollower((bytes) => Buffer.from(bytes).toString("utf8"));
  const headers = golden.records.map((bytes, i) => follower.after(bytes, golden.records[i + 1]));
  const records = golden.records.map((bytes, i): RawRecord => ({
    sequence: sequence(i + 1),
    origin: originId("00000000000000aa"),
    ordinal: i,
    source: sourceId("00000000000000bb"),
    receivedAt: RECEIVED,
    bytes,
    ...(source === undefined ? {} : { pack: source }),
    ...(headers[i] === undefined ? {} : { header: headers[i] }),
  }));
  return createNormaliser({ snapshot, settingsOf: () => settings }).normalise(records);
}

function printed(outcome: RecordOutcome): Readonly<Record<string, unknown>> {
  if (outcome.kind === "quarantined") return { quarantined: outcome.record.reason };
  if (outcome.kind === "filtered") return { filtered: outcome.reason };
  const { event } = outcome;
  // `tyto.time` says how far the sample's time lies from the day on which the test receives it.
  const fields = Object.keys(event.fields)
    .filter((name) => name !== "tyto.time")
    .sort()
    .map((name) => [name, event.fields[name]] as const);
  return {
    pack: event.pack,
    "@timestamp": formatMicros(event.timestamp),
    timeOrigin: event.timeOrigin,
    ...Object.fromEntries(fields),
  };
}

describe("packs", () => {
  it("load without a complaint", () => {
    expect(snapshot.diagnostics).toEqual([]);
  });

  it("have samples each, of at least five records", () => {
    const counts = new Map(snapshot.packs.map((pack) => [pack.id, 0]));
    for (const golden of cases)
      counts.set(golden.pack, (counts.get(golden.pack) ?? 0) + golden.records.length);
    expect([...counts].filter(([, count]) => count < 5)).toEqual([]);
  });
});

describe.each(cases.map((golden) => [`${golden.pack}/${golden.name}`, golden] as const))(
  "%s",
  (_name, golden) => {
    const outcomes = normalise(golden);
    const events = outcomes.flatMap((outcome) => (outcome.kind === "event" ? [outcome.event] : []));

    it("becomes the expected events", async () => {
      const actual = outcomes.map(printed);
      if (isRewriting) {
        writeFileSync(
          golden.eventsFile,
          await format(JSON.stringify(actual), { parser: "json", printWidth: 110 }),
        );
      }
      expect(actual).toEqual(JSON.parse(readFileSync(golden.eventsFile, "utf8")));
    });

    it("is claimed by its own pack and no other", () => {
      expect(
        events.filter((event) => !event.pack.startsWith(`${golden.pack}/`)).map((event) => event.pack),
      ).toEqual([]);
    });

    it("uses ECS's names, values and combinations, and its pack's own namespaces", () => {
      // What came in an envelope keeps what the envelope said.
      const namespaces = snapshot.packs
        .filter(({ id }) => id === golden.pack || id === "generic-envelopes")
        .flatMap((pack) => pack.namespaces);
      expect(events.flatMap((event) => ecsComplaints(event.fields, namespaces))).toEqual([]);
    });
  },
);
