import { TytoError } from "@tyto/domain";
import type { RetentionBody, RetentionClass, RetentionFramework, SourceId } from "@tyto/domain";
import { RETENTION_CLASSES, RETENTION_FLOORS } from "@tyto/domain";
import type { ControlStore, SettingsRepository } from "../ports.ts";

const SETTING = "retention";

export interface RetentionPolicy {
  readonly framework: RetentionFramework;
  /** Days that events of a class are kept, from their own time or their arrival, whichever is later. */
  readonly days: Readonly<Record<RetentionClass, number>>;
  /** Sources that are not `standard`. */
  readonly sources: Readonly<Record<string, RetentionClass>>;
}

export const DEFAULT_POLICY: RetentionPolicy = {
  framework: "none",
  days: { short: 90, standard: 365, long: 2_557 },
  sources: {},
};

/** How long events are kept. In memory for the store, which asks for each event. */
export class RetentionSettings {
  readonly #control: Pick<ControlStore, "settings" | "sources">;
  #policy: RetentionPolicy;
  #writing: Promise<void> = Promise.resolve();

  private constructor(control: Pick<ControlStore, "settings" | "sources">, policy: RetentionPolicy) {
    this.#control = control;
    this.#policy = policy;
  }

  static async open(control: Pick<ControlStore, "settings" | "sources">): Promise<RetentionSettings> {
    return new RetentionSettings(control, await readPolicy(control.settings));
  }

  get policy(): RetentionPolicy {
    return this.#policy;
  }

  classOf(source: SourceId): RetentionClass {
    return this.#policy.sources[source] ?? "standard";
  }

  /**
   * For events from now on: what is stored stays in the class it was stored in.
   * @throws TytoError `bad-request` below the framework's floor, `not-found` for what is no source.
   */
  async change(change: RetentionBody): Promise<RetentionPolicy> {
    const known = new Set<string>((await this.#control.sources()).map(({ id }) => id));
    const work = this.#writing.then(() => this.#write(change, known));
    this.#writing = work.then(
      () => undefined,
      () => undefined,
    );
    return work;
  }

  async #write(change: RetentionBody, known: ReadonlySet<string>): Promise<RetentionPolicy> {
    const next = changed(this.#policy, change, known);
    refuseBelowFloor(next);
    await this.#control.settings.set(SETTING, JSON.stringify(next));
    this.#policy = next;
    return next;
  }
}

function changed(
  policy: RetentionPolicy,
  change: RetentionBody,
  known: ReadonlySet<string>,
): RetentionPolicy {
  const unknown = Object.keys(change.sources ?? {}).find((id) => !known.has(id));
  if (unknown !== undefined) {
    throw new TytoError("not-found", `There is no source ${unknown.slice(0, 40)}`, {
      hint: "`tyto ledger --json` lists sources with their ids.",
    });
  }
  const sources = new Map(Object.entries({ ...policy.sources, ...change.sources }));
  for (const [id, one] of sources) if (one === "standard") sources.delete(id);
  return {
    framework: change.framework ?? policy.framework,
    days: { ...policy.days, ...change.days },
    sources: Object.fromEntries(sources),
  };
}

function refuseBelowFloor({ framework, days }: RetentionPolicy): void {
  const { days: floor, name } = RETENTION_FLOORS[framework];
  for (const one of RETENTION_CLASSES) {
    if (days[one] >= floor) continue;
    throw new TytoError(
      "bad-request",
      `"${one}" keeps events for ${days[one]} days; ${name} asks for ${floor}`,
      {
        hint: `Give it at least ${floor} days, or choose another framework.`,
      },
    );
  }
}

async function readPolicy(settings: SettingsRepository): Promise<RetentionPolicy> {
  const text = await settings.get(SETTING);
  if (text === undefined) return DEFAULT_POLICY;
  // Written by `change`, nowhere else; what a later version may add stands beside it.
  const stored = JSON.parse(text) as Partial<RetentionPolicy>;
  return { ...DEFAULT_POLICY, ...stored, days: { ...DEFAULT_POLICY.days, ...stored.days } };
}
