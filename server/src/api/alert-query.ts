import { ALERT_FACETS, ALERT_STATUSES, SEVERITIES } from "@tyto/domain";
import type { AlertFacetName, AlertFilterQuery, AlertId, AlertStatus, Micros, Severity } from "@tyto/domain";
import { parseInstant } from "../query/index.ts";
import type { AlertDeadlines, AlertFilter } from "../storage/index.ts";
import { badField } from "./errors.ts";

const OPEN: readonly AlertStatus[] = ["new", "acknowledged"];

/** What a query's words mean at this moment. */
export interface QueryContext {
  readonly now: Micros;
  /** Who `me` is. */
  readonly me: string;
  readonly deadlines: AlertDeadlines;
  /** The alerts of one story. */
  readonly story: (id: AlertId) => Promise<readonly AlertId[]>;
}

/** A query string as the store's filter. @throws RequestProblem naming the parameter that makes no sense. */
export async function readAlertFilter(query: AlertFilterQuery, context: QueryContext): Promise<AlertFilter> {
  const { status, severity, rule, entity, text, from, to, assignee, story, overdue } = query;
  const { now, me, deadlines } = context;
  const facets: Partial<Record<AlertFacetName, readonly string[]>> = {};
  for (const facet of ALERT_FACETS) {
    const values = query[facet];
    if (values !== undefined) facets[facet] = partsOf(values);
  }
  return {
    ...(status === undefined ? {} : { status: readStatuses(status) }),
    ...(severity === undefined ? {} : { severity: readList("severity", severity, SEVERITIES) }),
    ...(rule === undefined ? {} : { rule }),
    ...(entity === undefined ? {} : { entity }),
    ...(text === undefined ? {} : { text }),
    ...(from === undefined ? {} : { from: readInstant("from", from, now) }),
    ...(to === undefined ? {} : { to: readInstant("to", to, now) }),
    ...(assignee === undefined ? {} : { assignee: readAssignees(assignee, me) }),
    ...(Object.keys(facets).length === 0 ? {} : { facets }),
    ...(story === undefined ? {} : { ids: await context.story(story as AlertId) }),
    ...(overdue === undefined ? {} : { overdue: deadlines }),
  };
}

const partsOf = (text: string): readonly string[] =>
  text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");

function readAssignees(text: string, me: string): readonly (string | null)[] {
  return partsOf(text).map((part) => (part === "none" ? null : part === "me" ? me : part));
}

function readStatuses(text: string): readonly AlertStatus[] {
  const asked = readList("status", text, [...ALERT_STATUSES, "open"] as const);
  return [...new Set(asked.flatMap((one) => (one === "open" ? OPEN : [one])))];
}

function readList<T extends Severity | AlertStatus | "open">(
  name: string,
  text: string,
  choices: readonly T[],
): readonly T[] {
  return text.split(",").map((part) => {
    const choice = choices.find((one) => one === part.trim());
    if (choice !== undefined) return choice;
    throw badField(
      `query.${name}`,
      `query.${name} is one of ${choices.join(", ")}, or several with commas between`,
    );
  });
}

function readInstant(name: "from" | "to", text: string, now: Micros): Micros {
  const instant = parseInstant(text, now);
  if (instant !== undefined) return instant;
  throw badField(
    `query.${name}`,
    `query.${name} is no instant`,
    "Use RFC 3339 (2026-01-31T12:00:00Z), -15m, -7d or now.",
  );
}
