import { ddl } from "../engine/migrations.ts";
import type { Migration } from "../engine/migrations.ts";
import type { EngineClient } from "../engine/engine-client.ts";
import { FIELD_COLUMNS } from "./columns.ts";

const columnDefinitions = FIELD_COLUMNS.map(({ name, type }) => `\`${name}\` ${type}`).join(",\n");

/** See `docs/decisions/0002-event-table.md` for every choice made here. */
export function createEvents(table: string): string {
  return `CREATE TABLE IF NOT EXISTS ${table} (
\`tenant\` LowCardinality(String),
\`retention\` LowCardinality(String) DEFAULT 'standard',
\`origin\` LowCardinality(String),
\`ordinal\` UInt64 CODEC(Delta, ZSTD(1)),
\`sequence\` UInt64 CODEC(Delta, ZSTD(1)),
\`source\` LowCardinality(String),
\`timestamp\` DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
\`time_origin\` LowCardinality(String),
\`ingested\` DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
\`pack\` LowCardinality(String),
\`raw\` String,
\`raw_encoding\` LowCardinality(String),
${columnDefinitions},
\`rest\` String,
INDEX by_sequence sequence TYPE minmax GRANULARITY 1,
INDEX by_ordinal ordinal TYPE minmax GRANULARITY 1,
INDEX by_origin origin TYPE bloom_filter(0.001) GRANULARITY 1,
INDEX by_raw_word lower(raw) TYPE text(tokenizer = 'splitByNonAlpha')
)
ENGINE = MergeTree
PARTITION BY (retention, toMonday(timestamp))
ORDER BY (tenant, timestamp)
SETTINGS min_bytes_for_wide_part = 134217728, default_compression_codec = 'ZSTD(1)'`;
}

const CREATE_QUARANTINED = `CREATE TABLE IF NOT EXISTS quarantined (
\`tenant\` LowCardinality(String),
\`origin\` LowCardinality(String),
\`ordinal\` UInt64 CODEC(Delta, ZSTD(1)),
\`sequence\` UInt64 CODEC(Delta, ZSTD(1)),
\`source\` LowCardinality(String),
\`ingested\` DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
\`reason\` LowCardinality(String),
\`detail\` String,
\`raw\` String CODEC(ZSTD(1)),
\`raw_encoding\` LowCardinality(String),
INDEX by_ordinal ordinal TYPE minmax GRANULARITY 1,
INDEX by_origin origin TYPE bloom_filter(0.001) GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(ingested)
ORDER BY (tenant, sequence)`;

/** Each append is a row; the view shows the newest of each finding, and none that was superseded. Lists are JSON text. */
const CREATE_FINDINGS = `CREATE TABLE IF NOT EXISTS finding_versions (
\`tenant\` LowCardinality(String),
\`key\` String,
\`revision\` UInt64,
\`is_deleted\` UInt8,
\`timestamp\` DateTime64(6, 'UTC'),
\`version\` UInt32,
\`alert\` String,
\`rule_id\` LowCardinality(String),
\`rule_title\` LowCardinality(String),
\`level\` LowCardinality(String),
\`cause\` LowCardinality(String),
\`tags\` String,
\`sentence\` String,
\`first_seen\` DateTime64(6, 'UTC'),
\`last_seen\` DateTime64(6, 'UTC'),
\`count\` UInt64,
\`entities\` String,
\`event_ids\` String
)
ENGINE = ReplacingMergeTree(revision, is_deleted)
ORDER BY (tenant, key)`;

const CREATE_ALERTS = `CREATE TABLE IF NOT EXISTS alert_versions (
\`tenant\` LowCardinality(String),
\`id\` String,
\`revision\` UInt64,
\`is_deleted\` UInt8,
\`timestamp\` DateTime64(6, 'UTC'),
\`title\` String,
\`severity\` LowCardinality(String),
\`status\` LowCardinality(String),
\`assignee\` LowCardinality(String),
\`close_reason\` LowCardinality(String),
\`cause\` LowCardinality(String),
\`rule_ids\` String,
\`first_seen\` DateTime64(6, 'UTC'),
\`last_seen\` DateTime64(6, 'UTC'),
\`created\` DateTime64(6, 'UTC'),
\`updated\` DateTime64(6, 'UTC'),
\`count\` UInt64,
\`entities\` String,
\`event_ids\` String
)
ENGINE = ReplacingMergeTree(revision, is_deleted)
ORDER BY (tenant, id)`;

const newestOf = (view: string, table: string): string =>
  `CREATE VIEW IF NOT EXISTS ${view} AS SELECT * EXCEPT (revision, is_deleted) FROM ${table} FINAL`;

export const EVENT_MIGRATIONS: readonly Migration[] = [
  {
    number: 1,
    name: "events, quarantined, findings, alerts",
    statements: [
      createEvents("events"),
      CREATE_QUARANTINED,
      CREATE_FINDINGS,
      CREATE_ALERTS,
      newestOf("findings", "finding_versions"),
      newestOf("alerts", "alert_versions"),
    ],
  },
];

/** Fields that became columns since the table was made get theirs; their older values stay in `rest`. */
export async function addMissingColumns(client: EngineClient): Promise<readonly string[]> {
  const { data } = await client.rows({
    sql: "SELECT name FROM system.columns WHERE database = currentDatabase() AND table = 'events'",
    lane: "write",
  });
  const present = new Set(data.map(([name]) => String(name)));
  const missing = FIELD_COLUMNS.filter(({ name }) => !present.has(name));
  for (const { name, type } of missing) {
    await ddl(client, `ALTER TABLE events ADD COLUMN IF NOT EXISTS \`${name}\` ${type}`);
  }
  return missing.map(({ name }) => name);
}
