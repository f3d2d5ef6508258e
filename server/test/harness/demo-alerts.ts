import { createHash } from "node:crypto";
import { resolve } from "node:path";
import { originId, sequence, sourceId } from "@tyto/domain";
import type { Alert, AlertId, Event, Micros, RawRecord } from "@tyto/domain";
import { readContent } from "../../src/content/index.ts";
import type { DemoDay, DemoRecord } from "../../src/demo/index.ts";
import { createDetectionEngine, loadRuleSet } from "../../src/detection/index.ts";
import type { RuleSet } from "../../src/detection/index.ts";
import { createNormaliser } from "../../src/pipeline/index.ts";
import type { Normaliser } from "../../src/pipeline/index.ts";
import { foldFindings } from "../../src/triage/index.ts";
import type { AlertLookup } from "../../src/triage/index.ts";

const PACKS = resolve(import.meta.dirname, "../../../packs");
const BATCH = 2_000;

/** Packs and rules as the server loads them, for days that go through them in memory. */
export class DemoDetection {
  readonly ruleSet: RuleSet;
  readonly #normaliser: Normaliser;

  private constructor(ruleSet: RuleSet, normaliser: Normaliser) {
    this.ruleSet = ruleSet;
    this.#normaliser = normaliser;
  }

  static async load(): Promise<DemoDetection> {
    const snapshot = await readContent([PACKS]);
    const namespaces = snapshot.packs.flatMap((pack) => pack.namespaces);
    // Their cases are tried by the tests of the packs.
    const rules = snapshot.rules.filter(({ path }) => !path.endsWith(".cases.yml"));
    const ruleSet = loadRuleSet(rules, { namespaces });
    return new DemoDetection(ruleSet, createNormaliser({ snapshot }));
  }

  /** The day's events, in order of time. */
  eventsOf(day: DemoDay): readonly Event[] {
    const events: Event[] = [];
    for (let start = 0; start < day.records.length; start += BATCH) {
      const records = day.records
        .slice(start, start + BATCH)
        .map((one, i) => rawRecord(one, start + i, day.answers.to));
      for (const outcome of this.#normaliser.normalise(records)) {
        if (outcome.kind !== "event")
          throw new Error(`a record of the demo became no event: ${outcome.kind}`);
        events.push(outcome.event);
      }
    }
    return events;
  }

  /** The open alerts at the end of the day: real lines, real parsers, real rules, real folding. */
  async alertsOf(day: DemoDay): Promise<readonly Alert[]> {
    const engine = createDetectionEngine(this.ruleSet);
    const alerts = new Map<AlertId, Alert>();
    const open = (): readonly Alert[] => [...alerts.values()].filter((alert) => alert.absorbedInto === null);
    const lookup: AlertLookup = {
      byId: (id) => Promise.resolve(alerts.get(id)),
      byFinding: (key) =>
        Promise.resolve(open().find(({ findings }) => findings.some((one) => one.key === key))),
      candidates: ({ cause }) => Promise.resolve(open().filter((alert) => alert.cause === cause)),
    };
    const now = day.answers.to;
    const events = this.eventsOf(day);
    for (let start = 0; start < events.length; start += BATCH) {
      const { changes } = engine.process(events.slice(start, start + BATCH), now);
      for (const alert of await foldFindings(changes, lookup, now)) alerts.set(alert.id, alert);
    }
    return open();
  }
}

function rawRecord({ input, source, text }: DemoRecord, ordinal: number, receivedAt: Micros): RawRecord {
  const id = createHash("sha256").update(`${input} ${source}`).digest("hex").slice(0, 16);
  return {
    sequence: sequence(ordinal + 1),
    origin: originId(id),
    ordinal,
    source: sourceId(id),
    receivedAt,
    bytes: new TextEncoder().encode(text),
  };
}

/** One line for a person who reads a failed test. */
export function described(alert: Alert): string {
  const who = alert.entities.map(({ type, value }) => `${type} ${value}`).slice(0, 6);
  const rules = [...new Set(alert.findings.map(({ rule }) => rule.title))];
  return `${alert.cause} ×${alert.count}: ${rules.join(" + ")} (${who.join(", ")})`;
}
