import type { InputKind, Micros } from "@tyto/domain";
import type { Counter } from "../counts.ts";
import type { Delivery, Refusal } from "../delivery.ts";

/** Who is at the other end. */
export interface StreamPeer {
  /** The client's, also where it comes through a proxy. */
  readonly address: string;
  /** What tells this client from others: the subject of its certificate, else its address. */
  readonly identity: string;
  /** What a person reads. */
  readonly name: string;
}

/** What a session may do to its connection. */
export interface StreamLink {
  readonly peer: StreamPeer;
  /** Sends an answer, and waits while too much waits to be sent. Never rejects: a connection that broke takes nothing more. */
  write(bytes: Uint8Array): Promise<void>;
  /** Aborts when waiting for the journal is to end. */
  readonly signal: AbortSignal;
}

export type Next = "read-on" | "close";

/** One connection's side of a protocol. Neither call rejects, and one ends before the next begins. */
export interface StreamSession {
  /** Takes bytes as they came. Resolves when the records in them are delivered and answered: until then nothing more is read. */
  take(chunk: Uint8Array): Promise<Next>;
  /** @param isClean false when the connection broke or was cut off: what is left is no whole record. */
  end(isClean: boolean): Promise<void>;
  /** Bytes of what is not whole yet. */
  readonly heldBytes: number;
  /** Frames since the beginning: what shows that a sender gets on. */
  readonly frames: number;
  /** The sender has yet to say who it is. */
  readonly isGreeting: boolean;
}

/** What a protocol is made from, the same for all of its connections. */
export interface StreamServices {
  readonly now: () => Micros;
  readonly counter: Counter;
  readonly delivery: Delivery;
  /** Books that a peer broke the protocol's rules, and says so now and then: who is attacked is not to drown in it. */
  breach(peer: StreamPeer, what: string): void;
}

export interface StreamProtocol {
  readonly kind: InputKind;
  /** What a person calls it in messages about its port. */
  readonly title: string;
  readonly flag: string;
  readonly refusal: Refusal;
  /** Every sender of this protocol reads our answers. */
  readonly clientsRead: boolean;
  open(link: StreamLink, services: StreamServices): StreamSession;
}
