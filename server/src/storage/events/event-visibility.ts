import { SettingsMap } from "@clickhouse/client";
import type { ClickHouseSettings } from "@clickhouse/client";
import { assertNever } from "@tyto/domain";
import type { ShownForms } from "../ports.ts";

/**
 * Which form of an event readers see while a parse replaces some. The engine applies it where it reads the table, so that no query
 * needs to know. Between parses there is one form of each event, and nothing is filtered.
 */
export class EventVisibility {
  #settings: ClickHouseSettings = {};
  #running: Reads = newReads();

  /** Runs a read with the settings that hide what is not to be seen. */
  async read<T>(work: (settings: ClickHouseSettings) => Promise<T>): Promise<T> {
    const reads = this.#running;
    reads.count += 1;
    try {
      return await work(this.#settings);
    } finally {
      reads.count -= 1;
      if (reads.count === 0) reads.onNone();
    }
  }

  /** What begins from now on sees the new forms. Resolves when every read has ended that began before. */
  async show(forms: ShownForms): Promise<void> {
    const before = this.#running;
    this.#running = newReads();
    this.#settings = settingsOf(forms);
    if (before.count === 0) return;
    await new Promise<void>((resolve) => {
      before.onNone = resolve;
    });
  }
}

interface Reads {
  count: number;
  onNone: () => void;
}

function newReads(): Reads {
  return { count: 0, onNone: () => undefined };
}

function settingsOf(forms: ShownForms): ClickHouseSettings {
  switch (forms.kind) {
    case "only":
      return {};
    case "earlier":
      return filterBy(`parse != ${forms.parse}`);
    case "newer":
      return filterBy(
        `parse = ${forms.parse} OR (origin, ordinal) NOT IN (SELECT origin, ordinal FROM earlier_events WHERE replaced_by = ${forms.parse})`,
      );
    default:
      return assertNever(forms);
  }
}

function filterBy(condition: string): ClickHouseSettings {
  return { additional_table_filters: SettingsMap.from({ events: condition }) };
}
