import { request as plainRequest } from "node:http";
import type { ClientRequest, IncomingHttpHeaders, IncomingMessage, RequestOptions } from "node:http";
import { request as tlsRequest } from "node:https";
import { connectionFailure, PullFailure } from "../pull/pull-failure.ts";
import { guardedLookup, refusePrivateLiteral } from "./guarded-lookup.ts";

export interface OutboundPolicy {
  readonly allowPrivate: boolean;
  /** Plain `http:` too. */
  readonly allowHttp: boolean;
}

export interface OutboundRequest {
  readonly url: string | URL;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly signal: AbortSignal;
  /** Without a byte for so long, or in all for ten times as long. 30 s when absent. */
  readonly timeoutMs?: number;
}

export interface OutboundResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Read it or destroy it. @throws PullFailure when the connection breaks. */
  readonly body: AsyncIterable<Uint8Array>;
  destroy(): void;
}

export interface WholeResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Uint8Array;
}

const DEFAULT_TIMEOUT_MS = 30_000;
const DEFAULT_MAX_BYTES = 32 * 1024 * 1024;

/**
 * Asks peers outside. Certificates are verified, redirects are never followed, private addresses and plain text are refused unless
 * the connection's settings allow them, and every answer has a limit in time and size.
 */
export class HttpClient {
  readonly #policy: OutboundPolicy;

  constructor(policy: OutboundPolicy) {
    this.#policy = policy;
  }

  /** Resolves with the head of the answer, whatever its status. @throws PullFailure */
  async open(asked: OutboundRequest): Promise<OutboundResponse> {
    asked.signal.throwIfAborted();
    const url = this.#checked(asked.url);
    const timeoutMs = asked.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    const deadline = AbortSignal.timeout(timeoutMs * 10);
    const signal = AbortSignal.any([asked.signal, deadline]);
    const options: RequestOptions = {
      method: asked.method ?? "GET",
      headers: { "user-agent": "tyto", "accept-encoding": "identity", ...asked.headers },
      lookup: guardedLookup(this.#policy.allowPrivate),
      signal,
      agent: false,
    };
    const request = url.protocol === "https:" ? tlsRequest(url, options) : plainRequest(url, options);
    const timer = new SilenceTimer(request, timeoutMs);
    const fail = (cause: unknown): unknown => failureOf({ url, cause, asked, timer });
    try {
      const response = await answered(request, asked.body);
      return {
        status: response.statusCode ?? 0,
        headers: response.headers,
        body: bodyOf(response, timer, fail),
        destroy: () => void response.destroy(),
      };
    } catch (cause) {
      timer.stop();
      throw fail(cause);
    }
  }

  /** The answer as a whole. @throws PullFailure `bad-reply` when it is larger than `maxBytes`. */
  async whole(asked: OutboundRequest & { readonly maxBytes?: number }): Promise<WholeResponse> {
    const maxBytes = asked.maxBytes ?? DEFAULT_MAX_BYTES;
    const response = await this.open(asked);
    const parts: Uint8Array[] = [];
    let size = 0;
    for await (const part of response.body) {
      size += part.length;
      if (size > maxBytes) {
        response.destroy();
        const host = new URL(asked.url).host;
        throw new PullFailure("bad-reply", `${host} sent more than ${maxBytes} bytes in one answer`);
      }
      parts.push(part);
    }
    return { status: response.status, headers: response.headers, bytes: Buffer.concat(parts) };
  }

  #checked(text: string | URL): URL {
    const url = URL.canParse(String(text)) ? new URL(text) : undefined;
    if (url === undefined) throw new PullFailure("settings", `"${String(text).slice(0, 100)}" is no address`);
    if (url.protocol !== "https:" && url.protocol !== "http:") {
      throw new PullFailure("refused", `${url.protocol} is no protocol that is used here`);
    }
    if (url.protocol === "http:" && !this.#policy.allowHttp) {
      throw new PullFailure("refused", `${url.host} would be asked without TLS`, {
        hint: "Use https://, or set allowHttp when plain text is meant.",
      });
    }
    try {
      refusePrivateLiteral(url.hostname.replace(/^\[|\]$/g, ""), this.#policy.allowPrivate);
    } catch (cause) {
      throw connectionFailure(url.host, cause);
    }
    return url;
  }
}

/** Ends a connection that says nothing for too long, while somebody waits for it. */
class SilenceTimer {
  readonly #request: ClientRequest;
  readonly #timeoutMs: number;
  #timer: NodeJS.Timeout;
  hasFired = false;

  constructor(request: ClientRequest, timeoutMs: number) {
    this.#request = request;
    this.#timeoutMs = timeoutMs;
    this.#timer = this.#start();
  }

  /** A byte has come. */
  again(): void {
    clearTimeout(this.#timer);
    this.#timer = this.#start();
  }

  /** Nobody waits: the reader is busy with what came. */
  stop(): void {
    clearTimeout(this.#timer);
  }

  #start(): NodeJS.Timeout {
    return setTimeout(() => {
      this.hasFired = true;
      this.#request.destroy();
    }, this.#timeoutMs);
  }
}

function answered(request: ClientRequest, body: OutboundRequest["body"]): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once("error", reject);
    request.once("response", (response) => {
      request.off("error", reject);
      // The body's reader hears of it.
      request.on("error", () => undefined);
      resolve(response);
    });
    request.end(body);
  });
}

async function* bodyOf(
  response: IncomingMessage,
  timer: SilenceTimer,
  fail: (cause: unknown) => unknown,
): AsyncGenerator<Uint8Array> {
  try {
    timer.again();
    for await (const part of response as AsyncIterable<Uint8Array>) {
      timer.stop();
      yield part;
      timer.again();
    }
  } catch (cause) {
    throw fail(cause);
  } finally {
    timer.stop();
    response.destroy();
  }
}

function failureOf(of: {
  readonly url: URL;
  readonly cause: unknown;
  readonly asked: OutboundRequest;
  readonly timer: SilenceTimer;
}): unknown {
  // Who aborts knows why.
  if (of.asked.signal.aborted) return of.asked.signal.reason;
  if (of.timer.hasFired || (of.cause instanceof Error && of.cause.name === "TimeoutError")) {
    return new PullFailure("unreachable", `${of.url.host} does not answer in time`, { cause: of.cause });
  }
  return connectionFailure(of.url.host, of.cause);
}
