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

/** See `docs/decisions/0012-parse-again.md`. The raw bytes are not repeated: they stand with the form that took this one's place. */
const CREATE_EARLIER = `CREATE TABLE IF NOT EXISTS earlier_events (
\`tenant\` LowCardinality(String),
\`retention\` LowCardinality(String) DEFAULT 'standard',
\`origin\` LowCardinality(String),
\`ordinal\` UInt64 CODEC(Delta, ZSTD(1)),
\`source\` LowCardinality(String),
\`timestamp\` DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
\`time_origin\` LowCardinality(String),
\`pack\` LowCardinality(String),
\`parse\` UInt32 CODEC(ZSTD(1)),
\`replaced_by\` UInt32 CODEC(ZSTD(1)),
\`replaced\` DateTime64(6, 'UTC') CODEC(ZSTD(1)),
${columnDefinitions},
\`rest\` String,
INDEX by_ordinal ordinal TYPE minmax GRANULARITY 1,
INDEX by_replaced_by replaced_by TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY (retention, toMonday(timestamp))
ORDER BY (tenant, origin, ordinal)
SETTINGS min_bytes_for_wide_part = 134217728, default_compression_codec = 'ZSTD(1)'`;

const SENT_WITH =
  "ADD COLUMN IF NOT EXISTS sent_as LowCardinality(String), ADD COLUMN IF NOT EXISTS header LowCardinality(String)";

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
  {
    number: 2,
    name: "what is needed to parse again",
    statements: [
      `ALTER TABLE events ADD COLUMN IF NOT EXISTS parse UInt32 CODEC(ZSTD(1)), ${SENT_WITH}`,
      "ALTER TABLE events ADD INDEX IF NOT EXISTS by_parse parse TYPE minmax GRANULARITY 1",
      `ALTER TABLE quarantined ADD COLUMN IF NOT EXISTS pack LowCardinality(String), ${SENT_WITH}`,
      CREATE_EARLIER,
    ],
  },
];

/** Tables with a column for each field of the catalogue. */
const WITH_FIELDS = ["events", "earlier_events"] as const;

/** Fields that became columns since a table was made get theirs; their older values stay in `rest`. */
export async function addMissingColumns(client: EngineClient): Promise<readonly string[]> {
  const added = new Set<string>();
  for (const table of WITH_FIELDS) {
    const { data } = await client.rows({
      sql: "SELECT name FROM system.columns WHERE database = currentDatabase() AND table = {p0:String}",
      params: { p0: table },
      lane: "write",
    });
    const present = new Set(data.map(([name]) => String(name)));
    for (const { name, type } of FIELD_COLUMNS) {
      if (present.has(name)) continue;
      await ddl(client, `ALTER TABLE ${table} ADD COLUMN IF NOT EXISTS \`${name}\` ${type}`);
      added.add(name);
    }
  }
  return [...added];
}
