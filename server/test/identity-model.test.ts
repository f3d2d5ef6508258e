/**
 * Trial 1 of the identity scheme (docs/decisions/0001-identity.md): event ids, findings with canonical windows and alerts, as small
 * pure models, under random order, duplicates, restarts, late arrivals and double imports. One final set of alerts, always.
 */
import { describe, expect, it } from "vitest";
import { eventId, micros, MICROS_PER_MINUTE, ruleId } from "@tyto/domain";
import type {
  Alert,
  AlertId,
  Entity,
  EventId,
  EvidenceEvent,
  Finding,
  FindingChange,
  FindingKey,
  OriginId,
} from "@tyto/domain";
import { areLinked, foldFindings } from "../src/triage/index.ts";
import type { AlertLookup } from "../src/triage/index.ts";

const ROUNDS = process.env["TYTO_VERIFY"] === undefined ? 400 : 10_000;
const SPAN = 5 * MICROS_PER_MINUTE;
const THRESHOLD = 4;

interface Hit {
  readonly id: EventId;
  readonly at: number;
  readonly ip: string;
  readonly user: string;
}

type Random = () => number;

function seeded(seed: number): Random {
  let state = seed >>> 0 || 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const pick = (random: Random, below: number): number => Math.floor(random() * below);

function shuffled<T>(items: readonly T[], random: Random): T[] {
  const copy = [...items];
  for (let i = copy.length - 1; i > 0; i--) {
    const j = pick(random, i + 1);
    [copy[i], copy[j]] = [copy[j] as T, copy[i] as T];
  }
  return copy;
}

/** Bursts of failures on five days, close enough to each other that windows touch, merge and fall apart. */
function makeHits(random: Random): readonly Hit[] {
  const hits: Hit[] = [];
  const bursts = 3 + pick(random, 8);
  for (let burst = 0; burst < bursts; burst++) {
    const start = (pick(random, 5) * 20 * 60 + pick(random, 40)) * MICROS_PER_MINUTE;
    const size = 4 + pick(random, 9);
    for (let n = 0; n < size; n++) {
      hits.push({
        id: eventId("00000000000000aa" as OriginId, hits.length),
        at: start + pick(random, 12) * MICROS_PER_MINUTE,
        ip: `192.0.2.${pick(random, 3)}`,
        user: ["ana", "ben", "cleo"][pick(random, 3)] ?? "ana",
      });
    }
  }
  return hits;
}

const RULES = [
  { name: "by-address", level: "medium", groupOf: (hit: Hit): Entity => ({ type: "ip", value: hit.ip }) },
  { name: "by-account", level: "high", groupOf: (hit: Hit): Entity => ({ type: "user", value: hit.user }) },
] as const;

/** All episodes of one group: unions of the windows in which the threshold is met. A pure function of the set of hits. */
function episodesOf(hits: readonly Hit[]): readonly (readonly Hit[])[] {
  const sorted = [...hits].sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
  const hot = sorted.flatMap((hit, index) => {
    let first = index;
    while (first > 0 && (sorted[first - 1] as Hit).at > hit.at - SPAN) first--;
    return index - first + 1 >= THRESHOLD ? [{ first, last: index }] : [];
  });
  const joined: { first: number; last: number }[] = [];
  for (const range of hot) {
    const previous = joined.at(-1);
    if (previous !== undefined && range.first <= previous.last) previous.last = range.last;
    else joined.push({ ...range });
  }
  return joined.map(({ first, last }) => sorted.slice(first, last + 1));
}

function findingOf(rule: (typeof RULES)[number], group: Entity, episode: readonly Hit[]): Finding {
  const first = episode[0] as Hit;
  const entities = new Map<string, Entity>();
  for (const hit of episode) {
    entities.set(`ip ${hit.ip}`, { type: "ip", value: hit.ip });
    entities.set(`user ${hit.user}`, { type: "user", value: hit.user });
  }
  return {
    key: `${rule.name}|${group.type}=${group.value}|${first.at}-${first.id}` as FindingKey,
    version: 1,
    rule: { id: ruleId(rule.name), title: rule.name, level: rule.level, tags: [], cause: "brute-force" },
    group: [group],
    entities: [...entities.values()],
    firstSeen: micros(first.at),
    lastSeen: micros((episode.at(-1) as Hit).at),
    count: episode.length,
    evidence: episode.map((hit): EvidenceEvent => ({
      id: hit.id,
      timestamp: micros(hit.at),
      occurrences: 1,
    })),
    matched: [],
    sentence: "",
  };
}

function findingsOf(hits: readonly Hit[]): Map<FindingKey, Finding> {
  const findings = new Map<FindingKey, Finding>();
  for (const rule of RULES) {
    const groups = new Map<string, { group: Entity; hits: Hit[] }>();
    for (const hit of hits) {
      const group = rule.groupOf(hit);
      const entry = groups.get(group.value) ?? { group, hits: [] };
      entry.hits.push(hit);
      groups.set(group.value, entry);
    }
    for (const { group, hits: members } of groups.values()) {
      for (const episode of episodesOf(members)) {
        const finding = findingOf(rule, group, episode);
        findings.set(finding.key, finding);
      }
    }
  }
  return findings;
}

const evidenceIds = (finding: Finding): ReadonlySet<EventId> =>
  new Set(finding.evidence.map((one) => one.id));

/** What the detection engine says when its findings go from `before` to `after`. */
function changesBetween(
  before: ReadonlyMap<FindingKey, Finding>,
  after: ReadonlyMap<FindingKey, Finding>,
): readonly FindingChange[] {
  const changes: FindingChange[] = [];
  for (const [key, finding] of after) {
    const old = before.get(key);
    if (old !== undefined && old.evidence.length === finding.evidence.length) continue;
    changes.push({ kind: "upsert", finding: { ...finding, version: (old?.version ?? 0) + 1 } });
  }
  for (const [key, old] of before) {
    if (after.has(key)) continue;
    const group = key.slice(0, key.lastIndexOf("|"));
    const ids = evidenceIds(old);
    const into = [...after.values()].find(
      (finding) => finding.key.startsWith(`${group}|`) && [...evidenceIds(finding)].some((id) => ids.has(id)),
    );
    if (into === undefined) throw new Error("an episode vanished");
    changes.push({ kind: "supersede", key, into: into.key });
  }
  return changes;
}

/** A whole installation in miniature: what is durable, and what a crash forgets. */
class Installation {
  readonly #alerts = new Map<AlertId, Alert>();
  readonly #seen = new Map<EventId, Hit>();
  #findings: ReadonlyMap<FindingKey, Finding> = new Map();

  readonly #lookup: AlertLookup = {
    byId: (id) => Promise.resolve(this.#alerts.get(id)),
    byFinding: (key) =>
      Promise.resolve(this.live().find((alert) => alert.findings.some((finding) => finding.key === key))),
    candidates: ({ cause }) => Promise.resolve(this.live().filter((alert) => alert.cause === cause)),
  };

  live(): readonly Alert[] {
    return [...this.#alerts.values()].filter((alert) => alert.absorbedInto === null);
  }

  /** @param crashes before the commit: everything of this delivery is lost, and the journal delivers it again. */
  async deliver(batch: readonly Hit[], crashes: boolean): Promise<void> {
    const seen = new Map(this.#seen);
    for (const hit of batch) seen.set(hit.id, hit);
    const after = findingsOf([...seen.values()]);
    const changes = changesBetween(this.#findings, after);
    const changed = await foldFindings(changes, this.#lookup, micros(1));
    if (crashes) return this.deliver(batch, false);
    const upserted = new Map(
      changes.flatMap((change) => (change.kind === "upsert" ? [[change.finding.key, change.finding]] : [])),
    );
    this.#findings = new Map(
      [...after].map(([key, finding]) => [key, upserted.get(key) ?? this.#findings.get(key) ?? finding]),
    );
    for (const hit of batch) this.#seen.set(hit.id, hit);
    for (const alert of changed) this.#alerts.set(alert.id, alert);
  }
}

/** What a person sees, without ids that depend on which line came first. */
function visible(alerts: readonly Alert[]): readonly string[] {
  return alerts
    .map((alert) =>
      JSON.stringify({
        title: alert.title,
        severity: alert.severity,
        count: alert.count,
        first: alert.firstSeen,
        last: alert.lastSeen,
        findings: alert.findings.map((finding) => [finding.key, finding.count]).sort(),
      }),
    )
    .sort();
}

/** The final alerts straight from the definition: connected components over all findings. */
function expectedComponents(hits: readonly Hit[]): readonly string[] {
  const rest = new Set(findingsOf(hits).values());
  const components: string[] = [];
  for (const start of rest) {
    rest.delete(start);
    const component = [start];
    for (const member of component) {
      for (const other of [...rest].filter((one) => areLinked(member, one))) {
        rest.delete(other);
        component.push(other);
      }
    }
    components.push(
      component
        .map((finding) => finding.key)
        .sort()
        .join(" "),
    );
  }
  return components.sort();
}

async function deliverShuffled(hits: readonly Hit[], random: Random): Promise<readonly Alert[]> {
  const installation = new Installation();
  // A double import sends everything again, somewhere among the rest.
  const sent = shuffled(random() < 0.3 ? [...hits, ...hits] : hits, random);
  for (let at = 0; at < sent.length;) {
    const size = 1 + pick(random, 6);
    const duplicates = sent.slice(Math.max(0, at - pick(random, 3)), at);
    await installation.deliver([...duplicates, ...sent.slice(at, at + size)], random() < 0.2);
    at += size;
  }
  return installation.live();
}

describe("the identity scheme", () => {
  it(`gives one final set of alerts over ${ROUNDS} shuffles, duplicates, restarts, late arrivals and double imports`, async () => {
    let alertsSeen = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const random = seeded(round + 1);
      const hits = makeHits(random);
      const ordered = new Installation();
      await ordered.deliver(hits, false);
      const components = ordered.live().map((alert) =>
        alert.findings
          .map((one) => one.key)
          .sort()
          .join(" "),
      );
      expect(components.sort(), `seed ${round + 1}`).toEqual(expectedComponents(hits));
      const alerts = await deliverShuffled(hits, random);
      expect(visible(alerts), `seed ${round + 1}`).toEqual(visible(ordered.live()));
      alertsSeen += alerts.length;
    }
    expect(alertsSeen).toBeGreaterThan(ROUNDS);
  }, 600_000);
});
