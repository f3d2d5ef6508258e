import type { ConnectionKind, InputKind, WebhookKind } from "@tyto/domain";
import type { ListenerName, Target } from "./target.ts";

/** Text to paste, and where it goes: a file, a shell, a settings page. */
export interface Block {
  readonly place: string;
  readonly text: (at: Target) => readonly string[];
}

/** One protocol that a sender may be set up with. */
export interface Variant {
  readonly key: string;
  readonly label: string;
  readonly listener: ListenerName;
  /** The sources it makes come in by these. */
  readonly inputs: readonly InputKind[];
  readonly isTokenNeeded: boolean;
  /** What to choose it for, and what it cannot. */
  readonly note: string;
  readonly blocks: readonly Block[];
}

interface WayBase {
  readonly key: string;
  readonly title: string;
  /** One sentence. */
  readonly about: string;
  /** What people may look for it by, beside its title. */
  readonly words: string;
  /** What to look at when nothing arrives. */
  readonly checks: readonly string[];
}

/** A program that sends to Tyto. The first variant is the one to take. */
export interface SenderWay extends WayBase {
  readonly kind: "sender";
  readonly group: "syslog" | "shippers" | "http";
  readonly variants: readonly [Variant, ...Variant[]];
}

/** A product that calls Tyto when something happens. */
export interface WebhookWay extends WayBase {
  readonly kind: "webhook";
  readonly group: "webhooks";
  readonly webhook: WebhookKind;
  /** In the product, in order; they speak of the address and the secret above them. */
  readonly steps: readonly string[];
  /** `given`: the product makes the secret; `made`: Tyto does. */
  readonly secret: "given" | "made";
}

/** What Tyto fetches by itself; its form comes from the server. */
export interface PullWay extends WayBase {
  readonly kind: "pull";
  readonly group: "fetched" | "cloud";
  readonly connection: ConnectionKind;
  readonly inputs: readonly InputKind[];
  /** What to do in the product before the form is filled in, in order. */
  readonly steps: readonly string[];
}

export type Way = SenderWay | WebhookWay | PullWay;

export const WAY_GROUPS = {
  syslog: "Syslog",
  shippers: "Log shippers",
  http: "HTTP",
  webhooks: "Webhooks",
  fetched: "Fetched by Tyto",
  cloud: "Cloud services",
} as const satisfies Record<Way["group"], string>;
