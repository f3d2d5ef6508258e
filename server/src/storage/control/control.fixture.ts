import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type {
  Alert,
  AlertId,
  AlertTransition,
  Entity,
  EventId,
  Finding,
  FindingKey,
  Micros,
  RuleId,
} from "@tyto/domain";
import { micros, sequence } from "@tyto/domain";
import { afterAll, beforeAll, onTestFinished } from "vitest";
import { temporaryDirectory } from "../journal/journal.fixture.ts";
import type { AlertRepository, Commit, ControlStore } from "../ports.ts";
import { openControlStore } from "./open-control-store.ts";

/** Shortened, so that tests read easily: small numbers are instants. */
export const at = (instant: number): Micros => micros(instant);

/** A store in a directory of its own, or at a path; closed when the test is over. */
export async function openTestStore(path?: string): Promise<ControlStore> {
  const store = await openControlStore({ path: path ?? join(await temporaryDirectory(), "control.db") });
  onTestFinished(() => store.close().catch(() => undefined));
  return store;
}

/** One store for all the tests of a group that only read it. */
export function sharedStore(alerts: readonly Alert[]): { readonly alerts: () => AlertRepository } {
  let directory: string;
  let store: ControlStore;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "tyto-storage-"));
    store = await openControlStore({ path: join(directory, "control.db") });
    await store.commit(commitOf(1, { alerts }));
  });
  afterAll(async () => {
    await store.close();
    await rm(directory, { recursive: true });
  });
  return { alerts: () => store.alerts };
}

export function entity(text: string): Entity {
  const [type = "", ...value] = text.split(":");
  return { type: type as Entity["type"], value: value.join(":") };
}

export function findingOf(key: string, changes: Partial<Finding> = {}): Finding {
  return {
    key: key as FindingKey,
    version: 1,
    rule: {
      id: "11111111-2222-4333-8444-555555555555" as RuleId,
      title: "Many failed logins",
      level: "medium",
      tags: ["attack.t1110"],
      cause: "brute-force",
    },
    group: [entity("ip:192.0.2.1")],
    entities: [entity("ip:192.0.2.1"), entity("user:alice")],
    firstSeen: at(100),
    lastSeen: at(200),
    count: 6,
    evidence: [{ id: "0123456789abcdef-1" as EventId, timestamp: at(100), occurrences: 6 }],
    matched: [],
    sentence: "**alice** failed to log in 6 times",
    ...changes,
  };
}

export function stepOf(
  step: number,
  change: AlertTransition["change"] = { kind: "note", text: "n" },
): AlertTransition {
  return { step, at: at(1000 + step), actor: "detection", change };
}

export function alertOf(id: string, changes: Partial<Alert> = {}): Alert {
  const findings = changes.findings ?? [findingOf(`rule|${id}|1`)];
  return {
    id: id as AlertId,
    title: "Many failed logins",
    severity: "medium",
    priority: { score: 40, base: "medium", reasons: [] },
    assets: [],
    userTags: [],
    status: "new",
    assignee: null,
    closeReason: null,
    absorbedInto: null,
    related: [],
    cause: "brute-force",
    findings,
    entities: findings.flatMap((finding) => finding.entities),
    firstSeen: at(100),
    lastSeen: at(200),
    createdAt: at(1000),
    updatedAt: at(1001),
    count: 6,
    transitions: [stepOf(1, { kind: "opened", finding: findings[0]?.key ?? ("none" as FindingKey) })],
    ...changes,
  };
}

export function commitOf(upTo: number, changes: Partial<Commit> = {}): Commit {
  return { sequence: sequence(upTo), ledger: [], alerts: [], state: [], ...changes };
}
