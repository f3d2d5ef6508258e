import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import type { Readable } from "node:stream";
import { formatDiagnostic, MICROS_PER_DAY, originId, sequence, sourceId, TytoError } from "@tyto/domain";
import type { Event, EventFields, Micros, OriginId, RawRecord } from "@tyto/domain";
import { JsonSplitter, readSigmaEvent, sigmaEvent } from "../detection/index.ts";
import { evtxFieldsReader, isEvtx } from "../evtx/index.ts";
import type { EvtxReader } from "../evtx/index.ts";
import type { Normaliser } from "../pipeline/index.ts";
import { printable, writeLine } from "./io.ts";
import type { CommandIo } from "./io.ts";
import { linesIn, plainBytes, withHead, withHeaders } from "./log-lines.ts";

const BATCH = 1_000;
const EVTX_HEAD_BYTES = 8;
const SOURCE = sourceId("0000000000000000");
/** Files come one after another, whatever days they are of: nothing is late. */
export const LATENESS_MICROS = 36_500 * MICROS_PER_DAY;

interface ReadOptions {
  readonly format: "raw" | "sigma-json";
  readonly source?: string;
  readonly now: () => Micros;
  readonly normaliser: Normaliser;
}

/** Reads files of any format that `tyto detect` takes, and hands their events on in batches, in order. */
export class EventReader {
  events = 0;
  unreadable = 0;
  readonly #options: ReadOptions;
  readonly #normaliser: Normaliser;
  readonly #io: CommandIo;
  readonly #take: (events: readonly Event[]) => Promise<void>;
  #batch: Event[] = [];
  #records: RawRecord[] = [];
  #ordinal = 0;

  constructor(options: ReadOptions, io: CommandIo, take: (events: readonly Event[]) => Promise<void>) {
    this.#options = options;
    this.#normaliser = options.normaliser;
    this.#io = io;
    this.#take = take;
  }

  /** Standard input when there are no files. */
  async readAll(files: readonly string[]): Promise<void> {
    for (const file of files) await this.#read(file, createReadStream(file));
    if (files.length === 0) await this.#read("standard input", this.#io.stdin);
  }

  async #read(name: string, input: Readable): Promise<void> {
    const origin = originId(createHash("sha256").update(name).digest("hex").slice(0, 16));
    this.#ordinal = 0;
    try {
      const { head, bytes } = await withHead(plainBytes(input), EVTX_HEAD_BYTES);
      if (isEvtx(head)) await this.#readEvtx(origin, name, bytes);
      else if (/\.evtx(\.gz)?$/i.test(name)) await this.#refuseEvtx(name);
      else if (this.#options.format === "sigma-json") await this.#readJson(origin, bytes);
      else for await (const headed of withHeaders(linesIn(bytes))) await this.#takeLine(origin, headed);
    } catch (cause) {
      if (cause instanceof TytoError) throw cause;
      throw new TytoError("bad-request", `cannot read ${name}`, {
        cause,
        hint: "check that it exists and is readable",
      });
    }
    await this.#flush();
  }

  /** Called an event log and none: its bytes would pass for log lines that no rule meets. */
  async #refuseEvtx(name: string): Promise<void> {
    this.unreadable++;
    await writeLine(
      this.#io.stderr,
      `${printable(name)}: error: it is no Windows event log (such a file begins with "ElfFile")`,
    );
  }

  async #readJson(origin: OriginId, bytes: AsyncIterable<Buffer>): Promise<void> {
    const splitter = new JsonSplitter();
    const decoder = new TextDecoder("utf-8");
    for await (const chunk of bytes) {
      const text = decoder.decode(chunk, { stream: true });
      for (const object of splitter.push(text)) await this.#takeObject(origin, object);
    }
    for (const object of splitter.end()) await this.#takeObject(origin, object);
  }

  /** Straight to Sigma's names, whatever the format that was asked for: the file says itself what it is. */
  async #readEvtx(origin: OriginId, name: string, bytes: AsyncIterable<Buffer>): Promise<void> {
    const reader = evtxFieldsReader(name);
    for await (const chunk of bytes) await this.#takeRecords(origin, reader.push(chunk));
    await this.#takeRecords(origin, reader.end());
    for (const diagnostic of reader.diagnostics) {
      if (diagnostic.severity === "error") this.unreadable++;
      await writeLine(this.#io.stderr, printable(formatDiagnostic(diagnostic)));
    }
    this.unreadable += reader.unnamed;
    if (reader.unnamed > 0)
      await writeLine(this.#io.stderr, `${printable(name)}: ${reader.unnamed} more problems`);
  }

  async #takeRecords(origin: OriginId, records: ReturnType<EvtxReader<EventFields>["push"]>): Promise<void> {
    const place = { origin, pack: this.#options.source ?? "", now: this.#options.now() };
    for (const { content, offset } of records) {
      this.#batch.push(sigmaEvent(content, { ...place, ordinal: offset }));
      if (this.#batch.length >= BATCH) await this.#flush();
    }
  }

  async #takeObject(origin: OriginId, text: string): Promise<void> {
    const pack = this.#options.source ?? "";
    const event = readSigmaEvent({ text, origin, ordinal: this.#ordinal++, pack, now: this.#options.now() });
    if (event === undefined) this.unreadable++;
    else this.#batch.push(event);
    if (this.#batch.length >= BATCH) await this.#flush();
  }

  async #takeLine(
    origin: OriginId,
    headed: { readonly line: Uint8Array; readonly header: string | undefined },
  ): Promise<void> {
    const { line: bytes, header } = headed;
    const ordinal = this.#ordinal;
    this.#ordinal += bytes.length + 1;
    if (bytes.length === 0) return;
    const pack = this.#options.source;
    this.#records.push({
      sequence: sequence(ordinal + 1),
      origin,
      ordinal,
      source: SOURCE,
      receivedAt: this.#options.now(),
      bytes,
      ...(pack === undefined ? {} : { pack }),
      ...(header === undefined ? {} : { header }),
    });
    if (this.#records.length >= BATCH) await this.#flush();
  }

  async #flush(): Promise<void> {
    for (const outcome of this.#normaliser.normalise(this.#records)) {
      if (outcome.kind === "event") this.#batch.push(outcome.event);
      else if (outcome.kind === "quarantined") this.unreadable++;
    }
    this.#records = [];
    const events = this.#batch;
    this.#batch = [];
    this.events += events.length;
    await this.#take(events);
  }
}
