import { describe, expect, it } from "vitest";
import { differenceOf } from "./balance.ts";
import { clockInWords } from "./clock.ts";
import { hexLines } from "./hex-lines.ts";
import { parseSourcesSearch } from "./sources-url.ts";
import { connectSnippets, endpointOf } from "./connect-snippets.ts";

describe("addresses to connect to", () => {
  it.each([
    ["127.0.0.1:5514", { host: "127.0.0.1", port: "5514" }],
    ["0.0.0.0:5514", { host: "siem.example.com", port: "5514" }],
    ["[::]:5514", { host: "siem.example.com", port: "5514" }],
    ["[::1]:443", { host: "::1", port: "443" }],
    ["http://127.0.0.1:8081", { host: "127.0.0.1", port: "8081" }],
    ["nothing", undefined],
  ])("%s", (address, expected) => {
    expect(endpointOf(address, "siem.example.com")).toEqual(expected);
  });

  it("offers only what is open", () => {
    const all = connectSnippets(
      [
        { input: "syslog-udp", address: "0.0.0.0:5514" },
        { input: "syslog-tcp", address: "0.0.0.0:5514" },
        { input: "http", address: "[::1]:8081" },
      ],
      "siem.example.com",
    );
    expect(all.map((snippet) => snippet.title)).toEqual(["rsyslog", "logger", "curl"]);
    expect(all[0]?.text).toContain('target="siem.example.com" port="5514"');
    expect(all[2]?.text).toContain("http://[::1]:8081/api/v1/ingest");
    const both = [
      { input: "http", address: "0.0.0.0:8080" },
      { input: "ingest", address: "0.0.0.0:8081" },
    ];
    expect(connectSnippets(both, "h")[0]?.text).toContain("http://h:8081/api/v1/ingest");
    expect(connectSnippets([{ input: "syslog-udp", address: "0.0.0.0:5514" }], "h")).toHaveLength(1);
    expect(connectSnippets([], "h")).toEqual([]);
  });

  it("offers stream protocols that are open, and takes none for syslog", () => {
    const inputs = ["gelf-udp", "gelf-tcp", "syslog-tls", "relp", "relp-2", "lumberjack", "fluent"];
    const all = connectSnippets(
      inputs.map((input, i) => ({ input, address: `0.0.0.0:${7000 + i}` })),
      "siem.example.com",
    );
    expect(all.map(({ title }) => title)).toEqual([
      "rsyslog over TLS",
      "rsyslog over RELP",
      "Beats, Elastic Agent",
      "Fluent Bit",
      "Docker over GELF",
    ]);
    expect(all[1]?.text).toContain('target="siem.example.com" port="7003"');
  });
});

describe("a source's clock", () => {
  it.each([
    [null, "–"],
    [900, "in time"],
    [-4_999, "in time"],
    [90_000, "1 min behind"],
    [-7_200_000, "2 h ahead"],
  ])("of %s ms", (delayMs, words) => {
    expect(clockInWords(delayMs)).toBe(words);
  });
});

describe("the books", () => {
  it("balance to nothing", () => {
    expect(differenceOf({ received: 10, stored: 5, filtered: 2, quarantined: 1, queued: 2 })).toBe(0);
    expect(differenceOf({ received: 10, stored: 5, filtered: 2, quarantined: 1, queued: 1 })).toBe(1);
  });
});

describe("bytes in hexadecimal", () => {
  it("stand beside what is text of them, sixteen a line", () => {
    expect(hexLines("ff00")).toBe("00000000  ff 00                                            ··");
    const lines = hexLines("41".repeat(17)).split("\n");
    expect(lines[0]).toBe(`00000000  ${"41 ".repeat(16).trimEnd()}  ${"A".repeat(16)}`);
    expect(lines[1]).toMatch(/^00000010 {2}41 {47}A$/);
    expect(hexLines("")).toBe("");
  });
});

describe("the page's address", () => {
  it("keeps the tab and the reason, and nothing that is none", () => {
    expect(parseSourcesSearch({ tab: "quarantine", reason: "bad-frame", x: 1 })).toEqual({
      tab: "quarantine",
      reason: "bad-frame",
    });
    expect(parseSourcesSearch({ tab: "nowhere" })).toEqual({});
  });
});
