import { formatMicros } from "@tyto/domain";
import { createTransport } from "nodemailer";
import type { AlarmChange, AlarmChannel } from "./alarm.ts";

const TIMEOUT_MS = 10_000;

/**
 * Posts each alarm as JSON: `{kind, state, message, hint, since, at, subject?, host}`. Not redirected: an address that moved is an
 * address that somebody must look at.
 */
export function webhookChannel(url: string, host: string): AlarmChannel {
  return {
    name: "webhook",
    async send(change) {
      const response = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(payloadOf(change, host)),
        redirect: "error",
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      await response.body?.cancel();
      if (!response.ok) throw new Error(`the webhook answered ${response.status}`);
    },
  };
}

function payloadOf(change: AlarmChange, host: string): object {
  const { kind, state, message, hint, subject, since, at } = change;
  return {
    kind,
    state,
    message,
    hint,
    ...(subject === undefined ? {} : { subject }),
    since: formatMicros(since),
    at: formatMicros(at),
    host,
  };
}

export interface MailOptions {
  /** `smtp://user:password@host:587`, `smtps://…`. STARTTLS is used wherever the server offers it. */
  readonly smtp: string;
  readonly to: string;
  readonly from: string;
  readonly host: string;
}

/** One mail for each alarm that begins or ends. */
export function emailChannel({ smtp, to, from, host }: MailOptions): AlarmChannel {
  const transport = createTransport({
    url: smtp,
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    name: "email",
    async send(change) {
      await transport.sendMail({ from, to, subject: subjectOf(change, host), text: textOf(change, host) });
    },
  };
}

/** Of one line, whatever a message holds. */
function subjectOf({ state, message }: AlarmChange, host: string): string {
  const start = state === "raised" ? "" : "Over: ";
  return `[Tyto ${host}] ${start}${message.replaceAll(/\s+/g, " ").slice(0, 150)}`;
}

function textOf({ state, kind, message, hint, since, at }: AlarmChange, host: string): string {
  const when =
    state === "raised"
      ? `Since ${formatMicros(since)}`
      : `From ${formatMicros(since)} to ${formatMicros(at)}`;
  return `${message}\n\n${state === "raised" ? `${hint}\n\n` : ""}${when}, ${kind}, Tyto on ${host}.\n`;
}

export interface OutboxOptions {
  readonly channels: readonly AlarmChannel[];
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  readonly onFailed: (channel: string, error: unknown, willRetry: boolean) => void;
}

const RETRY_MS = [2_000, 10_000, 60_000, 300_000] as const;
const MAX_WAITING = 200;

/** Sends alarms out, each channel by itself and in order, and tries again: the network is often what an alarm is about. */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #stop = new AbortController();
  readonly #last = new Map<AlarmChannel, Promise<void>>();
  #waiting = 0;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /** Never throws and never waits. */
  send(change: AlarmChange): void {
    for (const channel of this.#options.channels) {
      if (this.#waiting >= MAX_WAITING) {
        this.#options.onFailed(channel.name, new Error("too many alarms wait"), false);
        continue;
      }
      this.#waiting += 1;
      const before = this.#last.get(channel) ?? Promise.resolve();
      this.#last.set(
        channel,
        before.then(() => this.#deliver(channel, change)).finally(() => (this.#waiting -= 1)),
      );
    }
  }

  /** Gives up what waits. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#last.values());
  }

  async #deliver(channel: AlarmChannel, change: AlarmChange): Promise<void> {
    const { sleep, onFailed } = this.#options;
    const { signal } = this.#stop;
    for (const pauseMs of [...RETRY_MS, undefined]) {
      if (signal.aborted) return;
      try {
        return await channel.send(change);
      } catch (error) {
        onFailed(channel.name, error, pauseMs !== undefined);
        if (pauseMs !== undefined) await sleep(pauseMs, signal).catch(() => undefined);
      }
    }
  }
}
