import { DEFAULT_TENANT, formatMicros, parseRfc3339, SEVERITIES, TytoError } from "@tyto/domain";
import type { Entity, EntityProfile, Micros } from "@tyto/domain";
import type { QueryOutcome } from "../storage/index.ts";
import type { CompiledSearch, QueryAccess, QueryFrontend } from "../query/index.ts";

/** Where a thing of each kind is found in events. */
const FIELDS_OF: Readonly<Record<Entity["type"], readonly string[]>> = {
  user: ["user.name", "user.target.name", "user.effective.name", "source.user.name", "destination.user.name"],
  host: ["host.name", "host.hostname", "observer.name"],
  ip: ["source.ip", "destination.ip"],
  process: ["process.name", "process.executable"],
  file: ["file.path", "file.name"],
  hash: ["file.hash.sha256", "file.hash.sha1", "file.hash.md5", "process.hash.sha256", "process.hash.md5"],
  domain: ["dns.question.name", "url.domain", "destination.domain", "source.domain"],
  url: ["url.full", "url.original"],
  service: ["service.name"],
};

const RELATED: readonly (readonly [field: string, type: Entity["type"]])[] = [
  ["user.name", "user"],
  ["host.name", "host"],
  ["source.ip", "ip"],
  ["destination.ip", "ip"],
  ["process.name", "process"],
  ["file.path", "file"],
];
const RELATED_EACH = 8;
const MAX_HOURS = 10_000;

type Rows = readonly (readonly unknown[])[];

export interface ProfileQuestion {
  readonly entity: Entity;
  readonly from: Micros;
  readonly to: Micros;
  readonly now: Micros;
}

/** Asks the engine, with its limits; the frontend puts tenant and time in. */
export interface ProfileEngine {
  readonly query: Pick<QueryFrontend, "compileSearch">;
  /** What of the events the asker sees. */
  readonly access: QueryAccess | undefined;
  readonly run: (query: CompiledSearch["query"], maxRows: number) => Promise<QueryOutcome>;
}

/** A value as a KQL literal: JSON's escapes are KQL's. */
const literal = (value: string): string => JSON.stringify(value);

export function entityKql({ type, value }: Entity): string {
  const operator = type === "ip" ? "==" : "=~";
  return FIELDS_OF[type].map((field) => `${field} ${operator} ${literal(value)}`).join(" or ");
}

/** When a thing occurred, from where it logged in, and what it occurred with. */
export async function entityProfile(
  question: ProfileQuestion,
  engine: ProfileEngine,
): Promise<Omit<EntityProfile, "alerts">> {
  const { entity, from, to } = question;
  const where = `Events | where ${entityKql(entity)}`;
  const ask = (rest: string): Promise<Rows> => answer(`${where} | ${rest}`, question, engine);
  // One after the other: a page must not take all of the engine's readers, and cancelling names one query.
  const [span] = await ask(
    "summarize n_events = count(), at_first = min(timestamp), at_last = max(timestamp)",
  );
  const hours = await ask(
    "summarize n_events = count() by at_hour = bin(timestamp, 1h) | sort by at_hour asc",
  );
  const logons = await ask(
    `where event.category == "authentication" | summarize n_failed = countif(event.outcome == "failure"), n_all = count() by of_country = source.geo.country_iso_code | top 50 by n_all`,
  );
  const related: Rows[] = [];
  for (const [field] of RELATED) {
    related.push(
      await ask(
        `where isnotempty(${field}) | summarize n_events = count() by of_value = ${field} | top ${RELATED_EACH + 1} by n_events`,
      ),
    );
  }
  const events = numberOf(span?.[0]);
  return {
    entity,
    from: formatMicros(from),
    to: formatMicros(to),
    events,
    firstSeen: events === 0 ? null : instantOf(span?.[1]),
    lastSeen: events === 0 ? null : instantOf(span?.[2]),
    hours: hours.flatMap(([count, start]) => hourOf(count, start)),
    logons: logons.map(([failed, all, country]) => ({
      country: typeof country === "string" && country !== "" ? country : "unknown",
      failed: numberOf(failed),
      succeeded: numberOf(all) - numberOf(failed),
    })),
    related: relatedOf(entity, related),
  };
}

async function answer(
  kql: string,
  question: ProfileQuestion,
  { query, access, run }: ProfileEngine,
): Promise<Rows> {
  const { from, to, now } = question;
  const compiled = await query.compileSearch({
    kql,
    from: formatMicros(from),
    to: formatMicros(to),
    now,
    tenant: DEFAULT_TENANT,
    access,
    limit: MAX_HOURS,
  });
  if (!compiled.ok) {
    const [first] = compiled.diagnostics;
    throw new TytoError("query-invalid", first?.message ?? "This cannot be asked");
  }
  const outcome = await run(compiled.query, MAX_HOURS + 1);
  const { rows } = compiled.shape(outcome.rows);
  // Columns by name, in the order in which the questions above name them.
  const wanted = WANTED.filter((name) => compiled.columns.some((column) => column.name === name));
  const places = wanted.map((name) => compiled.columns.findIndex((column) => column.name === name));
  return rows.map((row) => places.map((place) => row[place]));
}

/** Names that no word of KQL is. */
const WANTED = ["n_events", "n_failed", "n_all", "at_first", "at_last", "at_hour", "of_country", "of_value"];

function relatedOf(entity: Entity, answers: readonly Rows[]): EntityProfile["related"] {
  const counts = new Map<
    string,
    { readonly entity: { type: Entity["type"]; value: string }; count: number }
  >();
  for (const [index, rows] of answers.entries()) {
    const type = RELATED[index]?.[1];
    if (type === undefined) continue;
    for (const [count, value] of rows) {
      if (typeof value !== "string") continue;
      if (type === entity.type && value.toLowerCase() === entity.value.toLowerCase()) continue;
      const key = `${type} ${value}`;
      const known = counts.get(key) ?? { entity: { type, value }, count: 0 };
      known.count += numberOf(count);
      counts.set(key, known);
    }
  }
  return [...counts.values()].sort((a, b) => b.count - a.count);
}

const numberOf = (value: unknown): number => (typeof value === "number" ? value : Number(value ?? 0));

function instantOf(value: unknown): string | null {
  const instant = typeof value === "string" ? parseRfc3339(value) : undefined;
  return instant === undefined ? null : formatMicros(instant);
}

function hourOf(count: unknown, start: unknown): EntityProfile["hours"] {
  const at = instantOf(start);
  return at === null ? [] : [{ start: at, count: numberOf(count) }];
}

/** The highest severity in use; null when there is none. */
export function worstOf(severities: readonly string[]): EntityProfile["alerts"]["worst"] {
  return SEVERITIES.toReversed().find((severity) => severities.includes(severity)) ?? null;
}
