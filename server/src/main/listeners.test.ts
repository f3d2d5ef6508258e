import { describe, expect, it } from "vitest";
import { isTlsAt } from "./listeners.ts";

const at = (port: number, isTls: boolean) => ({ host: "0.0.0.0", port, isTls });
const config = {
  streams: {
    isHttpTls: false,
    isIngestTls: true,
    proxies: [],
    syslogTls: [at(6514, true)],
    relp: [at(2514, false), at(2515, true)],
    gelfUdp: [{ host: "0.0.0.0", port: 12201 }],
    gelfTcp: [at(12201, true)],
    lumberjack: [],
    fluent: [at(24224, false)],
  },
};

describe("whether a listener speaks TLS", () => {
  it.each([
    ["http", false],
    ["ingest", true],
    ["syslog-udp", false],
    ["syslog-tls", true],
    ["relp", false],
    ["relp-2", true],
    ["gelf-udp", false],
    ["gelf-tcp", true],
    ["fluent", false],
    ["lumberjack", false],
  ])("%s: %s", (name, expected) => {
    expect(isTlsAt(name, config)).toBe(expected);
  });
});
