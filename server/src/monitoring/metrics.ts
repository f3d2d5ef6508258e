import { collectDefaultMetrics, Counter, Gauge, Registry } from "prom-client";
import type { CounterReading } from "../telemetry/index.ts";

export interface MetricAccount {
  readonly id: string;
  readonly name: string;
  readonly received: number;
  readonly stored: number;
  readonly queued: number;
  readonly unknown: number;
  readonly filteredBy: Readonly<Record<string, number>>;
  readonly quarantinedBy: Readonly<Record<string, number>>;
  /** Secrets that were masked before the append, by kind. */
  readonly masked: Readonly<Record<string, number>>;
}

/** What is read at each scrape. */
export interface MetricPorts {
  readonly version: string;
  readonly accounts: () => readonly MetricAccount[];
  /** Events that filters have left out, by id of the filter. */
  readonly filters: () => readonly (readonly [string, number])[];
  readonly stages: () => readonly { readonly stage: string; readonly ms: number; readonly records: number }[];
  readonly inputs: () => readonly {
    readonly input: string;
    readonly counts: Readonly<Record<string, number>>;
  }[];
  readonly datagramsLost: () => Promise<number | null>;
  readonly journal: () => Promise<{ readonly bytes: number; readonly freeBytes: number }>;
  readonly engine: () => { readonly status: string; readonly restarts: number };
  readonly isStalled: () => boolean;
  /** Of the data directory. */
  readonly isEncrypted: () => boolean;
  readonly rules: () => number;
  readonly alarms: () => readonly { readonly kind: string }[];
  readonly canarySeconds: () => number | null;
  readonly counters: () => readonly CounterReading[];
}

interface Series {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

interface Metric {
  readonly kind: "counter" | "gauge";
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly string[];
  readonly read: () => readonly Series[] | Promise<readonly Series[]>;
}

/** Sources with labels of their own; those beyond are in the totals of the API. */
const MAX_SOURCES = 1_000;

export interface Metrics {
  readonly contentType: string;
  /** Prometheus' text format 0.0.4. */
  text(): Promise<string>;
}

/** Everything is read when it is asked for; nothing is kept between two scrapes. */
export function createMetrics(ports: MetricPorts): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const metric of [...metricsOf(ports), ...countersOf(ports)]) register(registry, metric);
  return { contentType: registry.contentType, text: () => registry.metrics() };
}

function register(registry: Registry, { kind, name, help, labels = [], read }: Metric): void {
  const shared = { name, help, labelNames: labels, registers: [registry] };
  if (kind === "gauge") {
    new Gauge({
      ...shared,
      async collect() {
        this.reset();
        for (const { labels: of = {}, value } of await read()) this.set(of, value);
      },
    });
  } else {
    new Counter({
      ...shared,
      async collect() {
        this.reset();
        for (const { labels: of = {}, value } of await read()) this.inc(of, Math.max(0, value));
      },
    });
  }
}

function metricsOf(ports: MetricPorts): readonly Metric[] {
  const { accounts, stages, inputs } = ports;
  const bySource = (value: (account: MetricAccount) => number) => (): readonly Series[] =>
    accounts()
      .slice(0, MAX_SOURCES)
      .map((account) => ({ labels: { source: account.name, source_id: account.id }, value: value(account) }));
  const byReason =
    (counts: (account: MetricAccount) => Readonly<Record<string, number>>) => (): readonly Series[] =>
      sums(accounts().flatMap((account) => Object.entries(counts(account)))).map(([reason, value]) => ({
        labels: { reason },
        value,
      }));
  const source = ["source", "source_id"];
  return [
    {
      kind: "gauge",
      name: "tyto_build_info",
      help: "Always 1.",
      labels: ["version"],
      read: () => [{ labels: { version: ports.version }, value: 1 }],
    },
    {
      kind: "counter",
      name: "tyto_records_received_total",
      help: "Records made durable.",
      labels: source,
      read: bySource((one) => one.received),
    },
    {
      kind: "counter",
      name: "tyto_records_stored_total",
      help: "Records that became searchable events.",
      labels: source,
      read: bySource((one) => one.stored),
    },
    {
      kind: "counter",
      name: "tyto_records_unknown_total",
      help: "Of the stored ones: lines that no pack knows.",
      labels: source,
      read: bySource((one) => one.unknown),
    },
    {
      kind: "gauge",
      name: "tyto_records_queued",
      help: "Durable records that wait for the pipeline.",
      labels: source,
      read: bySource((one) => one.queued),
    },
    {
      kind: "counter",
      name: "tyto_records_filtered_total",
      help: "Records left out, by reason.",
      labels: ["reason"],
      read: byReason((one) => one.filteredBy),
    },
    {
      kind: "counter",
      name: "tyto_filter_events_total",
      help: "Events left out, by the filter that people have made.",
      labels: ["filter"],
      read: () => ports.filters().map(([filter, value]) => ({ labels: { filter }, value })),
    },
    {
      kind: "counter",
      name: "tyto_secrets_masked_total",
      help: "Values masked before the append.",
      labels: ["kind"],
      read: () =>
        sums(accounts().flatMap((account) => Object.entries(account.masked))).map(([kind, value]) => ({
          labels: { kind },
          value,
        })),
    },
    {
      kind: "counter",
      name: "tyto_records_quarantined_total",
      help: "Records in quarantine, by reason.",
      labels: ["reason"],
      read: byReason((one) => one.quarantinedBy),
    },
    {
      kind: "counter",
      name: "tyto_input_records_total",
      help: "What each input counts: accepted, faulty, dropped, connections.",
      labels: ["input", "count"],
      read: () =>
        inputs().flatMap(({ input, counts }) =>
          Object.entries(counts).map(([count, value]) => ({ labels: { input, count }, value })),
        ),
    },
    {
      kind: "counter",
      name: "tyto_udp_datagrams_lost_total",
      help: "Datagrams that the system dropped before Tyto saw them.",
      read: async () => [{ value: (await ports.datagramsLost()) ?? 0 }],
    },
    {
      kind: "counter",
      name: "tyto_stage_seconds_total",
      help: "Time in each stage of the pipeline.",
      labels: ["stage"],
      read: () => stages().map(({ stage, ms }) => ({ labels: { stage }, value: ms / 1_000 })),
    },
    {
      kind: "counter",
      name: "tyto_stage_records_total",
      help: "Records through each stage of the pipeline.",
      labels: ["stage"],
      read: () => stages().map(({ stage, records }) => ({ labels: { stage }, value: records })),
    },
    {
      kind: "gauge",
      name: "tyto_pipeline_stalled",
      help: "1 while the pipeline waits for its stores.",
      read: () => [{ value: Number(ports.isStalled()) }],
    },
    {
      kind: "gauge",
      name: "tyto_journal_bytes",
      help: "Bytes of the journal on disk.",
      read: async () => [{ value: (await ports.journal()).bytes }],
    },
    {
      kind: "gauge",
      name: "tyto_disk_free_bytes",
      help: "Free bytes beside the journal.",
      read: async () => [{ value: (await ports.journal()).freeBytes }],
    },
    {
      kind: "gauge",
      name: "tyto_data_encrypted",
      help: "1 when everything in the data directory is encrypted.",
      read: () => [{ value: Number(ports.isEncrypted()) }],
    },
    {
      kind: "gauge",
      name: "tyto_engine_up",
      help: "1 while the event engine answers.",
      read: () => [{ value: Number(ports.engine().status === "ok") }],
    },
    {
      kind: "counter",
      name: "tyto_engine_restarts_total",
      help: "Restarts of the event engine since the start.",
      read: () => [{ value: ports.engine().restarts }],
    },
    {
      kind: "gauge",
      name: "tyto_rules_running",
      help: "Detection rules that run.",
      read: () => [{ value: ports.rules() }],
    },
    {
      kind: "gauge",
      name: "tyto_alarms",
      help: "Alarms about Tyto itself that stand.",
      labels: ["kind"],
      read: () =>
        sums(ports.alarms().map(({ kind }) => [kind, 1])).map(([kind, value]) => ({
          labels: { kind },
          value,
        })),
    },
    {
      kind: "gauge",
      name: "tyto_canary_seconds",
      help: "From input to alert, of the last canary event that arrived.",
      read: () => [{ value: ports.canarySeconds() ?? Number.NaN }],
    },
  ];
}

/** The counters that modules define, by their own names. */
function countersOf({ counters }: MetricPorts): readonly Metric[] {
  const names = [...new Set(counters().map(({ name }) => name))];
  return names.map((name) => ({
    kind: "counter",
    name: `tyto_${name}`,
    help: "Counted since the start.",
    labels: ["reason"],
    read: () =>
      counters()
        .filter((reading) => reading.name === name)
        .map(({ reason, value }) => ({ labels: { reason: reason ?? "" }, value })),
  }));
}

function sums(pairs: readonly (readonly [string, number])[]): readonly (readonly [string, number])[] {
  const totals = new Map<string, number>();
  for (const [key, value] of pairs) totals.set(key, (totals.get(key) ?? 0) + value);
  return [...totals];
}
