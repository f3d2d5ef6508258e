import { createHash } from "node:crypto";
import {
  assertNever,
  byWeight,
  highestSeverity,
  invariant,
  leadFinding,
  SEVERITIES,
  severityOfLevel,
  WITHDRAWN,
} from "@tyto/domain";
import type { Alert, AlertId, Entity, Finding, FindingChange, FindingKey, Micros } from "@tyto/domain";
import { areLinked, LINK_WINDOW_MICROS, mergeEntities } from "./link.ts";
import { NO_ASSETS, weigh } from "./priority.ts";
import type { AssetLookup } from "./priority.ts";
import { recorded } from "./transition.ts";

const ACTOR = "detection";

/** Where folding finds the alerts that stand already. */
export interface AlertLookup {
  byId(id: AlertId): Promise<Alert | undefined>;
  byFinding(key: FindingKey): Promise<Alert | undefined>;
  candidates(query: {
    readonly cause: string;
    readonly entities: readonly Entity[];
    readonly first: Micros;
    readonly last: Micros;
    readonly windowMicros: number;
  }): Promise<readonly Alert[]>;
}

/**
 * Folds what detection says into alerts: the open alerts are the connected components of `areLinked` over all findings, whatever
 * the order they came in. A closed alert keeps its findings and is never reopened; what follows it opens a new one that names it.
 * @returns every alert that changed, new ones included; the caller makes them durable before it folds again.
 */
export async function foldFindings(
  changes: readonly FindingChange[],
  lookup: AlertLookup,
  now: Micros,
  assets: AssetLookup = NO_ASSETS,
): Promise<readonly Alert[]> {
  const fold = new Fold(lookup, now, assets);
  for (const change of changes) {
    switch (change.kind) {
      case "upsert":
        await fold.upsert(change.finding);
        break;
      case "supersede":
        await fold.supersede(change.key, change.into);
        break;
      case "retract":
        await fold.retract(change.key);
        break;
      default:
        assertNever(change);
    }
  }
  return fold.changed();
}

class Fold {
  readonly #lookup: AlertLookup;
  readonly #now: Micros;
  readonly #assets: AssetLookup;
  /** Alerts as this fold has left them; they hide what the lookup still says. */
  readonly #pending = new Map<AlertId, Alert>();

  constructor(lookup: AlertLookup, now: Micros, assets: AssetLookup) {
    this.#lookup = lookup;
    this.#now = now;
    this.#assets = assets;
  }

  changed(): readonly Alert[] {
    return [...this.#pending.values()];
  }

  async upsert(finding: Finding): Promise<void> {
    const holder = await this.#holderOf(finding.key);
    const known = holder?.findings.find((one) => one.key === finding.key);
    if (holder?.closeReason === WITHDRAWN) {
      this.#put(reopened(holder, finding, this.#now));
      return;
    }
    if (known !== undefined && known.version >= finding.version) return;
    const linked = await this.#linkedTo(finding);
    if (holder?.status === "closed") {
      this.#put(withFinding(holder, finding, this.#now));
      return;
    }
    const open = linked.filter((alert) => alert.status !== "closed" && alert.id !== holder?.id);
    if (holder !== undefined) open.push(holder);
    const [target, ...others] = open.sort(byAge);
    let grown =
      target === undefined
        ? openAlert(finding, await this.#freeId(finding.key), this.#now)
        : target.id === holder?.id
          ? withFinding(target, finding, this.#now)
          : target;
    for (const other of others) grown = this.#absorb(other, grown, finding);
    if (!grown.findings.some((one) => one.key === finding.key && one.version === finding.version)) {
      grown = withFinding(grown, finding, this.#now);
    }
    this.#put(
      withRelated(
        grown,
        linked.filter((alert) => alert.status === "closed"),
      ),
    );
  }

  async supersede(key: FindingKey, into: FindingKey): Promise<void> {
    const holder = await this.#holderOf(key);
    if (holder === undefined || holder.status === "closed") return;
    const change = { kind: "superseded", finding: key, into } as const;
    const step = { actor: ACTOR, at: this.#now };
    const rest = holder.findings.filter((finding) => finding.key !== key);
    if (rest.length > 0) {
      this.#put(recorded(summarised({ ...holder, findings: rest }), change, step));
      return;
    }
    // `into` was upserted first and covers all that `key` covered: it stands in this alert too, unless a person had closed the
    // alert that it began. Then this one keeps what it was opened for, and names the other.
    const survivor = await this.#holderOf(into);
    invariant(survivor !== undefined, "a finding was superseded by one that no alert holds");
    this.#put(withRelated(recorded(holder, change, step), [survivor]));
  }

  /** Late data showed that the finding never held. What a person has closed stays as the person saw it. */
  async retract(key: FindingKey): Promise<void> {
    const holder = await this.#holderOf(key);
    if (holder === undefined || holder.status === "closed") return;
    const step = { actor: ACTOR, at: this.#now };
    const rest = holder.findings.filter((finding) => finding.key !== key);
    const change = { kind: rest.length > 0 ? "retracted" : "withdrawn", finding: key } as const;
    this.#put(
      rest.length > 0
        ? recorded(summarised({ ...holder, findings: rest }), change, step)
        : recorded({ ...holder, status: "closed", closeReason: WITHDRAWN }, change, step),
    );
  }

  /** A finding that once founded an alert, left it, and came back to none: that alert keeps its id. */
  async #freeId(key: FindingKey): Promise<AlertId> {
    let id = alertIdOf(key);
    for (let again = 1; this.#pending.has(id) || (await this.#lookup.byId(id)) !== undefined; again++) {
      id = alertIdOf(`${key}#${again}` as FindingKey);
    }
    return id;
  }

  async #holderOf(key: FindingKey): Promise<Alert | undefined> {
    for (const alert of this.#pending.values()) {
      if (alert.absorbedInto === null && alert.findings.some((finding) => finding.key === key)) return alert;
    }
    const stored = await this.#lookup.byFinding(key);
    return stored === undefined || this.#pending.has(stored.id) ? undefined : stored;
  }

  async #linkedTo(finding: Finding): Promise<Alert[]> {
    const stored = await this.#lookup.candidates({
      cause: finding.rule.cause,
      entities: mergeEntities([finding]),
      first: finding.firstSeen,
      last: finding.lastSeen,
      windowMicros: LINK_WINDOW_MICROS,
    });
    return [...stored.filter((alert) => !this.#pending.has(alert.id)), ...this.#pending.values()].filter(
      (alert) => alert.absorbedInto === null && alert.findings.some((one) => areLinked(one, finding)),
    );
  }

  #absorb(other: Alert, target: Alert, finding: Finding): Alert {
    const step = { actor: ACTOR, at: this.#now };
    this.#put(
      recorded({ ...other, absorbedInto: target.id }, { kind: "absorbed-into", alert: target.id }, step),
    );
    const moved = other.findings.map((one) => (one.key === finding.key ? finding : one));
    const grown = withRelated(
      summarised({ ...target, findings: [...target.findings, ...moved] }),
      [],
      other.related,
    );
    return recorded(grown, { kind: "absorbed", alert: other.id }, step);
  }

  #put(alert: Alert): void {
    this.#pending.set(alert.id, alert.absorbedInto === null ? weighed(alert, this.#assets) : alert);
  }
}

function byAge(a: Alert, b: Alert): number {
  return a.firstSeen - b.firstSeen || (a.id < b.id ? -1 : 1);
}

/** The same finding opens the same alert, also when a crash makes it open twice. */
export function alertIdOf(key: FindingKey): AlertId {
  return createHash("sha256").update(key).digest("hex").slice(0, 20) as AlertId;
}

/** The finding is back, whatever its version: detection counts anew after it took one back. */
function reopened(alert: Alert, finding: Finding, now: Micros): Alert {
  const findings = alert.findings.map((one) => (one.key === finding.key ? finding : one));
  const open = summarised({ ...alert, findings, status: "new", closeReason: null });
  return recorded(open, { kind: "returned", finding: finding.key }, { actor: ACTOR, at: now });
}

function openAlert(finding: Finding, id: AlertId, now: Micros): Alert {
  const alert: Alert = {
    id,
    title: finding.rule.title,
    severity: severityOfLevel(finding.rule.level),
    priority: { score: 1, base: severityOfLevel(finding.rule.level), reasons: [] },
    assets: [],
    userTags: [],
    status: "new",
    assignee: null,
    closeReason: null,
    absorbedInto: null,
    related: [],
    cause: finding.rule.cause,
    findings: [finding],
    entities: [],
    firstSeen: finding.firstSeen,
    lastSeen: finding.lastSeen,
    createdAt: now,
    updatedAt: now,
    count: 0,
    transitions: [],
  };
  return recorded(summarised(alert), { kind: "opened", finding: finding.key }, { actor: ACTOR, at: now });
}

function withFinding(alert: Alert, finding: Finding, now: Micros): Alert {
  const isKnown = alert.findings.some((one) => one.key === finding.key);
  const findings = isKnown
    ? alert.findings.map((one) => (one.key === finding.key ? finding : one))
    : [...alert.findings, finding];
  const change = isKnown
    ? ({ kind: "amended", finding: finding.key, version: finding.version } as const)
    : ({ kind: "joined", finding: finding.key } as const);
  const grown = summarised({ ...alert, findings });
  // A flood amends one alert thousands of times. The finding's version counts them; the history says it once.
  const last = alert.transitions.at(-1)?.change;
  if (change.kind === "amended" && last?.kind === "amended" && last.finding === finding.key) {
    return { ...grown, updatedAt: now };
  }
  return recorded(grown, change, { actor: ACTOR, at: now });
}

function withRelated(alert: Alert, closed: readonly Alert[], more: readonly AlertId[] = []): Alert {
  const related = new Set([...alert.related, ...more, ...closed.map((one) => one.id)]);
  related.delete(alert.id);
  return related.size === alert.related.length ? alert : { ...alert, related: [...related] };
}

/** The alert with the weight that the register gives it now. */
export function weighed(alert: Alert, assets: AssetLookup): Alert {
  return { ...alert, ...weigh(alert.priority.base, alert.entities, assets) };
}

/** What an alert says follows from its findings alone; what it weighs also from the register. */
function summarised(alert: Alert): Alert {
  const findings = [...alert.findings].sort(
    (a, b) => a.firstSeen - b.firstSeen || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0),
  );
  const severity = findings
    .map((one) => severityOfLevel(one.rule.level))
    .reduce(highestSeverity, SEVERITIES[0]);
  return {
    ...alert,
    findings,
    severity,
    priority: { ...alert.priority, base: severity },
    title: leadFinding(findings)?.rule.title ?? alert.title,
    // Lists show the first few: those of the findings that say most.
    entities: mergeEntities([...findings].sort(byWeight)),
    firstSeen: Math.min(...findings.map((one) => one.firstSeen)) as Micros,
    lastSeen: Math.max(...findings.map((one) => one.lastSeen)) as Micros,
    count: countOccurrences(findings),
  };
}

/** Over distinct evidence events; a finding whose evidence is capped still counts all it saw. */
function countOccurrences(findings: readonly Finding[]): number {
  const occurrences = new Map<string, number>();
  for (const finding of findings) {
    for (const event of finding.evidence) occurrences.set(event.id, event.occurrences);
  }
  const distinct = [...occurrences.values()].reduce((sum, one) => sum + one, 0);
  return Math.max(distinct, ...findings.map((one) => one.count));
}
