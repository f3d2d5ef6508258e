import { MICROS_PER_MINUTE } from "@tyto/domain";
import type { Micros } from "@tyto/domain";
import type { FastifyRequest } from "fastify";
import type { AccessAction } from "../storage/index.ts";
import { actorOf } from "./access/caller.ts";
import type { ApiDependencies } from "./dependencies.ts";
import { callerOf } from "./http-server.ts";

const AGAIN_AFTER = 10 * MICROS_PER_MINUTE;
const MAX_KNOWN = 10_000;

/**
 * Writes down who opens what, before it is shown. A screen asks for an open alert again and again: that is one look for ten minutes.
 */
export class Looks {
  readonly #audit: ApiDependencies["audit"];
  readonly #now: () => Micros;
  readonly #known = new Map<string, Micros>();

  constructor({ audit, now }: Pick<ApiDependencies, "audit" | "now">) {
    this.#audit = audit;
    this.#now = now;
  }

  async note(
    request: FastifyRequest,
    action: AccessAction,
    detail: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    const actor = actorOf(callerOf(request));
    const key = JSON.stringify([actor, action, detail]);
    const at = this.#now();
    const last = this.#known.get(key);
    if (last !== undefined && at - last < AGAIN_AFTER) return;
    await this.#audit.append({ actor, action, detail });
    this.#known.delete(key);
    this.#known.set(key, at);
    const [oldest] = this.#known.keys();
    if (this.#known.size > MAX_KNOWN && oldest !== undefined) this.#known.delete(oldest);
  }
}
