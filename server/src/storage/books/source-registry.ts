import { createHash } from "node:crypto";
import { sourceId } from "@tyto/domain";
import type { InputKind, Micros, SourceId } from "@tyto/domain";
import type { ControlStore, SourceRecord } from "../ports.ts";

/** Beyond these, new senders share one account per input: a spoofed flood of addresses must not become a flood of sources. */
const MAX_SOURCES = 10_000;

export interface SourceClaim {
  readonly input: InputKind;
  /** What makes this sender this sender: token id, peer address with host name, configured name. */
  readonly discriminator: string;
  /** What a person reads. */
  readonly name: string;
}

/** Knows every source; registers a new one durably before its first record is journaled. */
export class SourceRegistry {
  readonly #control: Pick<ControlStore, "registerSource">;
  readonly #now: () => Micros;
  readonly #sources = new Map<SourceId, SourceRecord>();
  readonly #registering = new Map<SourceId, Promise<SourceId>>();

  constructor(options: {
    readonly control: Pick<ControlStore, "registerSource">;
    readonly known: readonly SourceRecord[];
    readonly now: () => Micros;
  }) {
    this.#control = options.control;
    this.#now = options.now;
    for (const source of options.known) this.#sources.set(source.id, source);
  }

  /** A known source at once; a new one when it is durable. */
  resolve(claim: SourceClaim): SourceId | Promise<SourceId> {
    const id = sourceIdOf(claim);
    if (this.#sources.has(id)) return id;
    if (this.#sources.size >= MAX_SOURCES) return this.#overflow(claim.input);
    return this.#registering.get(id) ?? this.#register(id, claim);
  }

  byId(id: SourceId): SourceRecord | undefined {
    return this.#sources.get(id);
  }

  all(): readonly SourceRecord[] {
    return [...this.#sources.values()];
  }

  #register(id: SourceId, claim: SourceClaim): Promise<SourceId> {
    const source: SourceRecord = { id, ...claim, firstSeenAt: this.#now() };
    const registering = this.#control
      .registerSource(source)
      .then(() => {
        this.#sources.set(id, source);
        return id;
      })
      .finally(() => this.#registering.delete(id));
    this.#registering.set(id, registering);
    return registering;
  }

  #overflow(input: InputKind): SourceId | Promise<SourceId> {
    const claim: SourceClaim = { input, discriminator: "overflow", name: "further senders" };
    const id = sourceIdOf(claim);
    if (this.#sources.has(id)) return id;
    return this.#registering.get(id) ?? this.#register(id, claim);
  }
}

/** Sixteen hexadecimal digits over input and discriminator: the same sender is the same source after a re-install. */
export function sourceIdOf(claim: Pick<SourceClaim, "input" | "discriminator">): SourceId {
  return sourceId(
    createHash("sha256").update(`${claim.input}\0${claim.discriminator}`).digest("hex").slice(0, 16),
  );
}
