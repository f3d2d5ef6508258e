import { micros, MICROS_PER_MILLISECOND } from "@tyto/domain";
import type { ConnectionKind, ConnectionSecret, ConnectionSettings, OriginId } from "@tyto/domain";
import type { PullContext, PulledBatch, PullWorld } from "../pull/ports.ts";

export interface PulledLine {
  readonly origin: OriginId;
  readonly ordinal: number;
  readonly text: string;
  readonly fault: string | undefined;
  readonly header: string | undefined;
  readonly part: string | undefined;
  readonly pack: string | undefined;
}

/**
 * For tests: a connection whose journal and store outlive any number of runs. `delivered` keeps everything that was handed on, with
 * repetitions; `events` what is left when equal identities are one, as in the store of events.
 */
export class PullHarness {
  readonly delivered: PulledLine[] = [];
  readonly skipped: { readonly what: string; readonly reason: string }[] = [];
  readonly said: string[] = [];
  readonly commits: unknown[] = [];
  /** Virtual: `sleep` moves it on. */
  nowMs = Date.UTC(2026, 10, 20, 12);
  cursor: unknown;
  /** Called before each delivery and commit; throw to crash there. */
  gate: (what: "deliver" | "commit") => void | Promise<void> = () => undefined;
  /** Called when it would sleep. */
  onSleep: (milliseconds: number) => void | Promise<void> = () => undefined;
  allowsCommands = false;
  dataDirectory = "/nowhere/tyto";

  get events(): readonly PulledLine[] {
    const byId = new Map<string, PulledLine>();
    for (const line of this.delivered) {
      const id = `${line.origin}-${line.ordinal}`;
      if (!byId.has(id)) byId.set(id, line);
    }
    return [...byId.values()];
  }

  get texts(): readonly string[] {
    return this.events.map(({ text }) => text);
  }

  get world(): PullWorld {
    return {
      now: () => micros(this.nowMs * MICROS_PER_MILLISECOND),
      sleep: async (milliseconds, signal) => {
        if (signal.aborted) return;
        this.nowMs += milliseconds;
        await this.onSleep(milliseconds);
        await new Promise((resolve) => setImmediate(resolve));
      },
      random: () => 0.5,
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
      allowsCommands: this.allowsCommands,
      dataDirectory: this.dataDirectory,
      path: "/usr/bin:/bin",
    };
  }

  context<K extends ConnectionKind>(
    settings: ConnectionSettings<K>,
    secret: ConnectionSecret<K>,
    signal: AbortSignal = new AbortController().signal,
  ): PullContext<K> {
    return {
      id: "c1",
      name: "connection",
      settings,
      secret,
      signal,
      world: this.world,
      cursor: this.cursor,
      deliver: async (batch) => {
        await this.gate("deliver");
        this.#keep(batch);
      },
      commit: async (cursor) => {
        await this.gate("commit");
        this.cursor = JSON.parse(JSON.stringify(cursor)) as unknown;
        this.commits.push(this.cursor);
      },
      skipped: (what, reason) => void this.skipped.push({ what, reason }),
      running: (remark) => void this.said.push(`running${remark === undefined ? "" : `: ${remark}`}`),
      waiting: (reason) => void this.said.push(`waiting: ${reason}`),
    };
  }

  #keep(batch: PulledBatch): void {
    for (const { bytes, ordinal, fault, header } of batch.records) {
      const text = Buffer.from(bytes).toString("utf8");
      const { origin, part, pack } = batch;
      this.delivered.push({ origin, ordinal, text, fault, header, part, pack });
    }
  }
}
