import { resolve } from "node:path";
import type { Diagnostic } from "@tyto/domain";
import { LOOPBACK, parseAddress } from "./address.ts";
import type { Address } from "./address.ts";
import { readAlarms } from "./alarms.ts";
import type { AlarmConfig, AlarmFlags } from "./alarms.ts";
import { readEncryption } from "./encryption.ts";
import type { EncryptionFlags, EncryptionKeyConfig } from "./encryption.ts";
import { readEnrichment } from "./enrichment.ts";
import type { EnrichmentConfig, EnrichmentFlags } from "./enrichment.ts";
import { isOn, readStreams } from "./streams.ts";
import type { StreamFlags, StreamsConfig } from "./streams.ts";

export interface Config {
  /** Absolute path. */
  readonly dataDirectory: string;
  /** Console and API. */
  readonly http: Address;
  /** Shippers' protocols; also served on `http`. */
  readonly ingest: Address;
  readonly syslogUdp: Address;
  readonly syslogTcp: Address;
  /** What is spoken beside, when asked for. */
  readonly streams: StreamsConfig;
  readonly isDemo: boolean;
  /** On an empty data directory: creates an API token with this value. */
  readonly adminToken: string | undefined;
  readonly packDirectories: readonly string[];
  /** Encrypts connections' secrets; without either, a key is made in the data directory. */
  readonly secretKey: string | undefined;
  readonly secretKeyFile: string | undefined;
  /** What encrypts everything in the data directory; `none` leaves it plain. */
  readonly encryptionKey: EncryptionKeyConfig;
  /** Whether connections may run programs on this machine. */
  readonly allowsCommands: boolean;
  /** Packs and rules are read again when a file of theirs changes. */
  readonly watchesPacks: boolean;
  readonly enrichment: EnrichmentConfig;
  readonly alarms: AlarmConfig;
  /** What the engine's process may use; it idles at a fraction. */
  readonly engineMemoryBytes: number;
  /** Shippers that cannot send headers may put their token into the address (`?token=`), where proxies log it. */
  readonly allowsQueryTokens: boolean;
  readonly logLevel: "debug" | "info" | "warn" | "error";
}

/** Values as the command line gives them; each has a `TYTO_…` twin that stands in where the flag is absent. */
export interface ConfigFlags extends EnrichmentFlags, AlarmFlags, StreamFlags, EncryptionFlags {
  readonly data?: string;
  readonly http?: string;
  readonly ingest?: string;
  readonly syslogUdp?: string;
  readonly syslogTcp?: string;
  readonly demo?: boolean;
  readonly packs?: readonly string[];
  readonly watch?: boolean;
  readonly secretKeyFile?: string;
  readonly allowCommands?: boolean;
}

export type ConfigOutcome =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

const MEBIBYTE = 1024 * 1024;

/** Nothing listens beyond loopback unless an address says so. */
export function readConfig(options: {
  readonly flags: ConfigFlags;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly workingDirectory: string;
  /** Packs that come with Tyto. */
  readonly packDirectory: string;
}): ConfigOutcome {
  const { flags, environment, workingDirectory, packDirectory } = options;
  const diagnostics: Diagnostic[] = [];
  const address = (flag: string, value: string | undefined, port: number): Address => {
    const parsed = parseAddress(value ?? String(port));
    if (parsed !== undefined) return parsed;
    diagnostics.push({
      severity: "error",
      code: "address-invalid",
      message: `"${value ?? ""}" is no address`,
      at: { file: flag },
      hint: "Give PORT, HOST:PORT or [IPV6]:PORT with a port from 0 to 65535.",
    });
    return { host: LOOPBACK, port };
  };
  const level = environment["TYTO_LOG_LEVEL"] ?? "info";
  if (!isLogLevel(level)) {
    diagnostics.push({
      severity: "error",
      code: "log-level-invalid",
      message: `"${level}" is no log level`,
      at: { file: "TYTO_LOG_LEVEL" },
      hint: "Use debug, info, warn or error.",
    });
  }
  const memory = Number(environment["TYTO_ENGINE_MEMORY_MB"] ?? "2048");
  if (!(memory >= 256)) {
    diagnostics.push({
      severity: "error",
      code: "memory-invalid",
      message: "The engine needs at least 256 MB",
      at: { file: "TYTO_ENGINE_MEMORY_MB" },
    });
  }
  const config: Config = {
    dataDirectory: resolve(workingDirectory, flags.data ?? environment["TYTO_DATA"] ?? "data"),
    http: address("--http", flags.http ?? environment["TYTO_HTTP"], 8080),
    ingest: address("--ingest", flags.ingest ?? environment["TYTO_INGEST"], 8081),
    syslogUdp: address("--syslog-udp", flags.syslogUdp ?? environment["TYTO_SYSLOG_UDP"], 5514),
    syslogTcp: address("--syslog-tcp", flags.syslogTcp ?? environment["TYTO_SYSLOG_TCP"], 5514),
    streams: readStreams({ flags, environment, workingDirectory, diagnostics }),
    isDemo: flags.demo ?? isOn(environment["TYTO_DEMO"]),
    adminToken: environment["TYTO_ADMIN_TOKEN"],
    packDirectories: [packDirectory, ...(flags.packs ?? []).map((path) => resolve(workingDirectory, path))],
    alarms: readAlarms({ flags, environment, diagnostics }),
    enrichment: readEnrichment({ flags, environment, workingDirectory, diagnostics }),
    secretKey: environment["TYTO_SECRET_KEY"],
    secretKeyFile: resolved(workingDirectory, flags.secretKeyFile ?? environment["TYTO_SECRET_KEY_FILE"]),
    encryptionKey: readEncryption({ flags, environment, workingDirectory, diagnostics }),
    allowsCommands: flags.allowCommands ?? isOn(environment["TYTO_ALLOW_COMMANDS"]),
    watchesPacks: flags.watch ?? isOn(environment["TYTO_WATCH"]),
    engineMemoryBytes: memory * MEBIBYTE,
    allowsQueryTokens: isOn(environment["TYTO_QUERY_TOKENS"]),
    logLevel: isLogLevel(level) ? level : "info",
  };
  if (config.isDemo && config.streams.isHttpTls && config.streams.isIngestTls) {
    diagnostics.push({
      severity: "error",
      code: "demo-needs-http",
      message: "The demo sends its day over HTTP in the clear",
      at: { file: "--demo" },
      hint: "Leave --http-tls or --ingest-tls away.",
    });
  }
  return diagnostics.length === 0 ? { ok: true, config: Object.freeze(config) } : { ok: false, diagnostics };
}

function resolved(workingDirectory: string, path: string | undefined): string | undefined {
  return path === undefined ? undefined : resolve(workingDirectory, path);
}

function isLogLevel(text: string): text is Config["logLevel"] {
  return text === "debug" || text === "info" || text === "warn" || text === "error";
}
