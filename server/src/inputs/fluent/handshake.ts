import { createHash, timingSafeEqual } from "node:crypto";
import { encode } from "@msgpack/msgpack";
import { textOf } from "./canonical-json.ts";

/** Never a forwarder's own name: it would take its own for ours and refuse. */
const SERVER_NAME = "tyto";

export type PingOutcome =
  | { readonly ok: true; readonly pong: Uint8Array; readonly hostname: string }
  | { readonly ok: false; readonly pong: Uint8Array | undefined };

/** The shared-key handshake of Fluent Forward, version 1: HELO from us, PING from the sender, PONG from us. */
export class FluentHandshake {
  readonly #sharedKey: string;
  readonly #nonce: Uint8Array;

  constructor(sharedKey: string, nonce: Uint8Array) {
    this.#sharedKey = sharedKey;
    this.#nonce = nonce;
  }

  get helo(): Uint8Array {
    return encode(["HELO", { nonce: this.#nonce, auth: new Uint8Array(0), keepalive: true }]);
  }

  /** @param message `["PING", hostname, salt, digest, user, password digest]`, decoded. */
  answer(message: unknown): PingOutcome {
    const [name, hostnameValue, saltValue, digestValue] = Array.isArray(message)
      ? (message as unknown[])
      : [];
    const hostname = text(hostnameValue);
    const salt = bytesOf(saltValue);
    const digest = text(digestValue);
    if (name !== "PING" || hostname === undefined || hostname.length > 255 || salt === undefined)
      return { ok: false, pong: undefined };
    if (digest === undefined || !isSame(digest, this.#digest(salt, hostname)))
      return { ok: false, pong: encode(["PONG", false, "shared_key mismatch", "", ""]) };
    const pong = encode(["PONG", true, "", SERVER_NAME, this.#digest(salt, SERVER_NAME)]);
    return { ok: true, pong, hostname };
  }

  #digest(salt: Uint8Array, hostname: string): string {
    const hash = createHash("sha512");
    return hash.update(salt).update(hostname).update(this.#nonce).update(this.#sharedKey).digest("hex");
  }
}

function text(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  return value instanceof Uint8Array ? textOf(value) : undefined;
}

function bytesOf(value: unknown): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value;
  return typeof value === "string" ? Buffer.from(value) : undefined;
}

/** In a time that does not tell how much of it is right. */
function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
