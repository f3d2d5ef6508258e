import { PullFailure } from "../pull/pull-failure.ts";
import { callApi, isObject } from "./api-call.ts";
import type { ApiCall, Asking } from "./api-call.ts";

/** Renewed so long before it ends. */
const MARGIN_MS = 120_000;

/** An access token that is fetched when needed, and again before it ends. Kept in memory only. */
export class OAuthToken {
  readonly #form: (nowMs: number) => Readonly<Record<string, string>>;
  readonly #call: Pick<ApiCall, "url" | "hints" | "meaning">;
  #text = "";
  #endsAtMs = 0;

  constructor(
    call: Pick<ApiCall, "url" | "hints" | "meaning">,
    form: (nowMs: number) => Readonly<Record<string, string>>,
  ) {
    this.#call = call;
    this.#form = form;
  }

  /** As a header's value. @throws PullFailure */
  async bearer(asking: Asking): Promise<string> {
    if (asking.nowMs < this.#endsAtMs - MARGIN_MS) return `Bearer ${this.#text}`;
    const { json } = await callApi(asking, {
      ...this.#call,
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded", accept: "application/json" },
      body: new URLSearchParams(this.#form(asking.nowMs)).toString(),
    });
    const token = isObject(json) ? json["access_token"] : undefined;
    const seconds = isObject(json) ? Number(json["expires_in"] ?? 300) : Number.NaN;
    if (typeof token !== "string" || !/^[\x21-\x7e]{1,16384}$/.test(token) || !(seconds > 0)) {
      throw new PullFailure("unreachable", `${new URL(this.#call.url).host} sent no token`);
    }
    this.#text = token;
    this.#endsAtMs = asking.nowMs + seconds * 1_000;
    return `Bearer ${this.#text}`;
  }

  /** It was refused before its end. */
  forget(): void {
    this.#endsAtMs = 0;
  }
}
