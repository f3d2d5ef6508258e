import { readFileSync } from "node:fs";
import { join } from "node:path";
import { TytoError } from "@tyto/domain";
import type { ErrorBody, ErrorCode } from "@tyto/domain";
import { ERROR_CATALOGUE } from "@tyto/domain";
import { formatAddress } from "../config/index.ts";
import type { Config } from "../config/index.ts";
import { ADDRESSES_FILE } from "./serve.ts";
import { CLI_TOKEN_FILE } from "../main/access.ts";

/** A running server, as the other commands talk to it. */
export interface Client {
  readonly url: string;
  get(path: string): Promise<unknown>;
  post(path: string, body: unknown): Promise<unknown>;
  /** An answer that is no JSON, as it came. */
  download(path: string): Promise<Uint8Array>;
  /** The same for what is too large to be held. */
  stream(path: string): Promise<AsyncIterable<Uint8Array>>;
  patch(path: string, body: unknown): Promise<unknown>;
  delete(path: string): Promise<unknown>;
}

/** With the method that replaces what is there. */
export interface WritingClient extends Client {
  put(path: string, body: unknown): Promise<unknown>;
}

/** The named server, else the one whose data directory this is, else where the configuration would put one. */
export function serverUrl(config: Config, url: string | undefined): string {
  if (url !== undefined) return url.replace(/\/$/, "");
  const scheme = config.streams.isHttpTls ? "https" : "http";
  return `${scheme}://${boundAddress(config.dataDirectory) ?? formatAddress(config.http)}`;
}

/** A server writes its addresses into its data directory while it runs. */
function boundAddress(dataDirectory: string): string | undefined {
  try {
    const addresses = JSON.parse(readFileSync(join(dataDirectory, ADDRESSES_FILE), "utf8")) as {
      readonly http?: unknown;
    };
    return typeof addresses.http === "string" ? addresses.http : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a Tyto, and not some other program on that port, answers there, in whatever health. */
export async function isServerAt(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/api/v1/health`, { signal: AbortSignal.timeout(2_000) });
    const body: unknown = await response.json();
    return typeof body === "object" && body !== null && "status" in body && "version" in body;
  } catch {
    return false;
  }
}

/** @throws TytoError as the server answers, `engine-unavailable` when none does. */
export function connect(options: {
  readonly config: Config;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly url?: string;
  readonly token?: string;
}): WritingClient {
  const url = serverUrl(options.config, options.url);
  const token = tokenFor(options);
  const answer = async (path: string, init: RequestInit): Promise<Response> => {
    const response = await reach(url, path, {
      ...init,
      headers: { ...init.headers, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
    });
    if (!response.ok) throw errorOf(response.status, await response.text());
    return response;
  };
  const call = async (path: string, init: RequestInit): Promise<unknown> => {
    const text = await (await answer(path, init)).text();
    return text === "" ? undefined : (JSON.parse(text) as unknown);
  };
  const send = (method: string, path: string, body: unknown): Promise<unknown> =>
    call(path, { method, headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  return {
    url,
    get: (path) => call(path, {}),
    download: async (path) => new Uint8Array(await (await answer(path, {})).arrayBuffer()),
    stream: async (path) => {
      const { body } = await answer(path, {});
      return (body ?? new Blob([]).stream()) as AsyncIterable<Uint8Array>;
    },
    post: (path, body) => send("POST", path, body),
    patch: (path, body) => send("PATCH", path, body),
    put: (path, body) => send("PUT", path, body),
    delete: (path) => call(path, { method: "DELETE" }),
  };
}

/**
 * `--token`, else `TYTO_TOKEN`, else the data directory's own, else `TYTO_ADMIN_TOKEN`. The last two are of this machine's server: a
 * `--url` that names another machine is not told them.
 */
export function tokenFor(options: {
  readonly config: Config;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly url?: string;
  readonly token?: string;
}): string | undefined {
  const { config, environment, url } = options;
  const given = options.token ?? environment["TYTO_TOKEN"];
  if (given !== undefined) return given;
  if (url !== undefined && !isThisMachine(url)) return undefined;
  try {
    return readFileSync(join(config.dataDirectory, CLI_TOKEN_FILE), "utf8").trim();
  } catch {
    return environment["TYTO_ADMIN_TOKEN"];
  }
}

function isThisMachine(url: string): boolean {
  return URL.canParse(url) && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(url).hostname);
}

async function reach(url: string, path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(`${url}${path}`, init);
  } catch (cause) {
    throw new TytoError("engine-unavailable", `No server answers at ${url}`, {
      cause,
      hint: "Start one with `npx tyto serve`, or name it with --url.",
    });
  }
}

function errorOf(status: number, text: string): TytoError {
  let body: Partial<ErrorBody> = {};
  try {
    body = JSON.parse(text) as Partial<ErrorBody>;
  } catch {
    // Not ours: a proxy's page, say. The status is all there is.
  }
  const code = body.error?.code ?? "";
  const at =
    body.error?.at === undefined ? "" : ` (line ${body.error.at.line}, column ${body.error.at.column})`;
  const hint = body.error?.hint ?? (status === 401 ? "Give a token with --token or TYTO_TOKEN." : undefined);
  return new TytoError(
    isCode(code) ? code : "internal",
    `${body.error?.message ?? `HTTP status ${status}`}${at}`,
    {
      ...(hint === undefined ? {} : { hint }),
    },
  );
}

function isCode(text: string): text is ErrorCode {
  return text in ERROR_CATALOGUE;
}
