import { createHash } from "node:crypto";
import { encode } from "@msgpack/msgpack";
import { assertNever } from "@tyto/domain";
import { GzipBomb, gunzip, isGzip } from "../gunzip.ts";
import type { InflateLimits } from "../gunzip.ts";
import { chunkOrigin } from "../origin.ts";
import type { Frame } from "../senders.ts";
import type { Next, StreamLink, StreamServices, StreamSession } from "../stream/ports.ts";
import { RecordBuffer } from "../stream/record-buffer.ts";
import type { Turns } from "../stream/turns.ts";
import { decodeMsgpack, eventJson } from "./canonical-json.ts";
import { readFluentMessage } from "./fluent-message.ts";
import type { FluentMessage } from "./fluent-message.ts";
import type { FluentHandshake } from "./handshake.ts";
import { MsgpackScanner } from "./msgpack-scanner.ts";
import type { ScannedValue } from "./msgpack-scanner.ts";

const MAX_DEPTH = 64;
const MAX_BATCH_BYTES = 8 * 1024 * 1024;
/** Entries are looked for in pieces of this size, so that many small ones are never held at once. */
const PIECE_BYTES = 64 * 1024;
/** A message with more entries that are no events is given up whole. */
const MAX_BAD_ENTRIES = 100;

export interface FluentLimits {
  /** Of one message, which may hold thousands of records. */
  readonly maxMessageBytes: number;
  readonly maxRecordBytes: number;
  readonly inflate: InflateLimits;
}

export interface FluentSessionOptions {
  readonly limits: FluentLimits;
  readonly turns: Turns;
  /** Absent: who connects is let in. */
  readonly handshake: FluentHandshake | undefined;
  readonly link: StreamLink;
  readonly services: StreamServices;
}

type Step = "on" | "broken" | "refused";
type Taken = Exclude<FluentMessage, { readonly kind: "heartbeat" | "malformed" }>;

/** One connection of Fluentd or Fluent Bit: messages of one or many events, acknowledged where the sender asks for it. */
export class FluentSession implements StreamSession {
  readonly #options: FluentSessionOptions;
  readonly #scanner: MsgpackScanner;
  #records: RecordBuffer;
  #frames = 0;
  #isGreeting: boolean;
  #isOver = false;

  constructor(options: FluentSessionOptions) {
    const { handshake, link, services, limits } = options;
    this.#options = options;
    this.#scanner = new MsgpackScanner({ maxBytes: limits.maxMessageBytes, maxDepth: MAX_DEPTH });
    this.#records = new RecordBuffer("fluent", link, services);
    this.#isGreeting = handshake !== undefined;
    if (handshake !== undefined) void link.write(handshake.helo);
  }

  get heldBytes(): number {
    return this.#scanner.heldBytes;
  }

  get frames(): number {
    return this.#frames;
  }

  get isGreeting(): boolean {
    return this.#isGreeting;
  }

  async take(chunk: Uint8Array): Promise<Next> {
    for (const { bytes, isOversize } of this.#scanner.push(chunk)) {
      this.#frames += 1;
      const step = isOversize ? "broken" : await this.#step(bytes);
      if (step !== "on") return this.#close(step);
    }
    const isTooLong = this.#scanner.heldBytes > this.#options.limits.maxMessageBytes;
    return this.#scanner.isBroken || isTooLong ? this.#close("broken") : "read-on";
  }

  end(isClean: boolean): Promise<void> {
    const isUnfinished = this.#scanner.heldBytes > 0;
    const { services, link } = this.#options;
    if (isClean && isUnfinished && !this.#isOver) services.breach(link.peer, "ended inside a message");
    return Promise.resolve();
  }

  #close(step: Step): Next {
    this.#isOver = true;
    const { services, link } = this.#options;
    const what = this.#isGreeting
      ? "does not know the shared key"
      : "no Fluent message, or one that is too long";
    if (step === "broken") services.breach(link.peer, what);
    return "close";
  }

  async #step(bytes: Uint8Array): Promise<Step> {
    if (this.#isGreeting) return this.#greet(bytes);
    const message = readFluentMessage(bytes, MAX_DEPTH);
    switch (message.kind) {
      case "heartbeat":
        return "on";
      case "malformed":
        return "broken";
      default:
        return this.#take(message);
    }
  }

  async #greet(bytes: Uint8Array): Promise<Step> {
    const { handshake, link, services } = this.#options;
    const outcome = handshake?.answer(decodeMsgpack(bytes));
    if (outcome?.pong !== undefined) await link.write(outcome.pong);
    if (outcome?.ok !== true) return "broken";
    this.#isGreeting = false;
    const { address, identity } = link.peer;
    const peer = { address, identity: `${identity} ${outcome.hostname}`, name: outcome.hostname };
    this.#records = new RecordBuffer("fluent", { ...link, peer }, services);
    return "on";
  }

  async #take(message: Taken): Promise<Step> {
    const { chunk } = message;
    const batch = new Batch(this.#records, message);
    const isDurable = await this.#deliver(message, batch);
    if (!isDurable) return "refused";
    if (chunk !== undefined) await this.#options.link.write(encode({ ack: chunk }));
    return "on";
  }

  async #deliver(message: Taken, batch: Batch): Promise<boolean> {
    switch (message.kind) {
      case "event": {
        const { tag, time, record, content } = message;
        const json = eventJson(tag, decodeMsgpack(time), decodeMsgpack(record));
        batch.add(this.#bounded(json, content));
        return batch.flush();
      }
      case "entries":
        return this.#entries(message, batch, [message.entries]);
      case "packed": {
        const { entries } = message;
        if (!isGzip(entries)) return this.#entries(message, batch, [entries]);
        return this.#options.turns.take(() =>
          this.#entries(message, batch, gunzip([entries], this.#options.limits.inflate)),
        );
      }
      default:
        return assertNever(message);
    }
  }

  /** Hands on what can be read. What cannot is one record with its fault: repeating it would help nobody. */
  async #entries(
    message: Taken,
    batch: Batch,
    parts: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  ): Promise<boolean> {
    const { maxRecordBytes } = this.#options.limits;
    const scanner = new MsgpackScanner({ maxBytes: maxRecordBytes, maxDepth: MAX_DEPTH });
    let fault: Frame["fault"];
    try {
      for await (const part of parts) {
        for (let at = 0; at < part.length; at += PIECE_BYTES) {
          for (const entry of scanner.push(part.subarray(at, at + PIECE_BYTES))) {
            batch.add(this.#entry(message.tag, entry));
            if (batch.badEntries >= MAX_BAD_ENTRIES) throw new TooManyBadEntries();
          }
          if (batch.isFull && !(await batch.flush())) return false;
        }
      }
      if (scanner.isBroken || scanner.heldBytes > 0) fault = "bad-frame";
    } catch (error) {
      fault = error instanceof GzipBomb ? "oversize" : "bad-frame";
    }
    if (fault !== undefined) batch.add({ bytes: message.content.subarray(0, maxRecordBytes), fault });
    return batch.flush();
  }

  #entry(tag: string, { bytes, isOversize }: ScannedValue): Frame {
    if (isOversize) return { bytes, fault: "oversize" };
    const entry = decodeMsgpack(bytes);
    const [time, record] = Array.isArray(entry) ? (entry as readonly unknown[]) : [];
    return this.#bounded(eventJson(tag, time, record), bytes);
  }

  #bounded(json: string | undefined, original: Uint8Array): Frame {
    const { maxRecordBytes } = this.#options.limits;
    if (json === undefined) return { bytes: original.subarray(0, maxRecordBytes), fault: "bad-frame" };
    const bytes = Buffer.from(json);
    return bytes.length <= maxRecordBytes
      ? { bytes }
      : { bytes: bytes.subarray(0, maxRecordBytes), fault: "oversize" };
  }
}

class TooManyBadEntries extends Error {}

/** The records of one message. Where the sender repeats it until it is acknowledged, they are told by their place in it. */
class Batch {
  readonly #records: RecordBuffer;
  readonly #origin: ReturnType<typeof chunkOrigin> | undefined;
  #first = 0;
  #badEntries = 0;

  constructor(records: RecordBuffer, { chunk, content }: Taken) {
    this.#records = records;
    if (chunk === undefined) return;
    const digest = createHash("sha256").update(content).digest("hex");
    this.#origin = chunkOrigin(records.key, chunk, digest);
  }

  get isFull(): boolean {
    return this.#records.bytes >= MAX_BATCH_BYTES;
  }

  /** Since the beginning. */
  get badEntries(): number {
    return this.#badEntries;
  }

  add(record: Frame): void {
    if (record.fault === "bad-frame") this.#badEntries += 1;
    this.#records.add(record);
  }

  /** @returns whether all of it is durable. */
  async flush(): Promise<boolean> {
    const { count } = this.#records;
    const first = this.#first;
    this.#first += count;
    // Who asks for no acknowledgement has nothing left to send again.
    if (this.#origin === undefined) return this.#records.flush({ refusal: "lost" });
    return this.#records.flush({ origin: { id: this.#origin, first } });
  }
}
