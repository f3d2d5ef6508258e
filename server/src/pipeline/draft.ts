import type { FieldValue, Micros, QuarantineReason, TimeOrigin } from "@tyto/domain";
import type { SourceFacts } from "./source-facts.ts";
import { FieldNameCache } from "./decoders/field-name.ts";
import { parseJsonObject } from "./decoders/json.ts";
import type { JsonObject } from "./decoders/json.ts";
import { UTC } from "./time/zone.ts";
import type { Zone } from "./time/zone.ts";

/** How a step went: on to the next one, or out of the parser. */
export type Signal = "next" | "drop" | "fail" | "reject";

/** A compiled step. Writes to the draft, never throws for what a record holds. */
export type RunStep = (draft: Draft) => Signal;

/** What a source's configuration knows and a record does not say. */
export interface SourceSettings {
  /** For stamps without one. */
  readonly zone?: Zone;
  /** Column names of a source that sends plain CSV. */
  readonly columns?: readonly string[];
  /** What is known of the source and what its records name. */
  readonly facts?: SourceFacts;
}

/**
 * An event in the making. One is reused for all records of a normaliser: a Map takes writes and deletes in any order faster
 * than an object does, and the event's own object is filled from it once, at the end.
 */
export class Draft {
  readonly fields = new Map<string, FieldValue>();
  readonly names = new FieldNameCache();
  text = "";
  /** Lines that name the columns, where the record's file has them. */
  header = "";
  /** What the envelope says once for all of its records, where the record was cut out of one. */
  context: JsonObject | null = null;
  /** Program of the syslog header or of an envelope, lower case. */
  program = "";
  /** The parsed `message` where it is a JSON object. */
  json: Readonly<Record<string, unknown>> | null = null;
  /** Text that `json` was parsed from. */
  jsonText = "";
  pack = "";
  parser = "";
  receivedAt = 0 as Micros;
  timestamp = 0 as Micros;
  timeOrigin: TimeOrigin = "received";
  settings: SourceSettings = {};
  zone: Zone = UTC;
  /** How many occurrences the line stands for by its envelope ("message repeated 5 times"). */
  repeats = 1;
  /** Leaf fields written by decoders, against the limit. */
  leaves = 0;
  depth = 0;
  #contextText = "";
  #context: JsonObject | null = null;
  /** Rounds of `each`, against the limit. */
  rounds = 0;
  fault: QuarantineReason = "pack-rejected";
  reason = "";

  reset(text: string, header: string, receivedAt: Micros, settings: SourceSettings): void {
    this.text = text;
    const isContext = header.startsWith("{");
    this.header = isContext ? "" : header;
    this.context = isContext ? this.#contextOf(header) : null;
    this.receivedAt = receivedAt;
    this.settings = settings;
    this.zone = settings.zone ?? UTC;
    this.json = null;
    this.jsonText = "";
    this.rewind();
  }

  /** Records of one envelope come one after the other: the last one is remembered. */
  #contextOf(text: string): JsonObject | null {
    if (text !== this.#contextText) {
      this.#contextText = text;
      this.#context = parseJsonObject(text) ?? null;
    }
    return this.#context;
  }

  /** Back to the text alone: what a parser that rejected the record had written is gone. */
  rewind(): void {
    this.fields.clear();
    this.program = "";
    this.pack = "";
    this.parser = "";
    this.timestamp = this.receivedAt;
    this.timeOrigin = "received";
    this.repeats = 1;
    this.leaves = 0;
    this.depth = 0;
    this.rounds = 0;
    this.fault = "pack-rejected";
    this.reason = "";
  }

  /** The field as text, `undefined` when it is missing, empty or no scalar. */
  textOf(field: string): string | undefined {
    const value = this.fields.get(field);
    if (typeof value === "string") return value;
    if (typeof value === "number" || typeof value === "boolean") return String(value);
    return undefined;
  }

  /** Ends the parser: the record goes to quarantine. */
  fail(fault: QuarantineReason, reason: string): Signal {
    this.fault = fault;
    this.reason = reason;
    return "fail";
  }

  /** Says that a value could not become what its field holds. The value itself stays where it came from. */
  flagUnconverted(field: string): void {
    const flagged = this.fields.get("tyto.unconverted");
    if (!Array.isArray(flagged)) this.fields.set("tyto.unconverted", [field]);
    else if (!flagged.includes(field)) this.fields.set("tyto.unconverted", [...(flagged as string[]), field]);
  }
}
