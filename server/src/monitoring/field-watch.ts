import type { Event, Micros, SourceId } from "@tyto/domain";
import { formatMicros } from "@tyto/domain";
import type { Condition } from "./alarm.ts";

/** Fields that rules and people live on: one of them gone is worth a look. Others come and go with what happens. */
const WATCHED = [
  "user.name",
  "source.ip",
  "destination.ip",
  "host.name",
  "event.action",
  "event.code",
  "event.outcome",
  "process.name",
  "process.executable",
  "process.command_line",
  "url.original",
  "dns.question.name",
  "http.response.status_code",
] as const;

/** Events looked at, of a source and pack and batch. */
const SAMPLE = 40;
/** The share is an average over about this many events. */
const MEMORY = 500;
/** Events in a row without a field that nearly all had. */
const MISSING_IN_A_ROW = 200;
const USUAL_SHARE = 0.95;
/** Sources times packs that are watched. */
const MAX_WATCHED = 5_000;

interface Presence {
  share: number;
  seen: number;
  missing: number;
  lastAt: Micros;
}

interface Watched {
  readonly source: SourceId;
  readonly pack: string;
  readonly fields: Map<string, Presence>;
}

/** Notices when a field that nearly every event of a source had is in none any more: a vendor renamed it, or a setting changed. */
export class FieldWatch {
  readonly #watched = new Map<string, Watched>();
  /** The newest event by pack. */
  readonly #samples = new Map<string, Event>();

  /** A sample of each source's events of a batch. */
  look(events: readonly Event[]): void {
    const taken = new Map<string, number>();
    for (const event of events) {
      const key = `${event.source} ${event.pack}`;
      const count = taken.get(key) ?? 0;
      if (count >= SAMPLE) continue;
      taken.set(key, count + 1);
      if (count === 0 && (this.#samples.size < MAX_WATCHED || this.#samples.has(event.pack)))
        this.#samples.set(event.pack, event);
      this.#take(key, event);
    }
  }

  /** An event of the pack (`cisco-asa/main`), to see which rules look at such. */
  sampleOf(pack: string): Event | undefined {
    return this.#samples.get(pack);
  }

  /** @param rulesReading titles of enabled rules that look at a pack's events. */
  check(
    nameOf: (source: SourceId) => string,
    rulesReading: (pack: string) => readonly string[],
  ): readonly Condition[] {
    const found: Condition[] = [];
    for (const { source, pack, fields } of this.#watched.values()) {
      for (const [field, { missing, lastAt }] of fields) {
        if (missing < MISSING_IN_A_ROW) continue;
        const rules = rulesReading(pack);
        const affected = rules.length === 1 ? "1 rule looks" : `${rules.length} rules look`;
        found.push({
          kind: "source-field-missing",
          subject: `${source} ${pack} ${field}`,
          message: `${nameOf(source)} (${pack}) has sent no ${field} since ${formatMicros(lastAt)}; ${affected} at these events`,
          hint: "Compare a new line with an old one: the vendor may have renamed it, then the pack needs the new name.",
          fields: {
            "tyto_server.source.id": source,
            "tyto_server.source.name": nameOf(source),
            "tyto_server.field": field,
            ...(rules.length === 0 ? {} : { "tyto_server.blind_rules": rules.slice(0, 100) }),
          },
        });
      }
    }
    return found;
  }

  #take(key: string, event: Event): void {
    const watched = this.#watchedOf(key, event);
    if (watched === undefined) return;
    for (const field of WATCHED) {
      const isThere = event.fields[field] !== undefined;
      const presence = watched.fields.get(field);
      if (presence === undefined) {
        if (isThere) watched.fields.set(field, { share: 0, seen: 1, missing: 0, lastAt: event.ingested });
        continue;
      }
      presence.seen += 1;
      if (isThere) {
        presence.missing = 0;
        presence.lastAt = event.ingested;
      } else if (presence.missing > 0 || isUsual(presence)) presence.missing += 1;
      // What is missing in a row does not become usual: the alarm stands until the field comes again.
      if (presence.missing === 0)
        presence.share += ((isThere ? 1 : 0) - presence.share) / Math.min(presence.seen, MEMORY);
    }
  }

  #watchedOf(key: string, { source, pack }: Event): Watched | undefined {
    const known = this.#watched.get(key);
    if (known !== undefined) return known;
    if (this.#watched.size >= MAX_WATCHED) return undefined;
    const fresh: Watched = { source, pack, fields: new Map() };
    this.#watched.set(key, fresh);
    return fresh;
  }
}

function isUsual({ share, seen }: Presence): boolean {
  return seen >= MEMORY && share >= USUAL_SHARE;
}
