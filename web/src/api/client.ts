import type { ErrorBody, Session } from "@tyto/domain";

/** Place in the text that a person wrote; lines and columns start at 1. */
export type ErrorPlace = NonNullable<ErrorBody["error"]["at"]>;

/** What the API answered instead of what was asked for. `offline` when nothing answered at all. */
export class ApiError extends Error {
  readonly code: string;
  readonly status: number;
  readonly hint: string | undefined;
  readonly at: ErrorPlace | undefined;

  constructor(status: number, error: ErrorBody["error"]) {
    super(error.message);
    this.name = "ApiError";
    this.code = error.code;
    this.status = status;
    this.hint = error.hint;
    this.at = error.at;
  }
}

export interface RequestOptions {
  readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly body?: unknown;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly signal?: AbortSignal;
}

/** Talks to the server that served this page. Holds the value that every change must carry. */
export class ApiClient {
  #csrf = "";
  #confirm: (() => Promise<boolean>) | undefined;

  /** Who asks for the password when a change needs it once more; resolves to whether it was given. */
  onPasswordNeeded(confirm: (() => Promise<boolean>) | undefined): void {
    this.#confirm = confirm;
  }

  /** The signed-in user, or null. */
  async session(signal?: AbortSignal): Promise<Session | null> {
    try {
      const session = await this.request<Session>("/session", signal === undefined ? {} : { signal });
      this.#csrf = session.csrf;
      return session;
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return null;
      throw error;
    }
  }

  /** @throws ApiError for every answer that is not a success, and `offline` for none. */
  async request<T>(path: string, options: RequestOptions = {}): Promise<T> {
    try {
      return await this.#once<T>(path, options);
    } catch (error) {
      const needs = error instanceof ApiError && error.code === "password-needed";
      if (!needs || this.#confirm === undefined || !(await this.#confirm())) throw error;
      return this.#once<T>(path, options);
    }
  }

  async #once<T>(path: string, options: RequestOptions): Promise<T> {
    const method = options.method ?? "GET";
    const headers = new Headers({ accept: "application/json" });
    if (method !== "GET") headers.set("x-tyto-csrf", this.#csrf);
    if (options.body !== undefined) headers.set("content-type", "application/json");
    const response = await this.#send(`/api/v1${path}${queryText(options.query)}`, {
      method,
      headers,
      credentials: "same-origin",
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    if (!response.ok) throw await errorOf(response);
    if (response.status === 204) return undefined as T;
    const text = await response.text();
    return (text === "" ? undefined : JSON.parse(text)) as T;
  }

  async #send(url: string, init: RequestInit): Promise<Response> {
    try {
      return await fetch(url, init);
    } catch (error) {
      if (init.signal?.aborted === true) throw error;
      throw new ApiError(0, {
        code: "offline",
        message: "The Tyto server does not answer",
        hint: "Check that it runs and that this machine reaches it. The page tries again by itself.",
      });
    }
  }
}

function queryText(query: RequestOptions["query"]): string {
  if (query === undefined) return "";
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== "") parameters.set(name, String(value));
  }
  const text = parameters.toString();
  return text === "" ? "" : `?${text}`;
}

async function errorOf(response: Response): Promise<ApiError> {
  const body: unknown = await response.json().catch(() => undefined);
  if (isErrorBody(body)) return new ApiError(response.status, body.error);
  return new ApiError(response.status, {
    code: "internal",
    message: `The server answered ${response.status} without saying why`,
  });
}

function isErrorBody(body: unknown): body is ErrorBody {
  if (typeof body !== "object" || body === null || !("error" in body)) return false;
  const { error } = body;
  return typeof error === "object" && error !== null && "code" in error && "message" in error;
}
