import { resolve } from "node:path";
import type { Diagnostic } from "@tyto/domain";
import { isNetwork } from "./enrichment.ts";
import { parseAddress } from "./address.ts";
import type { Address } from "./address.ts";

/** Where certificate and key lie; absolute paths. */
export interface TlsConfig {
  readonly certFile: string;
  readonly keyFile: string;
  /** Authorities whose clients are known. */
  readonly clientCaFile?: string;
  readonly isClientCertificateRequired: boolean;
}

export interface StreamAddress extends Address {
  readonly isTls: boolean;
}

/** Shippers' protocols that are no HTTP. A list is empty where nobody asked for the protocol. */
export interface StreamsConfig {
  readonly tls?: TlsConfig;
  /** The console's and the shippers' HTTP listeners speak TLS. */
  readonly isHttpTls: boolean;
  readonly isIngestTls: boolean;
  /** Networks whose connections begin with a PROXY header. */
  readonly proxies: readonly string[];
  readonly syslogTls: readonly StreamAddress[];
  readonly relp: readonly StreamAddress[];
  readonly gelfUdp: readonly Address[];
  readonly gelfTcp: readonly StreamAddress[];
  readonly lumberjack: readonly StreamAddress[];
  readonly fluent: readonly StreamAddress[];
  /** Holds the key that Fluent's senders must know; absolute path. */
  readonly fluentKeyFile?: string;
}

/** `true`: the flag without a value. */
type ListFlag = string | true;

export interface StreamFlags {
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly tlsClientCa?: string;
  readonly tlsClientRequired?: boolean;
  readonly httpTls?: boolean;
  readonly ingestTls?: boolean;
  /** Separated by commas. */
  readonly proxyFrom?: string;
  readonly syslogTls?: ListFlag;
  readonly relp?: ListFlag;
  readonly gelfUdp?: ListFlag;
  readonly gelfTcp?: ListFlag;
  readonly lumberjack?: ListFlag;
  readonly fluent?: ListFlag;
  readonly fluentKeyFile?: string;
}

/** What each protocol's shippers expect. */
export const STREAM_PORTS = {
  "syslog-tls": 6514,
  relp: 2514,
  "gelf-udp": 12_201,
  "gelf-tcp": 12_201,
  lumberjack: 5044,
  fluent: 24_224,
} as const;

interface Reading {
  readonly flags: StreamFlags;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly workingDirectory: string;
  readonly diagnostics: Diagnostic[];
}

/** Each flag has its `TYTO_…` twin; what is wrong is added to the diagnostics. */
export function readStreams(reading: Reading): StreamsConfig {
  const { flags, environment, workingDirectory } = reading;
  const tls = readTls(reading);
  const list = (name: keyof typeof STREAM_PORTS, flag: ListFlag | undefined): readonly StreamAddress[] =>
    readList(reading, name, flag ?? environment[twinOf(name)]);
  const fluentKeyFile = flags.fluentKeyFile ?? environment["TYTO_FLUENT_KEY_FILE"];
  const streams = {
    isHttpTls: flags.httpTls ?? isOn(environment["TYTO_HTTP_TLS"]),
    isIngestTls: flags.ingestTls ?? isOn(environment["TYTO_INGEST_TLS"]),
    proxies: readProxies(reading),
    syslogTls: list("syslog-tls", flags.syslogTls).map((address) => ({ ...address, isTls: true })),
    relp: list("relp", flags.relp),
    gelfUdp: list("gelf-udp", flags.gelfUdp),
    gelfTcp: list("gelf-tcp", flags.gelfTcp),
    lumberjack: list("lumberjack", flags.lumberjack),
    fluent: list("fluent", flags.fluent),
    ...(isEmpty(fluentKeyFile) ? {} : { fluentKeyFile: resolve(workingDirectory, fluentKeyFile) }),
    ...(tls === undefined ? {} : { tls }),
  };
  refuseMissingCertificate(streams, reading);
  return streams;
}

function readTls({ flags, environment, workingDirectory, diagnostics }: Reading): TlsConfig | undefined {
  const cert = flags.tlsCert ?? environment["TYTO_TLS_CERT"];
  const key = flags.tlsKey ?? environment["TYTO_TLS_KEY"];
  const clientCa = flags.tlsClientCa ?? environment["TYTO_TLS_CLIENT_CA"];
  const isRequired = flags.tlsClientRequired ?? isOn(environment["TYTO_TLS_CLIENT_REQUIRED"]);
  const wrong = (flag: string, message: string, hint: string): void =>
    void diagnostics.push({ severity: "error", code: "tls-incomplete", message, at: { file: flag }, hint });
  if (isRequired && isEmpty(clientCa)) {
    wrong(
      "--tls-client-required",
      "Clients cannot be asked for certificates without authorities to check them by",
      "Name their PEM file with --tls-client-ca.",
    );
  }
  if (isEmpty(cert) && isEmpty(key)) return undefined;
  if (isEmpty(cert) || isEmpty(key)) {
    const missing = isEmpty(cert) ? "--tls-cert" : "--tls-key";
    wrong(
      missing,
      "A certificate needs its key, and a key its certificate",
      "Give --tls-cert and --tls-key.",
    );
    return undefined;
  }
  return {
    certFile: resolve(workingDirectory, cert),
    keyFile: resolve(workingDirectory, key),
    ...(isEmpty(clientCa) ? {} : { clientCaFile: resolve(workingDirectory, clientCa) }),
    isClientCertificateRequired: isRequired,
  };
}

/** `[tls:][HOST:]PORT`, separated by commas; nothing, `on` or `tls` alone stands for the protocol's own port. */
function readList(
  { diagnostics }: Reading,
  name: keyof typeof STREAM_PORTS,
  value: ListFlag | undefined,
): readonly StreamAddress[] {
  if (value === undefined || (value !== true && isEmpty(value))) return [];
  const addresses: StreamAddress[] = [];
  for (const part of value === true ? ["on"] : value.split(",")) {
    const [, tls, rest = ""] = /^(tls(?::|$))?(.*)$/s.exec(part.trim()) ?? [];
    const isTls = tls !== undefined;
    const text = rest === "on" || rest === "" ? String(STREAM_PORTS[name]) : rest;
    const address = isTls && name === "gelf-udp" ? undefined : parseAddress(text);
    if (address !== undefined) addresses.push({ ...address, isTls });
    else {
      diagnostics.push({
        severity: "error",
        code: "address-invalid",
        message: `"${part}" is no address`,
        at: { file: `--${name}` },
        hint: "Give PORT, HOST:PORT or [IPV6]:PORT, several separated by commas; with tls: before it, it speaks TLS.",
      });
    }
  }
  return addresses;
}

function readProxies({ flags, environment, diagnostics }: Reading): readonly string[] {
  const networks = (flags.proxyFrom ?? environment["TYTO_PROXY_FROM"] ?? "")
    .split(",")
    .map((text) => text.trim())
    .filter((text) => text !== "");
  return networks.filter((network) => {
    if (isNetwork(network)) return true;
    diagnostics.push({
      severity: "error",
      code: "network-invalid",
      message: `"${network}" is no network`,
      at: { file: "--proxy-from" },
      hint: "Give the proxies' addresses or networks, such as 10.0.0.7 or 10.0.0.0/8, separated by commas.",
    });
    return false;
  });
}

function refuseMissingCertificate(streams: StreamsConfig, { diagnostics }: Reading): void {
  if (streams.tls !== undefined) return;
  const isTls = (addresses: readonly StreamAddress[]): boolean => addresses.some((one) => one.isTls);
  const wants: readonly (readonly [string, boolean])[] = [
    ["--http-tls", streams.isHttpTls],
    ["--ingest-tls", streams.isIngestTls],
    ["--syslog-tls", isTls(streams.syslogTls)],
    ["--relp", isTls(streams.relp)],
    ["--gelf-tcp", isTls(streams.gelfTcp)],
    ["--lumberjack", isTls(streams.lumberjack)],
    ["--fluent", isTls(streams.fluent)],
  ];
  for (const [flag, isWanted] of wants) {
    if (!isWanted) continue;
    diagnostics.push({
      severity: "error",
      code: "tls-incomplete",
      message: "TLS needs a certificate and its key",
      at: { file: flag },
      hint: "Give --tls-cert and --tls-key.",
    });
  }
}

const twinOf = (name: string): string => `TYTO_${name.toUpperCase().replaceAll("-", "_")}`;

function isEmpty(text: string | undefined): text is undefined | "" {
  return text === undefined || text === "";
}

export function isOn(text: string | undefined): boolean {
  return text !== undefined && text !== "" && text !== "0" && text.toLowerCase() !== "false";
}
