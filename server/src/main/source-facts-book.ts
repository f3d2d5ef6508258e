import { SourceFactsSchema, TytoError } from "@tyto/domain";
import type { SourceId } from "@tyto/domain";
import Type from "typebox";
import { Check } from "typebox/value";
import { readSourceFacts } from "../pipeline/index.ts";
import type { SourceFact, SourceFacts, SourceSettings } from "../pipeline/index.ts";
import type { ControlStore } from "../storage/index.ts";

const SETTING = "sources.facts";
const StoredSchema = Type.Record(Type.String(), Type.Unknown());

interface Known {
  readonly said: readonly SourceFact[];
  readonly ready: SourceFacts;
}

/** What people have said of sources. Kept in the relational store, in memory for the pipeline. */
export class SourceFactsBook {
  readonly #control: Pick<ControlStore, "settings" | "sources">;
  readonly #known = new Map<string, Known>();
  #writing: Promise<void> = Promise.resolve();

  private constructor(control: Pick<ControlStore, "settings" | "sources">) {
    this.#control = control;
  }

  static async open(control: Pick<ControlStore, "settings" | "sources">): Promise<SourceFactsBook> {
    const book = new SourceFactsBook(control);
    const stored: unknown = JSON.parse((await control.settings.get(SETTING)) ?? "{}");
    if (!Check(StoredSchema, stored)) return book;
    for (const [id, facts] of Object.entries(stored)) {
      const said: unknown = { facts };
      if (!Check(SourceFactsSchema, said)) continue;
      const reading = readSourceFacts(said.facts);
      if (reading.kind === "facts") book.#known.set(id, { said: said.facts, ready: reading.facts });
    }
    return book;
  }

  /** What the pipeline asks for each record: the source's other settings, and what is known of it. */
  settingsOf(source: SourceId, others: SourceSettings): SourceSettings {
    const known = this.#known.get(source);
    return known === undefined ? others : { ...others, facts: known.ready };
  }

  factsOf(source: SourceId): readonly SourceFact[] {
    return this.#known.get(source)?.said ?? [];
  }

  /**
   * From the next batch on; what is stored keeps its fields. No facts: nothing is known any more.
   * @throws TytoError `bad-request` for what no event can hold, `not-found` for what is no source.
   */
  async set(source: SourceId, facts: readonly SourceFact[]): Promise<void> {
    const reading = readSourceFacts(facts);
    if (reading.kind === "problem")
      throw new TytoError("bad-request", reading.message, { hint: reading.hint });
    const sources = await this.#control.sources();
    if (!sources.some(({ id }) => id === source)) throw new TytoError("not-found", "There is no such source");
    if (facts.length === 0) this.#known.delete(source);
    else this.#known.set(source, { said: facts, ready: reading.facts });
    // One after another, so that the last ones said are the last ones kept.
    this.#writing = this.#writing.catch(() => undefined).then(() => this.#write());
    await this.#writing;
  }

  #write(): Promise<void> {
    const said = Object.fromEntries([...this.#known].map(([id, known]) => [id, known.said]));
    return this.#control.settings.set(SETTING, JSON.stringify(said));
  }
}
