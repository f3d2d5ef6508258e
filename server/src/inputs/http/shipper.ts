import type { InputKind } from "@tyto/domain";
import type { InputCounts } from "../counts.ts";

/** Who sends, by the secret that the request carries; the caller looks it up and counts refusals. */
export type Admission =
  | { readonly kind: "admitted"; readonly token: SenderToken }
  | { readonly kind: "refused"; readonly reason: "unknown" | "expired" | "wrong-scope" };

export interface SenderToken {
  readonly id: string;
  readonly name: string;
  /** Its records are this source's, whatever they say. */
  readonly source?: string;
  /** The pack that reads its records. */
  readonly pack?: string;
  /** Tells what was taken from it, for its rates. */
  readonly charge?: (records: number, bytes: number) => void;
}

export type HttpMethod = "GET" | "HEAD" | "POST" | "PUT" | "DELETE";

/** A request as any web framework has it. Nothing of it is checked: each protocol presents its token, and is refused, in its own way. */
export interface ShipperRequest {
  readonly method: HttpMethod;
  /** Percent-encoded, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** As it comes off the socket: unread, not inflated, not limited. */
  readonly body: AsyncIterable<Uint8Array>;
  readonly peer?: string;
  /** Looks a token up. Only tokens that may send are admitted. @throws TytoError `rate-limited` */
  readonly admit: (secret: string) => Promise<Admission>;
}

export interface ShipperReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

export interface ShipperRoute {
  readonly methods: readonly HttpMethod[];
  /** `:name` stands for one segment, `*` at the end for any rest. */
  readonly path: string;
}

/** A protocol that existing shippers speak over HTTP. */
export interface ShipperProtocol {
  readonly kind: InputKind;
  readonly routes: readonly ShipperRoute[];
  /** Whether its paths may stand on the console's port too, without hiding anything there. */
  readonly isBesideConsole: boolean;
  /** Never rejects for anything that the sender or a busy journal did; success only when every accepted record is durable. */
  handle(request: ShipperRequest): Promise<ShipperReply>;
  counts(): Readonly<InputCounts>;
}

export function headerOf(request: Pick<ShipperRequest, "headers">, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === "string" ? value : value?.[0];
}

/** Without parameters, in lower case; empty when there is none. */
export function mediaTypeOf(request: Pick<ShipperRequest, "headers">): string {
  return (headerOf(request, "content-type") ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
}

export type Credential =
  | { readonly kind: "none" }
  | { readonly kind: "malformed" }
  | { readonly kind: "secret"; readonly secret: string };

/**
 * The secret in `Authorization`: after one of `schemes` (lower case) as it is; the password of Basic; of Elasticsearch's `ApiKey`, which is
 * base64 of `id:key`, the key.
 */
export function credentialOf(
  request: Pick<ShipperRequest, "headers">,
  schemes: readonly string[],
): Credential {
  const header = headerOf(request, "authorization");
  if (header === undefined || header.trim() === "") return { kind: "none" };
  const [, scheme = "", value = ""] = /^(\S{1,40}) +(\S{1,2000}) *$/.exec(header) ?? [];
  const name = scheme.toLowerCase();
  if (!schemes.includes(name)) return { kind: "malformed" };
  if (name !== "basic" && name !== "apikey") return { kind: "secret", secret: value };
  const pair = Buffer.from(value, "base64").toString("utf8");
  const colon = pair.indexOf(":");
  if (colon !== -1) return { kind: "secret", secret: pair.slice(colon + 1) };
  return name === "apikey" ? { kind: "secret", secret: value } : { kind: "malformed" };
}

/** Bodies are small and never a page: what a sender wrote must not run in a browser. */
export function jsonReply(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): ShipperReply {
  return {
    status,
    headers: { "content-type": "application/json; charset=utf-8", ...headers },
    body: JSON.stringify(body),
  };
}

export function textReply(
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): ShipperReply {
  return { status, headers: { "content-type": "text/plain; charset=utf-8", ...headers }, body };
}
