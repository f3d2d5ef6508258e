import { TytoError } from "@tyto/domain";
import type { SourceId } from "@tyto/domain";
import { parseZone } from "../pipeline/index.ts";
import type { SourceSettings } from "../pipeline/index.ts";
import type { ControlStore } from "../storage/index.ts";

const SETTING = "sources.zones";
const LONGEST = 64;

interface Known {
  readonly name: string;
  readonly settings: SourceSettings;
}

/** Time zones of sources whose stamps name none, as people set them. Kept in the relational store, in memory for the pipeline. */
export class SourceZones {
  readonly #control: Pick<ControlStore, "settings" | "sources">;
  readonly #zones = new Map<string, Known>();
  #writing: Promise<void> = Promise.resolve();

  private constructor(control: Pick<ControlStore, "settings" | "sources">) {
    this.#control = control;
  }

  static async open(control: Pick<ControlStore, "settings" | "sources">): Promise<SourceZones> {
    const zones = new SourceZones(control);
    const stored: unknown = JSON.parse((await control.settings.get(SETTING)) ?? "{}");
    for (const [id, name] of Object.entries(stored ?? {})) {
      const zone = typeof name === "string" ? parseZone(name) : undefined;
      if (zone !== undefined) zones.#zones.set(id, { name: String(name), settings: { zone } });
    }
    return zones;
  }

  /** What the pipeline asks for each record. */
  settingsOf(source: SourceId): SourceSettings {
    return this.#zones.get(source)?.settings ?? {};
  }

  zoneOf(source: SourceId): string | null {
    return this.#zones.get(source)?.name ?? null;
  }

  /**
   * From the next batch on; what is stored keeps its time. `null` is UTC again, unless the product's pack knows better.
   * @throws TytoError `bad-request` for what is no zone, `not-found` for what is no source.
   */
  async set(source: SourceId, name: string | null): Promise<void> {
    const zone = name === null || name.length > LONGEST ? undefined : parseZone(name);
    if (name !== null && zone === undefined) {
      throw new TytoError("bad-request", `"${name.slice(0, LONGEST)}" is no time zone`, {
        hint: "Give a name such as Europe/Paris, or an offset such as +02:00.",
      });
    }
    const known = await this.#control.sources();
    if (!known.some(({ id }) => id === source)) throw new TytoError("not-found", "There is no such source");
    if (name === null || zone === undefined) this.#zones.delete(source);
    else this.#zones.set(source, { name, settings: { zone } });
    // One after another, so that the last one set is the last one kept.
    this.#writing = this.#writing.catch(() => undefined).then(() => this.#write());
    await this.#writing;
  }

  #write(): Promise<void> {
    const names = Object.fromEntries([...this.#zones].map(([id, { name }]) => [id, name]));
    return this.#control.settings.set(SETTING, JSON.stringify(names));
  }
}
