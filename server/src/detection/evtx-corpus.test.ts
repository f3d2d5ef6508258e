/** The regression events of SigmaHQ's rules from their event log files, when the corpus is beside the repository. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { micros } from "@tyto/domain";
import type { Event, FieldValue, OriginId } from "@tyto/domain";
import { evtxFieldsReader } from "../evtx/index.ts";
import { createDetectionEngine } from "./engine.ts";
import { loadRuleSet } from "./load-rule-set.ts";
import { JsonSplitter } from "./sigma-json/json-splitter.ts";
import { readSigmaEvent, sigmaEvent } from "./sigma-json/sigma-event.ts";

const CORPUS = resolve(import.meta.dirname, "../../../../shared/corpus/sigma");
const NOW = micros(1_800_000_000_000_000);
const PLACE = { origin: "00000000000000aa" as OriginId, pack: "", now: NOW };

interface Regression {
  readonly rule: string;
  readonly id: string;
  readonly min_matches: number;
}

function eventsOfLog(id: string): readonly Event[] {
  const reader = evtxFieldsReader(id);
  const records = [...reader.push(readFileSync(join(CORPUS, `regression/${id}.evtx`))), ...reader.end()];
  expect(reader.diagnostics).toEqual([]);
  return records.map(({ content, offset }) => sigmaEvent(content, { ...PLACE, ordinal: offset }));
}

function eventsOfJson(id: string): readonly Event[] {
  const objects = new JsonSplitter().push(readFileSync(join(CORPUS, `regression/${id}.json`), "utf8"));
  return objects.flatMap((text, ordinal) => readSigmaEvent({ ...PLACE, text, ordinal }) ?? []);
}

/** How a value of the file differs from the JSON's; empty when it does not. */
function difference(json: FieldValue | undefined, log: FieldValue | undefined): string {
  if (json === log) return "";
  // An element without content: absent and null are one to rules.
  if (json === null && log === undefined) return "null is absent";
  if (typeof json !== "string" || typeof log !== "string") return "another value";
  // Windows writes braces and small letters; the JSON's maker took both away.
  if (log.replace(/^\{(.*)\}$/, "$1").toUpperCase() === json && log !== json) return "guid";
  // Windows counts in 100 ns; the JSON is cut at the microsecond.
  if (/Z$/.test(log) && `${log.slice(0, -2)}Z` === json) return "100 ns";
  // The JSON's maker trimmed texts.
  return log.trim() === json.trim() ? "space at the ends" : "another text";
}

describe.skipIf(!existsSync(CORPUS))(
  "the regression set as event logs (skipped without ../shared/corpus/sigma)",
  () => {
    const index = (): readonly Regression[] =>
      JSON.parse(readFileSync(join(CORPUS, "regression/index.json"), "utf8")) as readonly Regression[];

    it("makes every rule fire, with the logsource gate on", () => {
      const paths = index().map(({ rule }) => rule);
      const files = readdirSync(CORPUS)
        .filter((folder) => folder.startsWith("rules"))
        .flatMap((folder) =>
          readdirSync(join(CORPUS, folder), { recursive: true, encoding: "utf8" }).map(
            (name) => `${folder}/${name}`,
          ),
        )
        .filter((path) =>
          paths.some((rule) => rule === path || path.endsWith(`/${rule}`) || rule.endsWith(path)),
        );
      const ruleSet = loadRuleSet(
        files.map((path) => ({ path, text: readFileSync(join(CORPUS, path), "utf8") })),
      );
      const silent = index().filter(({ id, min_matches }) => {
        const { changes } = createDetectionEngine(ruleSet).process(eventsOfLog(id), NOW);
        const fired = changes.filter((change) => change.kind === "upsert" && change.finding.rule.id === id);
        return fired.length < min_matches;
      });
      expect(index()).toHaveLength(121);
      expect(silent).toEqual([]);
    });

    it("holds the values of the JSON", () => {
      const counts: Record<string, number> = {};
      let equal = 0;
      for (const { id } of index()) {
        const [json, logs] = [eventsOfJson(id), eventsOfLog(id)];
        expect(logs).toHaveLength(json.length);
        json.forEach((event, i) => {
          const fields = logs[i]?.fields ?? {};
          for (const name of new Set([...Object.keys(event.fields), ...Object.keys(fields)])) {
            const kind = difference(event.fields[name], fields[name]);
            if (kind === "") equal += 1;
            else counts[kind] = (counts[kind] ?? 0) + 1;
          }
        });
      }
      expect(equal).toBe(4_052);
      expect(counts).toEqual({ guid: 475, "100 ns": 140, "null is absent": 140, "space at the ends": 54 });
    });
  },
);
