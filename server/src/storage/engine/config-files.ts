import { chmod, mkdir, writeFile } from "node:fs/promises";
import path from "node:path";

export interface EngineTuning {
  /** What all statements together may take; a statement that needs more fails with code 241. */
  readonly memoryLimitBytes: number;
  /** Present when the engine's disk is encrypted. The key is not here, and in no file. */
  readonly sealedFolder?: string;
}

/** Below the engine's data, of an encrypted disk. */
export const SEALED_FOLDER = "sealed";
/** Where the engine's process finds the key of its disk. */
export const DISK_KEY_VARIABLE = "TYTO_ENGINE_DISK_KEY";

const MIB = 1024 * 1024;

/**
 * Every table inherits these. Without the first two an insert is not durable; with them and without the third a power cut loses
 * more than with none of them; the raised limits let the engine open with broken parts, which it then sets aside.
 */
const MERGE_TREE = {
  fsync_after_insert: 1,
  fsync_part_directory: 1,
  min_rows_to_fsync_after_merge: 1,
  // The merge does not sync the files of a text index (seen with strace: `skp_idx_by_raw_word.*`), and a part without them is broken. What
  // it was merged from stays until the kernel has long written them by itself; when a cut comes before, the engine goes back to that.
  old_parts_lifetime: 480,
  max_suspicious_broken_parts: 1_000_000,
  max_suspicious_broken_parts_bytes: 1_000_000_000_000_000,
  // With 190 columns, a megabyte of buffer for each stream would make one merge take half a gigabyte.
  min_columns_to_activate_adaptive_write_buffer: 1,
  // Must not exceed the few background threads below.
  number_of_free_entries_in_pool_to_execute_mutation: 1,
  number_of_free_entries_in_pool_to_lower_max_size_of_merge: 1,
  number_of_free_entries_in_pool_to_execute_optimize_entire_partition: 1,
} as const;

/** The engine's own defaults suit a server with 64 GB; a whole idle Tyto stays below 1 GB. */
const SERVER = {
  mark_cache_size: 32 * MIB,
  index_mark_cache_size: 16 * MIB,
  uncompressed_cache_size: 0,
  index_uncompressed_cache_size: 0,
  primary_index_cache_size: 32 * MIB,
  text_index_tokens_cache_size: 16 * MIB,
  text_index_header_cache_size: 16 * MIB,
  text_index_postings_cache_size: 16 * MIB,
  query_condition_cache_size: 8 * MIB,
  compiled_expression_cache_size: 8 * MIB,
  mmap_cache_size: 64,
  background_pool_size: 2,
  background_merges_mutations_concurrency_ratio: 2,
  background_schedule_pool_size: 4,
  background_common_pool_size: 2,
  background_move_pool_size: 1,
  background_fetches_pool_size: 1,
  max_thread_pool_free_size: 16,
} as const;

/** `rest` comes as an object and is kept as text; queries name columns and aliases alike and must get the column. */
const PROFILE = {
  prefer_column_name_to_alias: 1,
  output_format_json_quote_64bit_integers: 1,
  input_format_json_read_objects_as_strings: 1,
  date_time_input_format: "basic",
  max_threads: 2,
  max_insert_threads: 1,
  output_format_json_quote_denormals: 1,
} as const;

/** No SOURCES: `file()`, `url()`, `remote()` and their engines are denied, whatever a statement sets. */
const GRANTS = [
  "GRANT SELECT, INSERT, ALTER, CREATE TABLE, CREATE VIEW, DROP TABLE, DROP VIEW, TRUNCATE, OPTIMIZE, CHECK, SHOW, KILL QUERY ON *.*",
  "GRANT SYSTEM MERGES ON *.*",
  "GRANT TABLE ENGINE ON MergeTree, TABLE ENGINE ON ReplacingMergeTree",
] as const;

/** Writes the engine's two configuration files, readable by nobody else, and returns the path of the main one. */
export async function writeEngineConfig(directory: string, tuning: EngineTuning): Promise<string> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const usersPath = path.join(directory, "users.xml");
  const configPath = path.join(directory, "config.xml");
  await writePrivate(usersPath, usersXml(tuning));
  await writePrivate(configPath, configXml(usersPath, tuning));
  return configPath;
}

async function writePrivate(file: string, text: string): Promise<void> {
  await writeFile(file, text, { mode: 0o600 });
  await chmod(file, 0o600);
}

function configXml(usersPath: string, tuning: EngineTuning): string {
  return `<clickhouse>
<users_config>${escapeXml(usersPath)}</users_config>
<max_server_memory_usage>${Math.floor(tuning.memoryLimitBytes)}</max_server_memory_usage>
${elements(SERVER)}
<merge_tree>
${elements(MERGE_TREE)}
${tuning.sealedFolder === undefined ? "" : "<storage_policy>sealed</storage_policy>"}
</merge_tree>
${tuning.sealedFolder === undefined ? "" : sealedDisk(tuning.sealedFolder)}
</clickhouse>
`;
}

/** All files of all tables, in AES-256 counter mode. A policy of this one disk: nothing can fall through to a plain one. */
function sealedDisk(folder: string): string {
  return `<storage_configuration>
<disks>
<beneath><type>local</type><path>${escapeXml(folder)}/</path></beneath>
<sealed><type>encrypted</type><disk>beneath</disk><algorithm>AES_256_CTR</algorithm>
<key_hex from_env="${DISK_KEY_VARIABLE}" hide_in_preprocessed="true"/></sealed>
</disks>
<policies><sealed><volumes><main><disk>sealed</disk></main></volumes></sealed></policies>
</storage_configuration>`;
}

/** What does not fit into memory goes to temporary files, which no setting of the engine encrypts: it must not go there. */
const NO_SPILL = {
  max_bytes_before_external_group_by: 0,
  max_bytes_before_external_sort: 0,
  max_bytes_before_external_join: 0,
  max_bytes_ratio_before_external_group_by: 0,
  max_bytes_ratio_before_external_sort: 0,
  max_bytes_ratio_before_external_join: 0,
} as const;

function usersXml({ sealedFolder }: EngineTuning): string {
  const grants = GRANTS.map((grant) => `<query>${grant}</query>`).join("\n");
  return `<clickhouse>
<profiles><default>
${elements(PROFILE)}
${sealedFolder === undefined ? "" : elements(NO_SPILL)}
</default></profiles>
<quotas><default></default></quotas>
<users><default>
<password></password>
<networks><ip>127.0.0.1</ip><ip>::1</ip></networks>
<profile>default</profile>
<quota>default</quota>
<grants>
${grants}
</grants>
</default></users>
</clickhouse>
`;
}

function elements(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => `<${name}>${value}</${name}>`)
    .join("\n");
}

function escapeXml(text: string): string {
  return text.replace(/[<>&]/g, (character) => `&#${character.charCodeAt(0)};`);
}
