import { describe, expect, it } from "vitest";
import { parseAddress } from "./address.ts";
import { readConfig } from "./config.ts";

const base = { flags: {}, environment: {}, workingDirectory: "/work", packDirectory: "/packs" };

describe("the configuration", () => {
  it("listens on loopback alone when nothing is said", () => {
    const outcome = readConfig(base);
    expect(outcome).toMatchObject({
      ok: true,
      config: {
        dataDirectory: "/work/data",
        http: { host: "127.0.0.1", port: 8080 },
        ingest: { host: "127.0.0.1", port: 8081 },
        syslogUdp: { host: "127.0.0.1", port: 5514 },
        syslogTcp: { host: "127.0.0.1", port: 5514 },
        isDemo: false,
      },
    });
  });

  it("prefers a flag to its environment twin", () => {
    const outcome = readConfig({
      ...base,
      flags: { http: "0.0.0.0:80" },
      environment: { TYTO_HTTP: "9000", TYTO_SYSLOG_UDP: "10514", TYTO_DEMO: "1" },
    });
    expect(outcome).toMatchObject({
      ok: true,
      config: { http: { host: "0.0.0.0", port: 80 }, syslogUdp: { port: 10_514 }, isDemo: true },
    });
  });

  it("names every wrong value at once", () => {
    const outcome = readConfig({
      ...base,
      flags: { http: "here", syslogTcp: "70000" },
      environment: { TYTO_LOG_LEVEL: "loud", TYTO_ENGINE_MEMORY_MB: "much" },
    });
    expect(outcome.ok ? [] : outcome.diagnostics.map((one) => one.at.file).sort()).toEqual([
      "--http",
      "--syslog-tcp",
      "TYTO_ENGINE_MEMORY_MB",
      "TYTO_LOG_LEVEL",
    ]);
  });

  it("finds what enrichment reads from the working directory on, and takes networks apart", () => {
    const outcome = readConfig({
      ...base,
      flags: { geo: "city.mmdb" },
      environment: {
        TYTO_ASN: "/srv/asn.mmdb",
        TYTO_INTERNAL_NETWORKS: "10.0.0.0/8, 2001:db8::/32,192.0.2.1",
      },
    });
    expect(outcome.ok && outcome.config.enrichment).toEqual({
      geo: "/work/city.mmdb",
      asn: "/srv/asn.mmdb",
      internalNetworks: ["10.0.0.0/8", "2001:db8::/32", "192.0.2.1"],
    });
    expect(readConfig(base)).toMatchObject({ ok: true, config: { enrichment: {} } });
  });

  it.each(["10.0.0.0/33", "10.0.0/8", "::/129", "10.0.0.0/8/8", "inside", "10.0.0.0/"])(
    "takes %s for no network",
    (internalNetworks) => {
      expect(readConfig({ ...base, flags: { internalNetworks } })).toMatchObject({
        ok: false,
        diagnostics: [{ code: "network-invalid" }],
      });
    },
  );

  it.each([
    ["8080", { host: "127.0.0.1", port: 8080 }],
    ["example.com:1", { host: "example.com", port: 1 }],
    ["[::1]:443", { host: "::1", port: 443 }],
    ["::1:443", undefined],
    ["host:", undefined],
    ["a b:1", undefined],
  ])("reads the address %s", (text, expected) => {
    expect(parseAddress(text)).toEqual(expected);
  });
});
