/**
 * The demo's stories among harmless events, through all of our rules and the folding of alerts: shuffled over the whole day, delayed,
 * doubled, cut into any batches and restarted anywhere, they end in the alerts of one ordered delivery.
 */
import { eventId, micros, MICROS_PER_MINUTE, sequence } from "@tyto/domain";
import type { Alert, AlertId, Event, EventId, OriginId } from "@tyto/domain";
import { beforeAll, describe, expect, it } from "vitest";
import { generateDay } from "../src/demo/index.ts";
import { createDetectionEngine } from "../src/detection/index.ts";
import type { RuleSet, SigmaEngine } from "../src/detection/index.ts";
import { foldFindings } from "../src/triage/index.ts";
import type { AlertLookup } from "../src/triage/index.ts";
import { DemoDetection } from "./harness/demo-alerts.ts";

const RUNS = process.env["TYTO_VERIFY"] === undefined ? 6 : 1_000;
const ENDS_AT = micros(Date.UTC(2026, 10, 20, 17, 30) * 1_000);
const NOW = micros(ENDS_AT + MICROS_PER_MINUTE);
/** Harmless events that go along: such as rules count, and such as none looks at. */
const COUNTED = 500;
const BYSTANDERS = 200;
const CAUSES = [
  "brute-force",
  "brute-force-then-success",
  "login-then-confidential-file",
  "login-scan-injection",
  "password-spraying",
  "mfa-fatigue",
  "log-clearing",
  "new-admin-mass-deletion",
] as const;

type Random = () => number;

function seeded(seed: number): Random {
  let state = (seed * 2_654_435_761) >>> 0 || 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const pick = (random: Random, below: number): number => Math.floor(random() * below);

/** Six prompts that a person refused, and the one that was approved: the one story that the demo does not tell. */
function mfaFatigue(template: Event): readonly Event[] {
  const actions = [...Array<string>(6).fill("mfa-denied"), "mfa-approved"];
  return actions.map((action, n): Event => {
    const timestamp = micros(ENDS_AT - (120 - n) * MICROS_PER_MINUTE);
    return {
      ...template,
      id: eventId("00000000000000fa" as OriginId, n),
      sequence: sequence(n + 1),
      timestamp,
      pack: "generic-json/main",
      fields: {
        "event.category": ["authentication"],
        "event.action": action,
        "event.outcome": action === "mfa-approved" ? "success" : "failure",
        "user.name": "tess.tired",
      },
    };
  });
}

/** All evidence, and some of the rest: of what rules count without telling it, and of what none looks at. */
function worthPlaying(ruleSet: RuleSet, events: readonly Event[]): readonly Event[] {
  const engine = createDetectionEngine(ruleSet);
  const evidence = new Set<EventId>();
  const counted = new Set<EventId>();
  for (const event of events) {
    const { changes, state } = engine.process([event], NOW);
    for (const change of changes) {
      if (change.kind === "upsert") for (const { id } of change.finding.evidence) evidence.add(id);
    }
    if (state.some(({ kind, key }) => kind === "put" && key.startsWith("hit|"))) counted.add(event.id);
  }
  const sampled = (all: readonly Event[], size: number): readonly Event[] => {
    const every = Math.ceil(all.length / size);
    return all.filter((_, index) => index % every === 0);
  };
  const rest = events.filter(({ id }) => !evidence.has(id));
  const kept = new Set([
    ...events.filter(({ id }) => evidence.has(id)),
    ...sampled(
      rest.filter(({ id }) => counted.has(id)),
      COUNTED,
    ),
    ...sampled(
      rest.filter(({ id }) => !counted.has(id)),
      BYSTANDERS,
    ),
  ]);
  return events.filter((event) => kept.has(event));
}

/** What is durable, and what a crash forgets. */
class Installation {
  readonly #ruleSet: RuleSet;
  readonly #alerts = new Map<AlertId, Alert>();
  readonly #state = new Map<string, string>();
  #engine: SigmaEngine;

  readonly #lookup: AlertLookup = {
    byId: (id) => Promise.resolve(this.#alerts.get(id)),
    byFinding: (key) =>
      Promise.resolve(this.#live().find(({ findings }) => findings.some((one) => one.key === key))),
    candidates: ({ cause }) => Promise.resolve(this.#live().filter((alert) => alert.cause === cause)),
  };

  constructor(ruleSet: RuleSet) {
    this.#ruleSet = ruleSet;
    this.#engine = createDetectionEngine(ruleSet);
  }

  #live(): readonly Alert[] {
    return [...this.#alerts.values()].filter(({ absorbedInto }) => absorbedInto === null);
  }

  /** @param crashes before the commit: the batch comes again, to an engine that knows only what was durable. */
  async deliver(batch: readonly Event[], crashes: boolean): Promise<void> {
    const { changes, state } = this.#engine.process(batch, NOW);
    const changed = await foldFindings(changes, this.#lookup, NOW);
    if (crashes) {
      this.restart();
      return this.deliver(batch, false);
    }
    for (const alert of changed) this.#alerts.set(alert.id, alert);
    for (const entry of state) {
      if (entry.kind === "put") this.#state.set(entry.key, entry.value);
      else this.#state.delete(entry.key);
    }
  }

  restart(): void {
    this.#engine = createDetectionEngine(this.#ruleSet);
    this.#engine.restore([...this.#state].map(([key, value]) => ({ key, value })));
  }

  /** What a person sees, without what depends on when it was told. */
  visible(): readonly string[] {
    return this.#live()
      .filter(({ closeReason }) => closeReason !== "withdrawn")
      .map(({ title, cause, severity, status, count, firstSeen, lastSeen, entities, findings }) =>
        JSON.stringify({
          cause,
          title,
          severity,
          status,
          count,
          firstSeen,
          lastSeen,
          entities: entities.map(({ type, value }) => `${type} ${value}`).sort(),
          findings: findings
            .map(({ key, count: hits, sentence, evidence }) => [
              key,
              hits,
              sentence,
              evidence.map(({ id }) => id),
            ])
            .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
        }),
      )
      .sort();
  }
}

/** Each event comes as late as its sender made it, at most by the whole day; some come twice. */
function arrivals(events: readonly Event[], random: Random): readonly Event[] {
  // Senders are punctual, late by minutes, or silent for hours; of a shuffled day nobody is punctual.
  const isShuffled = random() < 0.3;
  const span = ENDS_AT - (events[0]?.timestamp ?? ENDS_AT);
  const sent = events.flatMap((event) => {
    const delay = isShuffled ? random() * span : random() < 0.3 ? random() ** 4 * span : 0;
    const at = isShuffled ? delay : event.timestamp + delay;
    return random() < 0.1
      ? [
          { at, event },
          { at: at + random() * span, event },
        ]
      : [{ at, event }];
  });
  return sent.sort((a, b) => a.at - b.at).map(({ event }) => event);
}

async function deliverAnyhow(
  ruleSet: RuleSet,
  events: readonly Event[],
  random: Random,
): Promise<Installation> {
  const installation = new Installation(ruleSet);
  const sent = arrivals(events, random);
  const largest = 20 + pick(random, sent.length);
  for (let at = 0; at < sent.length;) {
    const size = 1 + pick(random, largest);
    await installation.deliver(sent.slice(at, at + size), random() < 0.1);
    if (random() < 0.1) installation.restart();
    at += size;
  }
  return installation;
}

describe("the stories of a day", () => {
  let ruleSet: RuleSet;
  let events: readonly Event[];

  beforeAll(async () => {
    const detection = await DemoDetection.load();
    ({ ruleSet } = detection);
    const day = detection.eventsOf(generateDay({ seed: 1, endsAt: ENDS_AT }));
    const told = [...day, ...mfaFatigue(day[0] as Event)].sort((a, b) => a.timestamp - b.timestamp);
    events = worthPlaying(ruleSet, told);
  }, 120_000);

  it(`end in one set of alerts over ${RUNS} shuffles, delays, duplications, batches and restarts`, async () => {
    const ordered = new Installation(ruleSet);
    await ordered.deliver(events, false);
    const expected = ordered.visible();
    const causes = new Set(expected.map((alert) => (JSON.parse(alert) as { readonly cause: string }).cause));
    expect([...CAUSES].filter((cause) => !causes.has(cause))).toEqual([]);
    expect(events.length).toBeGreaterThan(1_000);
    for (let run = 1; run <= RUNS; run++) {
      const installation = await deliverAnyhow(ruleSet, events, seeded(run));
      expect(installation.visible(), `seed ${run}`).toEqual(expected);
    }
  }, 3_600_000);
});
