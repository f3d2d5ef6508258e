import { ALERT_STATUSES, AlertQuerySchema, SEVERITIES } from "@tyto/domain";
import type { AlertQuery, AlertStatus, Micros, Severity } from "@tyto/domain";
import Type from "typebox";
import { parseInstant } from "../query/index.ts";
import type { AlertFilter } from "../storage/index.ts";
import { badField } from "./errors.ts";

const { sort: _sort, limit: _limit, cursor: _cursor, ...filterProperties } = AlertQuerySchema.properties;

/** The list's filters without its paging. */
export const AlertFilterQuerySchema = Type.Object(filterProperties, { additionalProperties: false });

const OPEN: readonly AlertStatus[] = ["new", "acknowledged"];

/** A query string as the store's filter. @throws RequestProblem naming the parameter that makes no sense. */
export function readAlertFilter(
  query: Omit<AlertQuery, "sort" | "limit" | "cursor">,
  now: Micros,
): AlertFilter {
  const { status, severity, rule, entity, text, from, to } = query;
  return {
    ...(status === undefined ? {} : { status: readStatuses(status) }),
    ...(severity === undefined ? {} : { severity: readList("severity", severity, SEVERITIES) }),
    ...(rule === undefined ? {} : { rule }),
    ...(entity === undefined ? {} : { entity }),
    ...(text === undefined ? {} : { text }),
    ...(from === undefined ? {} : { from: readInstant("from", from, now) }),
    ...(to === undefined ? {} : { to: readInstant("to", to, now) }),
  };
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
