import { formatMicros, TytoError, WEBHOOK_KINDS } from "@tyto/domain";
import type { Webhook, WebhookBody } from "@tyto/domain";
import type { WebhooksPort } from "../api/index.ts";
import type { KnownWebhook, WebhookDirectory } from "../inputs/index.ts";
import type { ControlStore } from "../storage/index.ts";
import type { SealedSecrets } from "./sealed-secrets.ts";
import type { World } from "./world.ts";

const SETTING = "inputs.webhooks";
const MAX_WEBHOOKS = 200;

interface Stored extends Webhook {
  readonly sealed: string;
}

export interface WebhooksOptions {
  readonly settings: ControlStore["settings"];
  readonly box: SealedSecrets;
  readonly world: Pick<World, "now" | "randomBytes">;
}

/** Webhooks and their secrets: sealed in the relational store, in memory for those who call. */
export class Webhooks implements WebhooksPort, WebhookDirectory {
  readonly #options: WebhooksOptions;
  readonly #stored = new Map<string, Stored>();
  readonly #known = new Map<string, KnownWebhook>();
  #writing: Promise<void> = Promise.resolve();

  private constructor(options: WebhooksOptions) {
    this.#options = options;
  }

  static async open(options: WebhooksOptions): Promise<Webhooks> {
    const webhooks = new Webhooks(options);
    const list: unknown = JSON.parse((await options.settings.get(SETTING)) ?? "[]");
    for (const one of Array.isArray(list) ? list.filter(isStored) : []) webhooks.#keep(one);
    return webhooks;
  }

  find(name: string): KnownWebhook | undefined {
    return this.#known.get(name);
  }

  list(): readonly Webhook[] {
    return [...this.#stored.values()].map(withoutSecret);
  }

  /** A name that is taken gets the new kind and secret. @throws TytoError `bad-request` beyond the limit */
  async put(
    body: WebhookBody,
    createdBy: string,
  ): Promise<{ readonly webhook: Webhook; readonly secret: string }> {
    const { name, kind } = body;
    if (!this.#stored.has(name) && this.#stored.size >= MAX_WEBHOOKS) {
      throw new TytoError("bad-request", `there are ${MAX_WEBHOOKS} webhooks already`, {
        hint: "Delete one first.",
      });
    }
    const { box, world } = this.#options;
    const secret = body.secret ?? Buffer.from(world.randomBytes(32)).toString("base64url");
    const webhook = {
      name,
      kind,
      path: `/ingest/webhook/${name}`,
      createdAt: formatMicros(world.now()),
      createdBy,
    };
    const stored = { ...webhook, sealed: box.seal(useOf(name), secret) };
    await this.#write((all) => all.set(name, stored));
    this.#keep(stored);
    return { webhook, secret };
  }

  async remove(name: string): Promise<boolean> {
    if (!this.#stored.has(name)) return false;
    // It stops working at once, also when the store then fails.
    this.#known.delete(name);
    await this.#write((all) => all.delete(name));
    return this.#stored.delete(name);
  }

  /** One whose secret does not open (another key file) stays in the list and lets nobody in. */
  #keep(stored: Stored): void {
    const { name, kind, sealed } = stored;
    this.#stored.set(name, stored);
    const secret = this.#options.box.open(useOf(name), sealed);
    if (secret === undefined) this.#known.delete(name);
    else this.#known.set(name, { name, kind, secret });
  }

  /** One after another, so that none is lost. */
  #write(change: (all: Map<string, Stored>) => unknown): Promise<void> {
    this.#writing = this.#writing
      .catch(() => undefined)
      .then(() => {
        const all = new Map(this.#stored);
        change(all);
        return this.#options.settings.set(SETTING, JSON.stringify([...all.values()]));
      });
    return this.#writing;
  }
}

function useOf(name: string): string {
  return `webhook ${name}`;
}

function withoutSecret({ name, kind, path, createdAt, createdBy }: Stored): Webhook {
  return { name, kind, path, createdAt, createdBy };
}

function isStored(value: unknown): value is Stored {
  if (typeof value !== "object" || value === null) return false;
  const { name, kind, path, createdAt, createdBy, sealed } = value as Readonly<Record<string, unknown>>;
  const texts = [name, path, createdAt, createdBy, sealed];
  return texts.every((text) => typeof text === "string") && WEBHOOK_KINDS.some((known) => known === kind);
}
