import { statfs } from "node:fs/promises";
import { asyncItems, formatMicros } from "@tyto/domain";
import type { Event, Micros, RecordSink, SourceId } from "@tyto/domain";
import type { MonitoringPort } from "../api/index.ts";
import { rulesServedBy } from "../detection/index.ts";
import type { Input } from "../inputs/index.ts";
import type { Parts } from "../main.ts";
import {
  AlarmBook,
  Canary,
  createChecks,
  createMetrics,
  emailChannel,
  FieldWatch,
  Heartbeat,
  Outbox,
  OwnEvents,
  SourceWatch,
  webhookChannel,
} from "../monitoring/index.ts";
import type { AlarmChange, AlarmChannel, Metrics, Totals } from "../monitoring/index.ts";
import type { StageTime } from "../pipeline/index.ts";
import type { IngestPort } from "../api/index.ts";
import type { AlertBook } from "../triage/index.ts";
import type { OwnLog } from "./own-log.ts";
import type { ScheduledSearches } from "./scheduled-searches.ts";

const EVALUATE_EVERY_MS = 15_000;
const BEAT_EVERY_MS = 60_000;
const FIRST_CANARY_MS = 5 * 60_000;
const MINUTE_MS = 60_000;
/** Of `core-tyto`. */
const CANARY_RULE = "5a9d1d1e-7d0c-4c7b-9c3f-2f1b7a0c4e11";

export interface MonitoringParts extends Parts {
  readonly alerts: AlertBook;
  readonly sink: RecordSink;
  readonly inputs: readonly Input[];
  readonly ingest: IngestPort;
  readonly isStalled: () => boolean;
  readonly stages: () => readonly StageTime[];
  /** Records that were stored again since the start. */
  readonly restored: () => number;
  readonly ownLog: OwnLog;
  readonly searches: Pick<ScheduledSearches, "conditions">;
}

/** The watch over Tyto itself, put together and running until it is stopped. */
export class Monitoring implements MonitoringPort {
  readonly #parts: MonitoringParts;
  readonly #host: string;
  readonly #fields = new FieldWatch();
  readonly #sources: SourceWatch;
  readonly #canary: Canary;
  readonly #alarms: AlarmBook;
  readonly #outbox: Outbox;
  readonly #own: OwnEvents;
  readonly #metrics: Metrics;
  readonly #stop = new AbortController();
  readonly #timers: NodeJS.Timeout[] = [];
  #names = new Map<SourceId, string>();

  constructor(parts: MonitoringParts) {
    const { config, world, telemetry, stored, sink } = parts;
    const log = telemetry.log.of("monitoring");
    this.#parts = parts;
    this.#host = world.hostNames[0] ?? "localhost";
    this.#sources = new SourceWatch((packs) => this.#rulesOf(packs));
    this.#own = new OwnEvents({
      append: (batch) => sink.append(batch),
      source: async () => stored.sources.resolve({ input: "internal", discriminator: "tyto", name: "tyto" }),
      now: world.now,
      onLost: (error) => log.warn("an event of Tyto's own was not kept", { error }),
    });
    this.#canary = new Canary({
      send: (mark) => this.#sendCanary(mark),
      isAlerted: (mark) => this.#isAlerted(mark),
      newMark: () => String(world.now()),
      now: world.now,
    });
    this.#outbox = new Outbox({
      channels: channelsOf(parts, this.#host),
      sleep: world.sleep,
      onFailed: (channel, error, willRetry) =>
        log.warn("an alarm could not be sent", { channel, error, willRetry }),
    });
    this.#alarms = new AlarmBook({
      checks: [
        ...createChecks({
          engine: () => stored.engine.health(),
          isStalled: parts.isStalled,
          queued: () => this.#totals().queued,
          disk: () => diskOf(config.dataDirectory),
          datagramsLost: () => datagramsLost(parts.inputs),
          recordsDropped: () => droppedBy(parts.inputs),
          totals: () => this.#totals(),
          setAside: () => stored.engine.parts.detached(),
          restored: parts.restored,
          switchedOff: () => parts.content.current.normaliser.switchedOff,
        }),
        (now) => this.#checkSources(now),
        () =>
          this.#fields.check(
            (source) => this.#names.get(source) ?? source,
            (pack) => this.#rulesOf([pack]),
          ),
        () => this.#canary.check(),
        () => parts.searches.conditions(),
      ],
      announce: (change) => this.#announce(change),
      onCheckFailed: (error) => log.warn("a check of Tyto itself failed", { error }),
    });
    this.#metrics = this.#createMetrics();
  }

  start(): void {
    const { config, world, telemetry, ownLog } = this.#parts;
    const { heartbeat, canaryMinutes } = config.alarms;
    this.#every(EVALUATE_EVERY_MS, () => this.#alarms.evaluate(world.now()));
    if (heartbeat !== undefined) {
      const log = telemetry.log.of("monitoring");
      const beats = new Heartbeat({
        url: heartbeat,
        isWell: () => this.isWell(),
        get: getOk,
        onFailed: (error) => log.warn("the heartbeat was not answered", { error }),
      });
      this.#every(BEAT_EVERY_MS, () => beats.beat());
    }
    if (canaryMinutes > 0) {
      this.#timers.push(setTimeout(() => void this.#canary.send(), FIRST_CANARY_MS).unref());
      this.#every(canaryMinutes * MINUTE_MS, () => this.#canary.send());
    }
    const silence = ownLog.listen(({ level, module, message }) => {
      if ((level !== "warn" && level !== "error") || module === "monitoring") return;
      this.#own.write("logged", {
        "log.level": level,
        "log.logger": module,
        message,
        "host.name": this.#host,
      });
    });
    this.#stop.signal.addEventListener("abort", silence);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    for (const timer of this.#timers) clearTimeout(timer);
    await this.#own.settled();
    await this.#outbox.stop();
  }

  /** Events of a batch that has just been committed. */
  look(events: readonly Event[]): void {
    this.#fields.look(events);
  }

  isWell(): boolean {
    const { stored, isStalled } = this.#parts;
    return stored.engine.health().status === "ok" && !isStalled() && this.#canary.state.state !== "missing";
  }

  alarms(): ReturnType<MonitoringPort["alarms"]> {
    const { state, sentAt, took } = this.#canary.state;
    return {
      items: this.#alarms.raised.map(({ kind, subject, message, hint, since }) => ({
        kind,
        subject: subject ?? null,
        message,
        hint,
        since: formatMicros(since),
      })),
      canary: {
        state,
        sentAt: sentAt === null ? null : formatMicros(sentAt),
        tookMs: took === null ? null : Math.round(took / 1_000),
      },
    };
  }

  async sendCanary(): Promise<void> {
    await this.#canary.send();
  }

  get metricsType(): string {
    return this.#metrics.contentType;
  }

  metrics(): Promise<string> {
    return this.#metrics.text();
  }

  #every(milliseconds: number, work: () => Promise<void>): void {
    const log = this.#parts.telemetry.log.of("monitoring");
    const run = (): void =>
      void work().catch((error: unknown) => log.warn("the watch over Tyto failed", { error }));
    this.#timers.push(setInterval(run, milliseconds).unref());
  }

  #totals(): Totals {
    const totals = { received: 0, stored: 0, filtered: 0, quarantined: 0, queued: 0 };
    for (const account of this.#parts.stored.books.accounts()) {
      totals.received += account.received;
      totals.stored += account.stored;
      totals.filtered += account.filtered;
      totals.quarantined += account.quarantined;
      totals.queued += account.queued;
    }
    return totals;
  }

  async #checkSources(now: Micros): Promise<ReturnType<SourceWatch["check"]>> {
    const { stored } = this.#parts;
    const sources = await stored.control.sources();
    this.#names = new Map(sources.map(({ id, name }) => [id, name]));
    const accounts = stored.books.accounts().map(({ source, received, packs }) => ({
      id: source,
      name: this.#names.get(source) ?? source,
      received,
      packs,
    }));
    return this.#sources.check(accounts, now);
  }

  /** Titles of the rules that look at events like those that these packs made last. */
  #rulesOf(packs: readonly string[]): readonly string[] {
    const samples = packs.flatMap((pack) => this.#fields.sampleOf(pack) ?? []);
    const rules = rulesServedBy(this.#parts.content.current.ruleSet, samples);
    return rules.filter(({ isRaising }) => isRaising).map(({ summary }) => summary.title);
  }

  #announce(change: AlarmChange): void {
    const log = this.#parts.telemetry.log.of("monitoring");
    const { kind, state, message, hint, fields } = change;
    if (state === "raised") log.error(message, { alarm: kind, hint });
    else log.info(`over: ${message}`, { alarm: kind });
    this.#own.write(`alarm-${state}`, {
      "tyto_server.alarm": kind,
      message,
      ...(state === "raised" ? { "event.reason": hint } : {}),
      "host.name": this.#host,
      ...fields,
    });
    this.#outbox.send(change);
  }

  /** Over the HTTP input, as any sender's record: recognition, pack and rule are tried with it. */
  async #sendCanary(mark: string): Promise<void> {
    const line = JSON.stringify({
      tyto_event: 1,
      "@timestamp": formatMicros(this.#parts.world.now()),
      "event.action": "canary",
      "tyto_server.canary": mark,
      message: `This is the canary of ${this.#host}: nothing happened.`,
      "host.name": this.#host,
    });
    const { status, body } = await this.#parts.ingest.handle({
      body: asyncItems([new TextEncoder().encode(line)]),
      headers: { "content-type": "application/x-ndjson" },
      query: {},
      token: { id: "canary", name: "canary", charge: () => undefined },
    });
    if (status !== 200) throw new Error("error" in body ? body.error.message : `status ${status}`);
  }

  /** The alert of the day is acknowledged, so that nobody's queue holds it. */
  async #isAlerted(mark: string): Promise<boolean> {
    const { stored, alerts } = this.#parts;
    const sent = Number(mark) as Micros;
    const { items } = await stored.control.alerts.list(
      { rule: CANARY_RULE, from: sent },
      { sort: "lastSeen", limit: 1 },
    );
    const [alert] = items;
    // Times in records have milliseconds.
    if (alert === undefined || alert.lastSeen < sent - (sent % 1_000)) return false;
    if (alert.status === "new")
      await alerts.act({ id: alert.id, action: { kind: "acknowledge" }, actor: "tyto" });
    return true;
  }

  #createMetrics(): Metrics {
    const { world, stored, stages, inputs, isStalled, content, telemetry } = this.#parts;
    return createMetrics({
      version: world.version,
      accounts: () =>
        stored.books.accounts().map((account) => ({
          ...account,
          id: account.source,
          name: this.#names.get(account.source) ?? account.source,
          masked: { ...stored.books.masked(account.source) },
        })),
      filters: () => stored.books.filterTallies().map(([filter, { events }]) => [filter, events] as const),
      stages,
      inputs: () => inputs.map((input) => ({ input: input.kind, counts: input.counts() })),
      datagramsLost: () => datagramsLost(inputs),
      journal: () => stored.journal.usage(),
      engine: () => stored.engine.health(),
      isStalled,
      isEncrypted: () => stored.keys !== undefined,
      rules: () => content.current.rules.filter(({ status }) => status === "runnable").length,
      alarms: () => this.#alarms.raised,
      canarySeconds: () => {
        const { took } = this.#canary.state;
        return took === null ? null : took / 1_000_000;
      },
      counters: () => telemetry.counters.read(),
    });
  }
}

function channelsOf({ config }: MonitoringParts, host: string): readonly AlarmChannel[] {
  const { webhook, email } = config.alarms;
  return [
    ...(webhook === undefined ? [] : [webhookChannel(webhook, host)]),
    ...(email === undefined ? [] : [emailChannel({ ...email, host })]),
  ];
}

async function datagramsLost(inputs: readonly Input[]): Promise<number | null> {
  const counts = (await Promise.all(inputs.map((input) => input.dropped()))).filter(
    (count) => count !== null,
  );
  return counts.length === 0 ? null : counts.reduce((sum, count) => sum + count, 0);
}

function droppedBy(
  inputs: readonly Input[],
): readonly { readonly input: string; readonly reason: string; readonly count: number }[] {
  return inputs.flatMap((input) => {
    const counts = input.counts();
    return (["dropped_back_pressure", "dropped_shutdown", "dropped_sink_failed"] as const).map((name) => ({
      input: input.kind,
      reason: name.replace("dropped_", ""),
      count: counts[name],
    }));
  });
}

async function diskOf(
  directory: string,
): Promise<{ readonly freeBytes: number; readonly totalBytes: number }> {
  const { bavail, blocks, bsize } = await statfs(directory);
  return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
}

async function getOk(url: string): Promise<void> {
  const response = await fetch(url, { signal: AbortSignal.timeout(10_000) });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`answered ${response.status}`);
}
