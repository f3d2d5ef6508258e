import { formatDiagnostic, TytoError } from "@tyto/domain";
import type { Diagnostic, RuleReload, SourceId } from "@tyto/domain";
import type { Config } from "../config/index.ts";
import { ContentLibrary } from "../content/index.ts";
import type { CaseProofs, RuleException } from "../detection/index.ts";
import type { EnrichmentOptions, SourceSettings, WatchedNormaliser } from "../pipeline/index.ts";
import type { Log } from "../telemetry/index.ts";
import { compileContent } from "./content.ts";
import type { HouseRules, LoadedContent } from "./content.ts";
import { ruleChanges } from "./rule-changes.ts";

export interface LiveContentOptions {
  readonly config: Pick<Config, "packDirectories">;
  readonly keySecret: string;
  readonly enrichment?: EnrichmentOptions;
  /** What a source's configuration says; asked for each record. */
  readonly settingsOf?: (source: SourceId) => SourceSettings;
  readonly proofs?: CaseProofs;
  /** Asked at each compilation. */
  readonly house?: () => HouseRules;
  /** Asked at each compilation. */
  readonly exceptions?: () => readonly RuleException[];
  /** Monotonic milliseconds: what packs cost is watched. */
  readonly clockMs: () => number;
  readonly log: Log;
}

/** The packs and rules that run: replaced whole or not at all. */
export class LiveContent {
  readonly #options: LiveContentOptions;
  readonly #library: ContentLibrary;
  #current: LoadedContent;
  readonly #listeners: (() => void)[] = [];
  #reloading: Promise<unknown> = Promise.resolve();

  private constructor(options: LiveContentOptions, library: ContentLibrary) {
    this.#options = options;
    this.#library = library;
    this.#current = this.#compile();
  }

  /** A bad pack or rule costs only itself. @throws TytoError `content-invalid` when a folder cannot be read. */
  static async open(options: LiveContentOptions): Promise<LiveContent> {
    const library = new ContentLibrary(options.config.packDirectories);
    await library.load();
    return new LiveContent(options, library);
  }

  get current(): LoadedContent {
    return this.#current;
  }

  /** Called after each replacement. */
  subscribe(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /**
   * Reads everything again, one reload after another. A bad rule costs only itself; a pack that is wrong, or a folder that cannot be
   * read, keeps all that runs. @throws TytoError `content-invalid`, when nothing was replaced.
   */
  reload(): Promise<RuleReload> {
    return this.#inTurn(() => this.#reload());
  }

  /** Compiles the rules again with what people decided since. Nothing is read; packs go on as they are. */
  refresh(): Promise<RuleReload> {
    return this.#inTurn(() => Promise.resolve(this.#replace(this.#current.normaliser)));
  }

  #inTurn(work: () => Promise<RuleReload>): Promise<RuleReload> {
    const reloading = this.#reloading.catch(() => undefined).then(work);
    this.#reloading = reloading;
    return reloading;
  }

  async #reload(): Promise<RuleReload> {
    const log = this.#options.log.of("content");
    try {
      const { isReplaced, diagnostics } = await this.#library.reload();
      if (!isReplaced) throw refusal(diagnostics);
      return this.#replace();
    } catch (error) {
      log.error("rules were not reloaded; what ran before runs on", { error });
      throw error;
    }
  }

  #replace(normaliser?: WatchedNormaliser): RuleReload {
    const next = this.#compile(normaliser);
    const changes = ruleChanges(this.#current.rules, next.rules);
    this.#current = next;
    for (const listener of this.#listeners) listener();
    this.#options.log
      .of("content")
      .info("rules were reloaded", { running: changes.running, ...countsOf(changes) });
    return changes;
  }

  #compile(normaliser?: WatchedNormaliser): LoadedContent {
    const options = this.#options;
    return compileContent(
      this.#library.current,
      normaliser === undefined ? options : { ...options, normaliser },
    );
  }
}

function refusal(diagnostics: readonly Diagnostic[]): TytoError {
  const errors = diagnostics.filter(({ severity }) => severity === "error").map(formatDiagnostic);
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : "";
  return new TytoError("content-invalid", `${errors[0] ?? "a pack is wrong"}${more}`, {
    hint: "Nothing was replaced: what ran before runs on. Mend it and reload again.",
  });
}

function countsOf({ added, removed, changed, invalid }: RuleReload): Readonly<Record<string, number>> {
  return {
    added: added.length,
    removed: removed.length,
    changed: changed.length,
    invalid: invalid.length,
  };
}
