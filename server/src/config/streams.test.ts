import { describe, expect, it } from "vitest";
import { readConfig } from "./config.ts";
import type { ConfigFlags } from "./config.ts";
import type { StreamsConfig } from "./streams.ts";

const base = { workingDirectory: "/work", packDirectory: "/packs" };

function read(flags: ConfigFlags, environment: Readonly<Record<string, string>> = {}) {
  return readConfig({ ...base, flags, environment });
}

function streams(flags: ConfigFlags, environment: Readonly<Record<string, string>> = {}): StreamsConfig {
  const outcome = read(flags, environment);
  if (!outcome.ok) throw new Error(outcome.diagnostics.map(({ message }) => message).join("; "));
  return outcome.config.streams;
}

const CERT = { tlsCert: "tls/cert.pem", tlsKey: "/etc/key.pem" };

describe("shippers' stream protocols in the configuration", () => {
  it("are all off when nothing is said", () => {
    expect(streams({})).toEqual({
      isHttpTls: false,
      isIngestTls: false,
      proxies: [],
      syslogTls: [],
      relp: [],
      gelfUdp: [],
      gelfTcp: [],
      lumberjack: [],
      fluent: [],
    });
  });

  it("listen on the protocol's own port when a flag has no value, on loopback", () => {
    const { relp, gelfUdp, gelfTcp, lumberjack, fluent, syslogTls } = streams({
      ...CERT,
      relp: true,
      gelfUdp: true,
      gelfTcp: true,
      lumberjack: true,
      fluent: true,
      syslogTls: true,
    });
    const ports = [syslogTls, relp, gelfUdp, gelfTcp, lumberjack, fluent].map((list) => list[0]?.port);
    expect(ports).toEqual([6514, 2514, 12_201, 12_201, 5044, 24_224]);
    expect(relp).toEqual([{ host: "127.0.0.1", port: 2514, isTls: false }]);
    expect(syslogTls[0]?.isTls).toBe(true);
  });

  it("listen at several addresses, in the clear and over TLS", () => {
    expect(streams({ ...CERT }, { TYTO_RELP: "2514, tls:0.0.0.0:2515,tls" }).relp).toEqual([
      { host: "127.0.0.1", port: 2514, isTls: false },
      { host: "0.0.0.0", port: 2515, isTls: true },
      { host: "127.0.0.1", port: 2514, isTls: true },
    ]);
  });

  it("find certificate, key and authorities from the working directory on", () => {
    expect(
      streams({ ...CERT, httpTls: true, tlsClientRequired: true }, { TYTO_TLS_CLIENT_CA: "ca.pem" }),
    ).toMatchObject({
      isHttpTls: true,
      tls: {
        certFile: "/work/tls/cert.pem",
        keyFile: "/etc/key.pem",
        clientCaFile: "/work/ca.pem",
        isClientCertificateRequired: true,
      },
    });
  });

  it.each<[string, ConfigFlags, readonly string[]]>([
    [
      "TLS without a certificate",
      { syslogTls: "6514", fluent: "tls:24224", ingestTls: true },
      ["--ingest-tls", "--syslog-tls", "--fluent"],
    ],
    ["a certificate without its key", { tlsCert: "cert.pem" }, ["--tls-key"]],
    [
      "certificates asked for that nobody can check",
      { ...CERT, tlsClientRequired: true },
      ["--tls-client-required"],
    ],
    [
      "an address that is none",
      { ...CERT, relp: "2514,tls:here", gelfUdp: "tls:12201" },
      ["--relp", "--gelf-udp"],
    ],
    ["a proxy that is no network", { proxyFrom: "10.0.0.0/8,office" }, ["--proxy-from"]],
  ])("refuse %s", (_what, flags, expected) => {
    const outcome = read(flags);
    expect(outcome.ok ? [] : outcome.diagnostics.map((one) => one.at.file)).toEqual(expected);
  });
});
