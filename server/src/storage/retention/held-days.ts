import { micros } from "@tyto/domain";
import type { Micros } from "@tyto/domain";
import type { SettingsRepository } from "../ports.ts";
import type { Hold } from "./retention-run.ts";

const HOLDS = "retention.holds";
const RESTORING = "archive.restoring";

/** Days that came back from archives, and those whose coming back was interrupted. */
export class HeldDays {
  readonly #settings: SettingsRepository;
  readonly #now: () => Micros;

  constructor(settings: SettingsRepository, now: () => Micros) {
    this.#settings = settings;
    this.#now = now;
  }

  /** Before the first row: what is interrupted from here on is seen as such. */
  async begin(day: string, until: Micros): Promise<void> {
    const holds = (await this.holds()).filter((one) => one.day !== day);
    await this.#settings.set(HOLDS, JSON.stringify([...holds, { day, until }]));
    await this.#settings.set(RESTORING, JSON.stringify([...new Set([...(await this.interrupted()), day])]));
  }

  async finished(day: string): Promise<void> {
    const others = (await this.interrupted()).filter((one) => one !== day);
    await this.#settings.set(RESTORING, JSON.stringify(others));
  }

  async interrupted(): Promise<readonly string[]> {
    const stored: unknown = JSON.parse((await this.#settings.get(RESTORING)) ?? "[]");
    return Array.isArray(stored) ? stored.map(String) : [];
  }

  /** Those that have not run out. */
  async holds(): Promise<readonly Hold[]> {
    const stored: unknown = JSON.parse((await this.#settings.get(HOLDS)) ?? "[]");
    const holds = Array.isArray(stored) ? stored.flatMap(holdOf) : [];
    return holds.filter(({ until }) => until > this.#now());
  }
}

function holdOf(value: unknown): readonly Hold[] {
  if (typeof value !== "object" || value === null || !("day" in value) || !("until" in value)) return [];
  return [{ day: String(value.day), until: micros(Number(value.until)) }];
}
