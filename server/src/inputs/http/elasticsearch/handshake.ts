/** Beats refuse a server that is older than they are by a major version. */
const VERSION = "8.19.0";
const BUILD_DATE = "2025-07-23T22:05:54.618433429Z";
const NAME = "tyto";
const CLUSTER_ID = "dHl0by1jbHVzdGVyLWlkMQ";

/** Answers as JSON, or as text for `_cat`. */
export type HandshakeAnswer =
  { readonly kind: "json"; readonly body: object } | { readonly kind: "text"; readonly body: string };

const ROOT = {
  name: NAME,
  cluster_name: NAME,
  cluster_uuid: CLUSTER_ID,
  version: {
    number: VERSION,
    build_flavor: "default",
    build_type: "tar",
    build_hash: "0".repeat(40),
    build_date: BUILD_DATE,
    build_snapshot: false,
    lucene_version: "9.12.2",
    minimum_wire_compatibility_version: "7.17.0",
    minimum_index_compatibility_version: "7.0.0",
  },
  // Client libraries compare it.
  tagline: "You Know, for Search",
};

const LICENSE = {
  license: {
    status: "active",
    uid: CLUSTER_ID,
    type: "basic",
    issued_to: NAME,
    issuer: "elasticsearch",
    max_nodes: 1_000,
    start_date_in_millis: -1,
  },
};

const XPACK = {
  build: { hash: "0".repeat(40), date: BUILD_DATE },
  license: { uid: CLUSTER_ID, type: "basic", mode: "basic", status: "active" },
  features: Object.fromEntries(
    ["ilm", "security", "monitoring", "data_streams"].map((name) => [
      name,
      { available: true, enabled: true },
    ]),
  ),
};

const HEALTH = {
  cluster_name: NAME,
  status: "green",
  timed_out: false,
  number_of_nodes: 1,
  number_of_data_nodes: 1,
  active_primary_shards: 1,
  active_shards: 1,
  unassigned_shards: 0,
  active_shards_percent_as_number: 100,
};

/** Processors that modules of Filebeat ask for before they load pipelines, which nothing here runs: packs do that work. */
const PROCESSORS = [
  "append",
  "convert",
  "date",
  "dissect",
  "geoip",
  "grok",
  "json",
  "kv",
  "pipeline",
  "remove",
  "rename",
  "script",
  "set",
  "user_agent",
];
const NODES = {
  _nodes: { total: 1, successful: 1, failed: 0 },
  cluster_name: NAME,
  nodes: {
    [NAME]: {
      name: NAME,
      version: VERSION,
      build_flavor: "default",
      roles: ["data", "ingest", "master"],
      ingest: { processors: PROCESSORS.map((type) => ({ type })) },
    },
  },
};

/** The address and everything below it. */
const below = (path: string): readonly string[] => [path, `${path}/*`];

/** What shippers look at or set up before they send. */
export const HANDSHAKE_PATHS: readonly string[] = [
  "/",
  ...[
    "/_license",
    "/_xpack",
    "/_ilm",
    "/_index_template",
    "/_component_template",
    "/_template",
    "/_cat",
    "/_ingest",
    "/_nodes",
    "/_alias",
    "/_aliases",
    "/_data_stream",
    "/_cluster",
    "/_rollup",
    "/_logstash",
    "/_security",
  ].flatMap(below),
  "/logstash",
];

/** Whatever a shipper wants to set up stands already; what it sets up is not needed and accepted. */
export function handshakeAnswer(method: string, path: string): HandshakeAnswer {
  if (method === "PUT" || method === "POST" || method === "DELETE") return json({ acknowledged: true });
  const [, first = "", second = "", third = ""] = path.split("/");
  switch (first) {
    case "":
      return json(ROOT);
    case "_license":
      return json(LICENSE);
    case "_xpack":
      return json(second === "license" ? LICENSE : XPACK);
    case "_cluster":
      return json(HEALTH);
    case "_nodes":
      return json(NODES);
    case "_cat":
      return {
        kind: "text",
        body: second === "health" ? `0 00:00:00 ${NAME} green 1 1 1 1 0 0 0 0 - 100.0%\n` : "",
      };
    case "_ilm":
      return json(third === "" ? {} : { [third]: { version: 1, policy: { phases: {} } } });
    case "_ingest":
      return json(third === "" ? {} : { [third]: { processors: [] } });
    case "_index_template":
      return json({ index_templates: [{ name: second, index_template: { index_patterns: [] } }] });
    case "_component_template":
      return json({ component_templates: [{ name: second, component_template: { template: {} } }] });
    case "_data_stream":
      return json({ data_streams: [{ name: second, indices: [], status: "GREEN" }] });
    case "_template":
      return json(second === "" ? {} : { [second]: { index_patterns: [] } });
    default:
      return json({});
  }
}

function json(body: object): HandshakeAnswer {
  return { kind: "json", body };
}
