import type { FieldValue } from "@tyto/domain";
import { describe, expect, it } from "vitest";
import { BoundedCache } from "./bounded-cache.ts";
import { communityId } from "./community-id.ts";
import { createEnrichment } from "./enrichment.ts";
import type { EnrichmentOptions } from "./enrichment.ts";

type Given = Readonly<Record<string, FieldValue>>;

/** What enrichment adds or changes; the related lists have tests of their own in the golden cases. */
function added(given: Given, options: EnrichmentOptions = {}): Given {
  const fields = new Map(Object.entries(given));
  createEnrichment(options)(fields);
  return Object.fromEntries(
    [...fields].filter(([name, value]) => given[name] !== value && !name.startsWith("related.")),
  );
}

interface Row {
  readonly what: string;
  readonly given: Given;
  readonly then: Given;
  readonly options?: EnrichmentOptions;
}

function rows(name: string, table: readonly Row[]): void {
  describe(name, () => {
    it.each(table.map((row) => [row.what, row] as const))("%s", (_what, { given, then, options }) => {
      expect(added(given, options)).toEqual(then);
    });
  });
}

rows("of a URL", [
  {
    what: "splits an absolute one, decodes nothing and leaves the password out",
    given: { "url.original": "HTTPS://bob:secret@www.Example.co.uk:8443/a%20b/x.tar.gz?q=1&r#top" },
    then: {
      "url.full": "HTTPS://bob:secret@www.Example.co.uk:8443/a%20b/x.tar.gz?q=1&r#top",
      "url.scheme": "https",
      "url.username": "bob",
      "url.domain": "www.Example.co.uk",
      "url.port": 8443,
      "url.path": "/a%20b/x.tar.gz",
      "url.extension": "gz",
      "url.query": "q=1&r",
      "url.fragment": "top",
      "url.registered_domain": "example.co.uk",
      "url.top_level_domain": "co.uk",
      "url.subdomain": "www",
    },
  },
  {
    what: "takes a path for a path",
    given: { "url.original": "/login.php?next=/" },
    then: { "url.path": "/login.php", "url.query": "next=/", "url.extension": "php" },
  },
  {
    what: "keeps the brackets of an IPv6 address, as ECS asks",
    given: { "url.full": "http://[2001:db8::1]:8080/" },
    then: { "url.scheme": "http", "url.domain": "[2001:db8::1]", "url.port": 8080, "url.path": "/" },
  },
  {
    what: "knows the host in front of a path by its public suffix",
    given: { "url.original": "cdn.example.com/a.exe" },
    then: {
      "url.domain": "cdn.example.com",
      "url.path": "/a.exe",
      "url.extension": "exe",
      "url.registered_domain": "example.com",
      "url.top_level_domain": "com",
      "url.subdomain": "cdn",
    },
  },
  {
    what: "reads the authority of a CONNECT request",
    given: { "url.original": "198.51.100.7:443" },
    then: { "url.domain": "198.51.100.7", "url.port": 443 },
  },
  { what: "makes nothing of a bare name", given: { "url.original": "index.html" }, then: {} },
  { what: "makes nothing of a relative path", given: { "url.original": "index.html/x" }, then: {} },
  {
    what: "makes no domain of what no host can be called",
    given: { "url.original": "http://www.example.com:80-/" },
    then: { "url.full": "http://www.example.com:80-/", "url.scheme": "http", "url.path": "/" },
  },
  {
    what: "overwrites nothing that a pack wrote",
    given: {
      "url.original": "http://a.example.com/x",
      "url.domain": "pack",
      "url.full": "",
      "url.path": "/y",
    },
    then: { "url.full": "http://a.example.com/x", "url.scheme": "http" },
  },
  {
    what: "knows hidden files and versions from extensions",
    given: { "url.path": "/home/.profile" },
    then: {},
  },
]);

rows("of names", [
  {
    what: "takes questions apart, private suffixes included",
    given: { "dns.question.name": "a.b.github.io" },
    then: {
      "dns.question.registered_domain": "github.io",
      "dns.question.top_level_domain": "io",
      "dns.question.subdomain": "a.b",
    },
  },
  {
    what: "takes names of services apart",
    given: { "dns.question.name": "_ldap._tcp.dc.example.org." },
    then: {
      "dns.question.registered_domain": "example.org",
      "dns.question.top_level_domain": "org",
      "dns.question.subdomain": "_ldap._tcp.dc",
    },
  },
  {
    what: "leaves names that nobody can register",
    given: { "dns.question.name": "srv.local", "url.domain": "192.0.2.1" },
    then: {},
  },
  {
    what: "copies an address to what it is, and back",
    given: { "source.address": "192.0.2.1", "destination.address": "srv1", "client.ip": "192.0.2.9" },
    then: { "source.ip": "192.0.2.1", "destination.domain": "srv1", "client.address": "192.0.2.9" },
  },
  { what: "takes a bad address for no name", given: { "source.address": "10.900.0.1" }, then: {} },
]);

rows("of a user agent", [
  {
    what: "names browser and system",
    given: {
      "user_agent.original":
        "Mozilla/5.0 (iPhone; CPU iPhone OS 16_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.5 Mobile/15E148 Safari/604.1",
    },
    then: {
      "user_agent.name": "Safari",
      "user_agent.version": "16.5",
      "user_agent.device.name": "iPhone",
      "user_agent.os.name": "iOS",
      "user_agent.os.version": "16.5",
      "user_agent.os.full": "iOS 16.5",
    },
  },
  {
    what: "names Windows by what people call it",
    given: {
      "user_agent.original":
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36",
    },
    then: {
      "user_agent.name": "Chrome",
      "user_agent.version": "120.0.0.0",
      "user_agent.os.name": "Windows",
      "user_agent.os.version": "10",
      "user_agent.os.full": "Windows 10",
    },
  },
  {
    what: "takes a tool's word for what it is",
    given: { "user_agent.original": "curl/8.5.0" },
    then: { "user_agent.name": "curl", "user_agent.version": "8.5.0" },
  },
  { what: "makes nothing of a dash", given: { "user_agent.original": "-" }, then: {} },
  {
    what: "does not search a text that no agent sends",
    given: { "user_agent.original": `Mozilla/5.0 ${"(Windows ".repeat(1_000)}` },
    then: {},
  },
]);

const ENDS = { "source.ip": "192.0.2.1", "destination.ip": "198.51.100.1" };
const ADDRESSES = { "source.address": "192.0.2.1", "destination.address": "198.51.100.1" };

rows("of a connection", [
  {
    what: "derives number, version and community id",
    given: {
      "source.ip": "1.2.3.4",
      "source.port": 1122,
      "destination.ip": "5.6.7.8",
      "destination.port": 3344,
      "network.transport": "TCP",
    },
    then: {
      "source.address": "1.2.3.4",
      "destination.address": "5.6.7.8",
      "network.transport": "tcp",
      "network.iana_number": "6",
      "network.type": "ipv4",
      "network.community_id": "1:wCb3OG7yAFWelaUydu0D+125CLM=",
    },
  },
  {
    what: "names a protocol that stands as a number",
    given: { "network.transport": "17" },
    then: { "network.transport": "udp", "network.iana_number": "17" },
  },
  {
    what: "names a protocol from its number",
    given: { "network.iana_number": "112" },
    then: { "network.transport": "vrrp" },
  },
  {
    what: "keeps another usual name for a protocol",
    given: { "network.transport": "icmp6" },
    then: { "network.iana_number": "58" },
  },
  { what: "leaves a transport that is no protocol", given: { "network.transport": "quic" }, then: {} },
  {
    what: "adds both directions up",
    given: { "source.bytes": 100, "destination.bytes": 20, "source.packets": 3, "destination.packets": 0 },
    then: { "network.bytes": 120, "network.packets": 3 },
  },
  { what: "adds no half sum", given: { "source.bytes": 100 }, then: {} },
  {
    what: "takes ICMP's type and code from the pack's scratch fields",
    given: {
      "source.ip": "1.2.3.4",
      "destination.ip": "5.6.7.8",
      "network.iana_number": "1",
      _icmp_type: "8",
      _icmp_code: 0,
    },
    then: {
      "source.address": "1.2.3.4",
      "destination.address": "5.6.7.8",
      "network.transport": "icmp",
      "network.type": "ipv4",
      "network.community_id": "1:crodRHL2FEsHjbv3UkRrfbs4bZ0=",
    },
  },
  {
    what: "makes no community id of ICMP without its type",
    given: { ...ENDS, "network.transport": "icmp" },
    then: { ...ADDRESSES, "network.iana_number": "1", "network.type": "ipv4" },
  },
  {
    what: "makes no community id of a socket whose port is not known yet",
    given: { ...ENDS, "source.port": 0, "destination.port": 443, "network.transport": "tcp" },
    then: { ...ADDRESSES, "network.iana_number": "6", "network.type": "ipv4" },
  },
  {
    what: "gives both ids of a translated flow when the pack asks",
    given: {
      "source.ip": "192.168.1.1",
      "source.port": 40_000,
      "source.nat.ip": "1.2.3.4",
      "source.nat.port": 1122,
      "destination.ip": "5.6.7.8",
      "destination.port": 3344,
      "network.transport": "tcp",
      "network.iana_number": "6",
      "network.type": "ipv4",
      "source.address": "192.168.1.1",
      "destination.address": "5.6.7.8",
      _both_sides: true,
    },
    then: {
      "network.community_id": ["1:i6JNFT9n64K2NS9H+bvLfMi26Rw=", "1:wCb3OG7yAFWelaUydu0D+125CLM="],
    },
  },
]);

rows("of a direction", [
  {
    what: "guesses nothing where no pack asks",
    given: { "source.ip": "10.0.0.1", "destination.ip": "198.51.100.1" },
    then: { "source.address": "10.0.0.1", "destination.address": "198.51.100.1", "network.type": "ipv4" },
  },
  {
    what: "takes private addresses for the inside where a pack asks",
    given: { "source.ip": "10.0.0.1", "destination.ip": "198.51.100.1", _direction: true },
    then: {
      "source.address": "10.0.0.1",
      "destination.address": "198.51.100.1",
      "network.type": "ipv4",
      "network.direction": "outbound",
    },
  },
  ...(
    [
      ["192.0.2.1", "198.51.100.1", "outbound"],
      ["198.51.100.1", "192.0.2.1", "inbound"],
      ["192.0.2.1", "192.0.2.2", "internal"],
      ["10.0.0.1", "198.51.100.1", "external"],
    ] as const
  ).map(([source, destination, direction]) => ({
    what: `knows ${direction} by the operator's own networks`,
    given: { "source.ip": source, "destination.ip": destination },
    options: { internalNetworks: ["192.0.2.0/24", "2001:db8::/32"] },
    then: {
      "source.address": source,
      "destination.address": destination,
      "network.type": "ipv4",
      "network.direction": direction,
    },
  })),
]);

rows("of files and processes", [
  {
    what: "takes names from paths of both kinds",
    given: { "file.path": "C:\\Temp\\a.b.DLL", "process.executable": "/usr/bin/x\\y (deleted)" },
    then: { "file.name": "a.b.DLL", "file.extension": "DLL", "process.name": "x\\y" },
  },
  {
    what: "gives a folder no name",
    given: { "file.path": "/var/log/" },
    then: {},
  },
  {
    what: "takes a Windows command line apart as Windows does",
    given: {
      "process.executable": "C:\\Windows\\System32\\cmd.exe",
      "process.command_line": 'cmd  /c "echo \\"hi\\" C:\\dir\\\\" ""',
      "process.parent.command_line": '"C:\\Program Files\\a b.exe" -x',
    },
    then: {
      "process.name": "cmd.exe",
      "process.args": ["cmd", "/c", 'echo "hi" C:\\dir\\', ""],
      "process.parent.args": ["C:\\Program Files\\a b.exe", "-x"],
    },
  },
  {
    what: "knows where a path with blanks ends by the program",
    given: {
      "process.executable": "C:\\Program Files\\a.exe",
      "process.command_line": "C:\\Program Files\\a.exe -s",
    },
    then: { "process.name": "a.exe", "process.args": ["C:\\Program Files\\a.exe", "-s"] },
  },
  {
    what: "does not guess how other systems' arguments were joined",
    given: { "process.executable": "/bin/sh", "process.command_line": "sh -c echo hi" },
    then: { "process.name": "sh" },
  },
  {
    what: "does not guess where an unknown program ends",
    given: { "process.command_line": "C:\\Program Files\\a.exe -s" },
    then: {},
  },
]);

rows("of classes", [
  {
    what: "drops a type that fits no category, and says so",
    given: { "event.category": ["authentication"], "event.type": ["access", "start"] },
    then: { "event.type": ["start"], "tyto.unconverted": ["event.type"] },
  },
  {
    what: "keeps a type that fits one of several categories",
    given: { "event.category": ["authentication", "web"], "event.type": ["access"] },
    then: {},
  },
  { what: "keeps types without a category", given: { "event.type": ["access"] }, then: {} },
]);

rows("of users and spellings", [
  {
    what: "takes a down-level name apart",
    given: { "user.name": "NT AUTHORITY\\SYSTEM", "source.user.name": "EXAMPLE\\alice" },
    then: {
      "user.domain": "NT AUTHORITY",
      "user.name": "SYSTEM",
      "source.user.domain": "EXAMPLE",
      "source.user.name": "alice",
    },
  },
  {
    what: "keeps a principal's name whole",
    given: { "user.name": "alice@example.com" },
    then: { "user.domain": "example.com" },
  },
  {
    what: "names a user known by an address alone",
    given: { "user.email": "alice@example.com" },
    then: { "user.name": "alice", "user.domain": "example.com" },
  },
  {
    what: "takes no path and no host for a domain",
    given: { "user.name": "\\\\server\\share", "user.target.name": "root@localhost" },
    then: {},
  },
  {
    what: "writes hashes in lower case and hardware addresses as ECS does",
    given: {
      "file.hash.sha1": "DA39A3EE",
      "source.mac": "00:1b:44:11:3a:b7",
      "host.mac": ["001b.4411.3ab7", "none"],
    },
    then: {
      "file.hash.sha1": "da39a3ee",
      "source.mac": "00-1B-44-11-3A-B7",
      "host.mac": ["00-1B-44-11-3A-B7", "none"],
    },
  },
]);

describe("a community id", () => {
  // The vectors that the specification's implementations share.
  it.each([
    [6, "128.232.110.120", 34_855, "66.35.250.204", 80, "1:LQU9qZlK+B5F3KDmev6m5PMibrg="],
    [6, "66.35.250.204", 80, "128.232.110.120", 34_855, "1:LQU9qZlK+B5F3KDmev6m5PMibrg="],
    [17, "1.2.3.4", 1122, "5.6.7.8", 3344, "1:0Mu9InQx6z4ZiCZM/7HXi2WMhOg="],
    [17, "192.168.1.52", 54_585, "8.8.8.8", 53, "1:d/FP5EW3wiY1vCndhwleRRKHowQ="],
    [132, "192.168.170.8", 7, "192.168.170.56", 80, "1:jQgCxbku+pNGw8WPbEc/TS/uTpQ="],
    [1, "1.2.3.4", 8, "5.6.7.8", 0, "1:crodRHL2FEsHjbv3UkRrfbs4bZ0="],
    [1, "5.6.7.8", 0, "1.2.3.4", 0, "1:crodRHL2FEsHjbv3UkRrfbs4bZ0="],
    [1, "192.168.0.89", 8, "192.168.0.1", 0, "1:X0snYXpgwiv9TZtqg64sgzUn6Dk="],
    [
      58,
      "fe80:0001:0203:0405:0607:0809:0A0B:0C0D",
      128,
      "fe80:1011:1213:1415:1617:1819:1A1B:1C1D",
      0,
      "1:0bf7hyMJUwt3fMED7z8LIfRpBeo=",
    ],
  ])(
    "of protocol %d from %s:%d to %s:%d is the published one",
    (protocol, sourceIp, sourcePort, destinationIp, destinationPort, id) => {
      expect(communityId({ protocol, sourceIp, sourcePort, destinationIp, destinationPort })).toBe(id);
    },
  );

  it("needs two addresses of one family", () => {
    const ports = { protocol: 6, sourcePort: 1, destinationPort: 2 };
    expect(communityId({ ...ports, sourceIp: "1.2.3.4", destinationIp: "::1" })).toBeUndefined();
    expect(communityId({ ...ports, sourceIp: "host", destinationIp: "::1" })).toBeUndefined();
  });
});

describe("a bounded cache", () => {
  it("forgets what was not asked for, and keeps what was", () => {
    const made: string[] = [];
    const cache = new BoundedCache(
      (text) => {
        made.push(text);
        return text.length;
      },
      { size: 4, longestText: 5 },
    );
    for (const text of ["a", "b", "a", "c", "a", "d", "a", "e", "a", "b"]) cache.get(text);
    expect(made).toEqual(["a", "b", "c", "d", "e", "b"]);
    expect(cache.size).toBeLessThanOrEqual(4);
  });

  it("does not remember long texts", () => {
    const cache = new BoundedCache((text) => text.length, { size: 4, longestText: 5 });
    expect(cache.get("abcdefgh")).toBe(8);
    expect(cache.size).toBe(0);
  });
});
