import { SOURCE_PRIORITIES, TytoError } from "@tyto/domain";
import type { RawBatch, RecordSink, SourceId, SourcePriority } from "@tyto/domain";
import type { AuditFile, ControlStore } from "../storage/index.ts";

const SETTING = "sources.intake";

/** As it is kept. Sources that are not named are normal, and masked as all are. */
interface Kept {
  readonly priorities: Readonly<Record<string, SourcePriority>>;
  readonly masksAll: boolean;
  readonly masked: Readonly<Record<string, boolean>>;
}

type Control = Pick<ControlStore, "settings" | "sources">;

/** How the records of each source are taken in: how urgent they are, and whether secrets in them are masked. */
export class SourceIntake {
  readonly #control: Control;
  readonly #audit: AuditFile;
  #kept: Kept;
  #writing: Promise<void> = Promise.resolve();

  private constructor(control: Control, audit: AuditFile, kept: Kept) {
    this.#control = control;
    this.#audit = audit;
    this.#kept = kept;
  }

  static async open(control: Control, audit: AuditFile): Promise<SourceIntake> {
    return new SourceIntake(control, audit, readKept(await control.settings.get(SETTING)));
  }

  /** What the journal is asked to keep a batch under. */
  priorityOf(source: SourceId): SourcePriority {
    return this.#kept.priorities[source] ?? "normal";
  }

  isMasked(source: SourceId): boolean {
    return this.#kept.masked[source] ?? this.#kept.masksAll;
  }

  get masksAll(): boolean {
    return this.#kept.masksAll;
  }

  /** Sources with a setting of their own. */
  get maskedSources(): ReadonlyMap<string, boolean> {
    return new Map(Object.entries(this.#kept.masked));
  }

  /** For records from now on: what waits already keeps its place. @throws TytoError `not-found` for what is no source. */
  async setPriority(source: SourceId, priority: SourcePriority, actor: string): Promise<void> {
    await this.#checkKnown(source);
    await this.#write(
      (kept) => ({ ...kept, priorities: { ...kept.priorities, [source]: priority } }),
      () => this.#audit.append({ actor, action: "priority-changed", detail: { source, priority } }),
    );
  }

  /** @param masked null: as all sources. @throws TytoError `not-found` for what is no source. */
  async setMasked(source: SourceId, masked: boolean | null, actor: string): Promise<void> {
    await this.#checkKnown(source);
    await this.#write(
      (kept) => {
        const others = Object.entries(kept.masked).filter(([id]) => id !== source);
        const own = masked === null ? [] : [[source, masked] as const];
        return { ...kept, masked: Object.fromEntries([...others, ...own]) };
      },
      () => this.#audit.append({ actor, action: "masking-changed", detail: { source, masked } }),
    );
  }

  async setMasksAll(masksAll: boolean, actor: string): Promise<void> {
    await this.#write(
      (kept) => ({ ...kept, masksAll }),
      () =>
        this.#audit.append({ actor, action: "masking-changed", detail: { source: "all", masked: masksAll } }),
    );
  }

  async #checkKnown(source: SourceId): Promise<void> {
    const known = await this.#control.sources();
    if (!known.some(({ id }) => id === source)) throw new TytoError("not-found", "There is no such source");
  }

  /** One change after another; in force when it is durable, and on the record before that. */
  #write(change: (kept: Kept) => Kept, record: () => Promise<void>): Promise<void> {
    const written = this.#writing.then(async () => {
      await record();
      const next = change(this.#kept);
      await this.#control.settings.set(SETTING, JSON.stringify(next));
      this.#kept = next;
    });
    this.#writing = written.catch(() => undefined);
    return written;
  }
}

function readKept(text: string | undefined): Kept {
  const value: unknown = JSON.parse(text ?? "{}");
  const part = (name: string): Readonly<Record<string, unknown>> => {
    const found: unknown = typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
    return typeof found === "object" && found !== null ? { ...found } : {};
  };
  const masksAll: unknown =
    typeof value === "object" && value !== null ? Reflect.get(value, "masksAll") : false;
  return {
    masksAll: masksAll === true,
    masked: Object.fromEntries(Object.entries(part("masked")).map(([id, on]) => [id, on === true])),
    priorities: Object.fromEntries(
      Object.entries(part("priorities")).map(([id, name]) => [
        id,
        SOURCE_PRIORITIES.find((priority) => priority === name) ?? "normal",
      ]),
    ),
  };
}

/** Gives each batch its source's priority on its way into the journal. */
export function prioritySink(sink: RecordSink, intake: Pick<SourceIntake, "priorityOf">): RecordSink {
  return {
    append: (batch: RawBatch) => {
      const priority = intake.priorityOf(batch.source);
      return sink.append(priority === "normal" ? batch : { ...batch, priority });
    },
  };
}
