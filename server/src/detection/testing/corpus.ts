import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { inflateRawSync } from "node:zlib";
import { micros } from "@tyto/domain";
import type { Event, OriginId } from "@tyto/domain";
import { loadRuleSet } from "../load-rule-set.ts";
import type { RuleSet } from "../rule-set.ts";
import { JsonSplitter } from "../sigma-json/json-splitter.ts";
import { readSigmaEvent } from "../sigma-json/sigma-event.ts";
import type { RuleFile } from "../sigma/read-rule.ts";

const SHARED = resolve(import.meta.dirname, "../../../../../shared/corpus");
const SIGMA = join(SHARED, "sigma");
const ATTACKS = join(SHARED, "attacks/windows-json");
const ORIGIN = "00000000000000aa" as OriginId;

export const CORPUS_IS_THERE = existsSync(SIGMA);
export const CORPUS_NOW = micros(1_800_000_000_000_000);

export interface Regression {
  readonly id: string;
  readonly min_matches: number;
}

/** SigmaHQ's 3,780 active rules. */
export function corpusRules(): readonly RuleFile[] {
  return readdirSync(SIGMA)
    .filter((folder) => folder.startsWith("rules"))
    .flatMap((folder) =>
      readdirSync(join(SIGMA, folder), { recursive: true, encoding: "utf8" })
        .filter((name) => name.endsWith(".yml"))
        .map((name) => `${folder}/${name}`),
    )
    .sort()
    .map((path) => ({ path, text: readFileSync(join(SIGMA, path), "utf8") }));
}

let loaded: RuleSet | undefined;

/** Loaded once for a test file. */
export function corpusRuleSet(): RuleSet {
  return (loaded ??= loadRuleSet(corpusRules()));
}

export function regressions(): readonly Regression[] {
  return JSON.parse(readFileSync(join(SIGMA, "regression/index.json"), "utf8")) as readonly Regression[];
}

/** The events that one rule must fire on. */
export function regressionEventsOf(id: string): readonly Event[] {
  const splitter = new JsonSplitter();
  const objects = splitter.push(readFileSync(join(SIGMA, `regression/${id}.json`), "utf8"));
  return [...objects, ...splitter.end()].flatMap((text, ordinal) => eventOf(text, ordinal));
}

export function regressionEvents(): readonly Event[] {
  return regressions().flatMap(({ id }) => regressionEventsOf(id));
}

/** Recorded attacks: every so-manieth event of each recording, about so many in all. */
export function sampleOfAttacks(count: number): readonly Event[] {
  const lines = readdirSync(ATTACKS)
    .filter((name) => name.endsWith(".zip"))
    .sort()
    .flatMap((name) => linesInZip(readFileSync(join(ATTACKS, name))));
  const step = Math.max(1, Math.floor(lines.length / count));
  return lines.filter((_, n) => n % step === 0).flatMap((line, ordinal) => eventOf(line, ordinal));
}

function eventOf(text: string, ordinal: number): readonly Event[] {
  const event = readSigmaEvent({ text, origin: ORIGIN, ordinal, pack: "", now: CORPUS_NOW });
  return event === undefined ? [] : [event];
}

/** Lines of the files of a ZIP archive (PKWARE APPNOTE 4.3): the central directory says where each entry's data stands. */
function linesInZip(zip: Buffer): readonly string[] {
  const end = zip.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
  let entry = zip.readUInt32LE(end + 16);
  const lines: string[] = [];
  for (let n = zip.readUInt16LE(end + 10); n > 0; n--) {
    const [method, size] = [zip.readUInt16LE(entry + 10), zip.readUInt32LE(entry + 20)];
    const local = zip.readUInt32LE(entry + 42);
    const data = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    const bytes = zip.subarray(data, data + size);
    const text = (method === 8 ? inflateRawSync(bytes) : bytes).toString("utf8");
    for (const line of text.split("\n")) if (line.startsWith("{")) lines.push(line);
    const [nameLength, extra] = [zip.readUInt16LE(entry + 28), zip.readUInt16LE(entry + 30)];
    entry += 46 + nameLength + extra + zip.readUInt16LE(entry + 32);
  }
  return lines;
}
