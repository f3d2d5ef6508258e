import type { Alert, AlertId } from "@tyto/domain";
import { micros, sequence, sourceId } from "@tyto/domain";
import type { Commit } from "../ports.ts";

export const CRASH_SOURCE = sourceId("00000000000000ee");

/** The commit that a number stands for, in the child that makes it and in the test that checks it. */
export function crashCommit(number: number): Commit {
  return {
    sequence: sequence(number),
    ledger: [
      {
        source: CRASH_SOURCE,
        hour: micros(0),
        received: 1,
        stored: 1,
        unknown: 0,
        filtered: {},
        quarantined: {},
        packs: {},
        lastEventAt: micros(number),
      },
    ],
    alerts: [crashAlert(number)],
    state: [{ kind: "put", key: "number", value: `${number}`.repeat(50) }],
  };
}

/** Ten alerts in turn; each knows the number of the commit that last wrote it. */
export function crashAlert(number: number): Alert {
  return {
    id: `alert ${number % 10}` as AlertId,
    title: "x".repeat(2000),
    severity: "low",
    priority: { score: 40, base: "medium", reasons: [] },
    assets: [],
    userTags: [],
    status: "new",
    assignee: null,
    closeReason: null,
    absorbedInto: null,
    related: [],
    cause: "c",
    findings: [],
    entities: [{ type: "user", value: `user ${number}` }],
    firstSeen: micros(1),
    lastSeen: micros(number),
    createdAt: micros(1),
    updatedAt: micros(number),
    count: number,
    transitions: [],
  };
}
