import { createReadStream } from "node:fs";
import type { Readable, Writable } from "node:stream";
import { formatDiagnostic, originId, sequence, sourceId } from "@tyto/domain";
import type { Event, EventSchema, Micros, RawRecord } from "@tyto/domain";
import { readContent } from "../content/index.ts";
import type { ContentSnapshot } from "../content/index.ts";
import { createNormaliser, ecsComplaints, parseZone } from "../pipeline/index.ts";
import type { EnrichmentOptions, Normaliser, SourceSettings } from "../pipeline/index.ts";
import { settingsOfCase } from "./case-settings.ts";
import { linesOf, withHeaders } from "./log-lines.ts";
import { flatEvent, ocsfEvent } from "./parsed-event.ts";

export interface ParseOptions {
  /** Folders that hold pack folders. */
  readonly packFolders: readonly string[];
  /** Files to read, `.gz` too; standard input when empty. */
  readonly files: readonly string[];
  /** A pack, `pack/parser`, or a type that a pack declares; recognition decides when absent. */
  readonly source?: string;
  /** Zone of stamps that name none; UTC when absent. */
  readonly zone?: string;
  /** Column names for `generic-csv`. */
  readonly columns?: readonly string[];
  readonly mode: "lines" | "cases";
  /** In `cases` mode: take each case's product as the source's configured type. */
  readonly usesProduct: boolean;
  /** Says what ECS forbids in the events. */
  readonly validates?: boolean;
  /** What the events are written in; ECS when absent. */
  readonly schema?: EventSchema;
  readonly enrichment?: EnrichmentOptions;
  readonly now: () => Micros;
}

export interface ParseStreams {
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
}

const BATCH = 500;
const ORIGIN = originId("0000000000000000");
const SOURCE = sourceId("0000000000000000");

/** `tyto parse`. Exit status: 0 done, 1 some record was quarantined or some event is against ECS, 2 wrong usage. */
export async function parseCommand(options: ParseOptions, streams: ParseStreams): Promise<number> {
  const snapshot = await readContent(options.packFolders);
  for (const diagnostic of snapshot.diagnostics) streams.stderr.write(`${formatDiagnostic(diagnostic)}\n`);
  const settings = settingsOf(options);
  if (settings === undefined) {
    streams.stderr.write(`"${options.zone ?? ""}" is no time zone; write +02:00 or Europe/Paris\n`);
    return 2;
  }
  const run = new ParseRun(snapshot, options, settings, streams.stdout);
  try {
    if (options.files.length === 0) await run.read(streams.stdin);
    // Opened one by one: a stream that fails before anybody reads it would end the process.
    for (const file of options.files) await run.read(createReadStream(file));
    await run.flush();
  } catch (error) {
    if (isBrokenPipe(error)) return 0;
    streams.stderr.write(`cannot read: ${error instanceof Error ? error.message : String(error)}\n`);
    return 2;
  }
  if (run.quarantined > 0)
    streams.stderr.write(`${run.quarantined} of ${run.total} records were quarantined\n`);
  if (run.unreadable > 0) streams.stderr.write(`${run.unreadable} lines are no cases\n`);
  for (const line of run.complaintLines()) streams.stderr.write(`${line}\n`);
  return run.quarantined + run.unreadable + run.complained === 0 ? 0 : 1;
}

function settingsOf(options: ParseOptions): SourceSettings | undefined {
  const zone = options.zone === undefined ? undefined : parseZone(options.zone);
  if (options.zone !== undefined && zone === undefined) return undefined;
  return {
    ...(zone === undefined ? {} : { zone }),
    ...(options.columns === undefined ? {} : { columns: options.columns }),
  };
}

interface Pending {
  readonly id: unknown;
  readonly record: RawRecord;
}

class ParseRun {
  total = 0;
  quarantined = 0;
  unreadable = 0;
  /** Events with something that ECS forbids. */
  complained = 0;
  readonly #complaints = new Map<string, number>();
  readonly #namespaces: readonly string[];
  readonly #options: ParseOptions;
  readonly #defaults: SourceSettings;
  readonly #stdout: Writable;
  readonly #normaliser: Normaliser;
  readonly #settings = new WeakMap<RawRecord, SourceSettings>();
  #pending: Pending[] = [];

  constructor(snapshot: ContentSnapshot, options: ParseOptions, defaults: SourceSettings, stdout: Writable) {
    this.#options = options;
    this.#defaults = defaults;
    this.#stdout = stdout;
    this.#namespaces = snapshot.packs.flatMap((pack) => pack.namespaces);
    this.#normaliser = createNormaliser({
      snapshot,
      ...(options.enrichment === undefined ? {} : { enrichment: options.enrichment }),
      settingsOf: (record) => this.#settings.get(record) ?? this.#defaults,
    });
  }

  async read(input: Readable): Promise<void> {
    for await (const { line, header } of withHeaders(linesOf(input))) await this.#take(line, header);
  }

  async #take(line: Uint8Array, header: string | undefined): Promise<void> {
    if (this.#options.mode === "lines") {
      if (line.length > 0) this.#add(undefined, line, { pack: this.#options.source, header });
    } else this.#takeCase(line);
    if (this.#pending.length >= BATCH) await this.flush();
  }

  async flush(): Promise<void> {
    const pending = this.#pending;
    this.#pending = [];
    const outcomes = this.#normaliser.normalise(pending.map(({ record }) => record));
    let text = "";
    for (const [i, outcome] of outcomes.entries()) {
      if (outcome.kind === "quarantined") this.quarantined += 1;
      if (outcome.kind === "event" && this.#options.validates === true) this.#validate(outcome.event);
      const entry = pending[i];
      if (entry === undefined) continue;
      const event =
        this.#options.schema === "ocsf"
          ? ocsfEvent(outcome, entry.record)
          : flatEvent(outcome, entry.record.bytes);
      text += JSON.stringify(this.#options.mode === "cases" ? { id: entry.id, event } : event) + "\n";
    }
    if (text !== "" && !this.#stdout.write(text)) await drained(this.#stdout);
  }

  #validate(event: Event): void {
    const complaints = ecsComplaints(event.fields, this.#namespaces);
    if (complaints.length > 0) this.complained += 1;
    for (const complaint of complaints) {
      const line = `${event.pack}: ${complaint}`;
      this.#complaints.set(line, (this.#complaints.get(line) ?? 0) + 1);
    }
  }

  /** Each complaint once, with how often it was made; the most frequent first. */
  complaintLines(): readonly string[] {
    if (this.#options.validates !== true) return [];
    const sorted = [...this.#complaints].sort(([, a], [, b]) => b - a);
    return [
      ...sorted.map(([line, count]) => `${line} (${count})`),
      `${this.complained} of ${this.total} records became events that ECS forbids`,
    ];
  }

  #add(
    id: unknown,
    bytes: Uint8Array,
    about: {
      readonly pack: string | undefined;
      readonly header?: string | undefined;
      readonly settings?: SourceSettings;
    },
  ): void {
    const { pack, header, settings } = about;
    const ordinal = this.total;
    this.total += 1;
    const record: RawRecord = {
      sequence: sequence(ordinal + 1),
      origin: ORIGIN,
      ordinal,
      source: SOURCE,
      receivedAt: this.#options.now(),
      bytes,
      ...(pack === undefined ? {} : { pack }),
      ...(header === undefined ? {} : { header }),
    };
    if (settings !== undefined) this.#settings.set(record, settings);
    this.#pending.push({ id, record });
  }

  #takeCase(line: Uint8Array): void {
    if (line.length === 0) return;
    const parsed = readCase(line);
    if (parsed === undefined) {
      this.unreadable += 1;
      return;
    }
    const type = this.#options.usesProduct ? parsed.type : undefined;
    this.#add(parsed.id, new TextEncoder().encode(parsed.raw), {
      pack: type ?? this.#options.source,
      settings: { ...this.#defaults, ...settingsOfCase(parsed.context) },
    });
  }
}

interface ParseCase {
  readonly id: unknown;
  readonly raw: string;
  readonly type: string | undefined;
  readonly context: unknown;
}

function readCase(line: Uint8Array): ParseCase | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(line).toString("utf8"));
    if (typeof value !== "object" || value === null || !("id" in value) || !("raw" in value))
      return undefined;
    const { id, raw } = value;
    const product = "product" in value && typeof value.product === "string" ? value.product : undefined;
    const dataset = "dataset" in value && typeof value.dataset === "string" ? value.dataset : undefined;
    return {
      id,
      raw: typeof raw === "string" ? raw : JSON.stringify(raw),
      type: product === undefined || dataset === undefined ? product : `${product}/${dataset}`,
      context: "context" in value ? value.context : undefined,
    };
  } catch {
    return undefined;
  }
}

function drained(stream: Writable): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      stream.off("drain", onDrain);
      stream.off("error", onError);
    };
    const onDrain = (): void => {
      settle();
      resolve();
    };
    const onError = (error: Error): void => {
      settle();
      reject(error);
    };
    stream.on("drain", onDrain);
    stream.on("error", onError);
  });
}

function isBrokenPipe(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EPIPE";
}
