import { assertNever, eventId } from "@tyto/domain";
import type { Event, QuarantineReason, RawRecord, SentWith } from "@tyto/domain";
import type { ContentSnapshot } from "../content/index.ts";
import { ParserTable } from "./compile/parser-table.ts";
import type { CompiledParser } from "./compile/parser-table.ts";
import { Draft } from "./draft.ts";
import type { Signal, SourceSettings } from "./draft.ts";
import { createEnrichment } from "./enrichers/enrichment.ts";
import type { EnrichmentOptions } from "./enrichers/enrichment.ts";
import type { Enricher } from "./enrichers/enricher.ts";
import { openEnvelope } from "./envelope.ts";
import { finishFields } from "./finish.ts";
import { PackGuard } from "./pack-guard.ts";
import type { PackGuardOptions, SwitchedOffPack } from "./pack-guard.ts";
import type { RecordOutcome, WatchedNormaliser } from "./ports.ts";
import { addPlainFacts } from "./unknown/plain-facts.ts";
import { GENERIC_PRIORITY, Recognition } from "./recognition.ts";

export interface NormaliserOptions {
  readonly snapshot: ContentSnapshot;
  /** What the source's configuration says; called once per record. */
  readonly settingsOf?: (record: RawRecord) => SourceSettings;
  readonly enrichment?: EnrichmentOptions;
  /** How packs are watched; by their failures alone when absent. */
  readonly guard?: PackGuardOptions;
  /** Longer records are quarantined as `oversize`. */
  readonly maxRecordBytes?: number;
}

const DEFAULT_MAX_RECORD_BYTES = 4 * 1024 * 1024;
const NO_SETTINGS: SourceSettings = {};

/** Compiles the packs of a snapshot once. A new snapshot needs a new normaliser. */
export function createNormaliser(options: NormaliserOptions): WatchedNormaliser {
  return new PackNormaliser(options);
}

class PackNormaliser implements WatchedNormaliser {
  readonly #recognition: Recognition;
  readonly #settingsOf: (record: RawRecord) => SourceSettings;
  readonly #maxRecordBytes: number;
  readonly #enrich: Enricher;
  readonly #guard: PackGuard;
  readonly #draft = new Draft();
  readonly #decoder = new TextDecoder("utf-8");

  constructor(options: NormaliserOptions) {
    const { packs } = options.snapshot;
    const parsers = new ParserTable(packs, (draft) => this.#readInner(draft));
    this.#recognition = new Recognition(packs, parsers);
    this.#enrich = createEnrichment(options.enrichment ?? {});
    this.#guard = new PackGuard(options.guard ?? {});
    this.#settingsOf = options.settingsOf ?? (() => NO_SETTINGS);
    this.#maxRecordBytes = options.maxRecordBytes ?? DEFAULT_MAX_RECORD_BYTES;
  }

  get switchedOff(): readonly SwitchedOffPack[] {
    return this.#guard.switchedOff;
  }

  normalise(records: readonly RawRecord[]): readonly RecordOutcome[] {
    return records.map((record) => this.#normaliseOne(record));
  }

  #normaliseOne(record: RawRecord): RecordOutcome {
    if (record.fault !== undefined) return quarantine(record, record.fault, FAULT_DETAIL[record.fault], "");
    if (record.bytes.length > this.#maxRecordBytes) {
      return quarantine(record, "oversize", `longer than ${this.#maxRecordBytes} bytes`, "");
    }
    const draft = this.#draft;
    try {
      const text = trimEnd(this.#decoder.decode(record.bytes));
      draft.reset(text, record.header ?? "", record.receivedAt, this.#settingsOf(record));
      const signal = this.#read(draft, record.pack);
      switch (signal) {
        case "drop":
          return { kind: "filtered", reason: "pack-dropped" };
        case "fail":
          return quarantine(record, draft.fault, draft.reason, draft.pack);
        case "next":
        case "reject":
          return { kind: "event", event: finishEvent(record, draft, this.#enrich) };
        default:
          return assertNever(signal);
      }
    } catch (error) {
      // No step throws for what a record holds; if one does, the pack or the engine has a fault, and the record is kept.
      const pack = draft.pack === "" ? "the pipeline" : `pack ${draft.pack}`;
      const name = error instanceof Error ? error.name : "unknown";
      this.#guard.failed(draft.pack, name);
      return quarantine(record, "pack-failed", `${pack} failed: ${name}`, draft.pack);
    }
  }

  /** The configured pack first, then whoever recognises the record; at last the bare envelope. */
  #read(draft: Draft, configured: string | undefined): Signal {
    openEnvelope(draft, draft.text);
    if (configured !== undefined) {
      const signal = this.#readConfigured(draft, configured);
      if (signal !== "reject") return signal;
    }
    for (const candidate of this.#recognition.candidates(draft)) {
      const signal = this.#run(draft, candidate.parser);
      if (signal !== "reject") return signal;
      reopen(draft);
    }
    addPlainFacts(draft);
    return "next";
  }

  /** Runs a parser and watches what it costs. The pack that read innermost answers for the time. */
  #run(draft: Draft, parser: CompiledParser): Signal {
    if (this.#guard.isOff(parser.pack)) {
      draft.fields.set("tyto.switched_off", parser.pack);
      return "next";
    }
    const startMs = this.#guard.now();
    const signal = runParser(draft, parser);
    this.#guard.took(draft.pack, startMs);
    return signal;
  }

  #readConfigured(draft: Draft, configured: string): Signal {
    const { candidates, parser } = this.#recognition.configured(configured);
    const message = draft.textOf("message") ?? "";
    for (const candidate of candidates) {
      if (!candidate.claims(draft, message)) continue;
      const signal = this.#run(draft, candidate.parser);
      if (signal !== "reject") return signal;
      reopen(draft);
    }
    if (parser === undefined) return "reject";
    const signal = this.#run(draft, parser);
    if (signal === "reject") reopen(draft);
    return signal;
  }

  /** `use: recognised`: the text inside an envelope. Nobody knowing it is no failure: the envelope's event stands. */
  #readInner(draft: Draft): Signal {
    const text = draft.textOf("message");
    const outer = draft.pack;
    if (text === undefined || draft.depth > 4) return "next";
    // What stands in a cell has no columns of its own.
    const { header, context } = draft;
    draft.header = "";
    draft.context = null;
    const signal = this.#readInnerText(draft, text, outer);
    draft.header = header;
    draft.context = context;
    return signal;
  }

  /** The pack that the envelope names, then whoever recognises the text. */
  *#innerParsers(draft: Draft, named: string | undefined): Generator<CompiledParser> {
    if (named !== undefined) {
      const { candidates, parser } = this.#recognition.configured(named);
      const message = draft.textOf("message") ?? "";
      for (const candidate of candidates) {
        if (!isGeneric(candidate.parser) && candidate.claims(draft, message)) yield candidate.parser;
      }
      if (parser !== undefined && !isGeneric(parser)) yield parser;
    }
    for (const { priority, parser } of this.#recognition.candidates(draft)) {
      if (priority >= GENERIC_PRIORITY) yield parser;
    }
  }

  #readInnerText(draft: Draft, text: string, outer: string): Signal {
    draft.program = (draft.textOf("process.name") ?? "").toLowerCase();
    const { timestamp, timeOrigin } = draft;
    const named = draft.textOf(INNER_PACK);
    draft.fields.delete(INNER_PACK);
    openEnvelope(draft, text);
    // The relay's full stamp is better than an inner header without a year or a zone.
    if (timeOrigin === "event" && draft.timeOrigin !== "event") {
      draft.timestamp = timestamp;
      draft.timeOrigin = timeOrigin;
    }
    const before = new Map(draft.fields);
    for (const parser of this.#innerParsers(draft, named)) {
      if (parser.pack === outer) continue;
      if (this.#guard.isOff(parser.pack)) return "next";
      const parserBefore = draft.parser;
      const signal = runParser(draft, parser);
      if (signal !== "reject") return signal;
      draft.pack = outer;
      draft.parser = parserBefore;
      draft.fields.clear();
      for (const [name, value] of before) draft.fields.set(name, value);
    }
    return "next";
  }
}

/** Scratch field in which an envelope names the pack of the text inside it. */
const INNER_PACK = "_pack";

/** A generic pack's name says no more than what the text looks like. */
function isGeneric(parser: CompiledParser): boolean {
  return parser.pack.startsWith("generic-");
}

/** The pack that read innermost names the event. */
function runParser(draft: Draft, parser: CompiledParser): Signal {
  draft.pack = parser.pack;
  draft.parser = parser.name;
  return parser.run(draft);
}

function reopen(draft: Draft): void {
  draft.rewind();
  openEnvelope(draft, draft.text);
}

/** Line ends and padding that framing left behind. The bytes keep them. */
function trimEnd(text: string): string {
  let end = text.length;
  while (end > 0 && isPadding(text.charCodeAt(end - 1))) end -= 1;
  return end === text.length ? text : text.slice(0, end);
}

function isPadding(code: number): boolean {
  return code === 0x0a || code === 0x0d || code === 0;
}

function finishEvent(record: RawRecord, draft: Draft, enrich: Enricher): Event {
  const event: Event = {
    id: eventId(record.origin, record.ordinal),
    sequence: record.sequence,
    source: record.source,
    timestamp: draft.timestamp,
    timeOrigin: draft.timeOrigin,
    ingested: record.receivedAt,
    pack: draft.pack === "" ? "unknown" : `${draft.pack}/${draft.parser}`,
    fields: finishFields(draft, enrich),
    raw: record.bytes,
  };
  const sentWith = sentWithOf(record);
  return sentWith === undefined ? event : { ...event, sentWith };
}

/** Most records come with nothing but their bytes. */
function sentWithOf({ pack, header }: RawRecord): SentWith | undefined {
  if (pack === undefined && header === undefined) return undefined;
  return { ...(pack === undefined ? {} : { pack }), ...(header === undefined ? {} : { header }) };
}

const FAULT_DETAIL: Readonly<Record<NonNullable<RawRecord["fault"]>, string>> = {
  oversize: "longer than the input accepts",
  "bad-frame": "the framing around it was broken",
  "truncated-stream": "the stream ended inside it",
};

function quarantine(
  record: RawRecord,
  reason: QuarantineReason,
  detail: string,
  pack: string,
): RecordOutcome {
  const sentWith = sentWithOf(record);
  return {
    kind: "quarantined",
    record: {
      id: eventId(record.origin, record.ordinal),
      sequence: record.sequence,
      source: record.source,
      ingested: record.receivedAt,
      reason,
      detail,
      raw: record.bytes,
      ...(pack === "" ? {} : { pack }),
      ...(sentWith === undefined ? {} : { sentWith }),
    },
  };
}
