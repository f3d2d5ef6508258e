import { micros, sequence, sourceId } from "@tyto/domain";
import type { MaskedCounts, RawBatch } from "@tyto/domain";
import { describe, expect, it } from "vitest";
import { maskSecrets } from "./mask-secrets.ts";
import { MaskingSink } from "./masking-sink.ts";

function masked(text: string, isKeyOpen = false): string {
  return Buffer.from(maskSecrets(Buffer.from(text), isKeyOpen).bytes).toString();
}

function counted(text: string): MaskedCounts {
  return maskSecrets(Buffer.from(text)).counts;
}

/** Made of pieces, so that no scanner takes this file for a leak. */
const join = (...pieces: readonly string[]): string => pieces.join("");
const AWS = join("AKIA", "IOSFODNN7EXAMPLE");
const GITHUB = join("ghp", "_", "a".repeat(20), "0".repeat(16));
const SLACK = join("xoxb", "-", "123456789012-abcdefghij");
const JWT = join("eyJ", "hbGciOiJIUzI1NiJ9", ".eyJ", "zdWIiOiIxMjM0NSJ9", ".dozjgNryP4J3jVmNHl0w5N");
const KEY = (body: string): string =>
  join("-----BEGIN RSA PRIVATE ", "KEY-----", body, "-----END RSA PRIVATE ", "KEY-----");

describe("card numbers", () => {
  it.each([
    ["paid with 4111111111111111 today", "paid with 411111******1111 today"],
    ["paid with 4111 1111 1111 1111, ok", "paid with 4111 11** **** 1111, ok"],
    ["pan=4111-1111-1111-1111&x=1", "pan=4111-11**-****-1111&x=1"],
    ["amex 378282246310005.", "amex 378282*****0005."],
    ["amex 3782 822463 10005", "amex 3782 82**** *0005"],
    ["mc 5555555555554444", "mc 555555******4444"],
    ["mc2 2223003122003222", "mc2 222300******3222"],
    ["jcb 3530111333300000", "jcb 353011******0000"],
    ["discover 6011111111111117", "discover 601111*******1117".replace("*******", "******")],
    ["visa13 4222222222222", "visa13 422222***2222"],
    ["10.0.0.5 4111 1111 1111 1111", "10.0.0.5 4111 11** **** 1111"],
    ["txn-4111111111111111", "txn-411111******1111"],
    // A number of JSON stays one.
    ['{"card":4111111111111111,"ok":true}', '{"card":4111110000001111,"ok":true}'],
    ['{"card": 4111111111111111 }', '{"card": 4111110000001111 }'],
    ['{"card":"4111111111111111"}', '{"card":"411111******1111"}'],
  ])("%s", (text, expected) => {
    expect(masked(text)).toBe(expected);
    expect(counted(text)).toEqual({ "card-number": 1 });
  });

  it.each([
    // Check digit, issuer, length.
    "order 4111111111111112",
    "order 1234567812345670",
    "order 41111111111111",
    "too long 41111111111111111111111",
    // Microseconds, nanoseconds, identifiers.
    "at 1700000000000000",
    "at 1700000000000000001",
    "trace a4111111111111111",
    "trace 4111111111111111f",
    "trace _4111111111111111",
    "fraction 0.4111111111111111",
    "fraction 4111111111111111.25",
    // Columns of numbers.
    "4111 1111 11 1111 1111",
    "4111 1111-1111 1111",
    "4111-1111-1111-1111-22",
    "41 11 11 11 11 11 11 11",
  ])("stay what they are where they are none: %s", (text) => {
    expect(masked(text)).toBe(text);
    expect(counted(text)).toEqual({});
  });
});

describe("tokens", () => {
  it.each([
    [`key ${AWS} used`, "key AKIA**************** used"],
    [`"accessKeyId":"${AWS}"`, '"accessKeyId":"AKIA****************"'],
    [GITHUB, `ghp_${"*".repeat(36)}`],
    [`token ${SLACK}.`, `token xoxb-${"*".repeat(SLACK.length - 5)}.`],
    [`jwt ${JWT}`, `jwt eyJ${"*".repeat(17)}.${"*".repeat(20)}.${"*".repeat(22)}`],
    ["Authorization: Bearer abcdef0123456789xyz", "Authorization: Bearer ********"],
    ['"authorization":"Basic dXNlcjpwYXNz"', '"authorization":"Basic ********"'],
    ["curl -H 'authorization: bearer zz'", "curl -H 'authorization: bearer zz'"],
    ["GET /x?api_key=abc123&y=2 HTTP/1.1", "GET /x?api_key=********&y=2 HTTP/1.1"],
    ["X-Api-Key: 0123456789abcdef", "X-Api-Key: ********"],
    ['{"client_secret":"s3cr\\"et","n":1}', '{"client_secret":"********","n":1}'],
    ["aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPx", "aws_secret_access_key = ********"],
    ["session token=abc; path=/", "session token=********; path=/"],
  ])("%s", (text, expected) => {
    expect(masked(text)).toBe(expected);
  });

  it.each([
    "Invalid token: try again",
    "TokenElevationType=%%1936",
    "AKIA is a prefix, AKIAIOSFODNN7EXAMPLEX a word",
    "bearer of bad news, basic training",
    '{"secret":{"secretName":"db"}}',
    '{"token":null,"secret":""}',
    "eyJ.eyJ.x",
    "nextToken: ",
  ])("stay what they are where they are none: %s", (text) => {
    expect(masked(text)).toBe(text);
  });
});

describe("passwords", () => {
  it.each([
    ["login user=bob password=hunter2 ok", "login user=bob password=******** ok"],
    ["password: hunter2", "password: ********"],
    ["PASSWORD = 'hun ter2'", "PASSWORD = '********'"],
    ['{"db.password":"hunter2","user":"bob"}', '{"db.password":"********","user":"bob"}'],
    ['{"m":"{\\"password\\":\\"hunter2\\"}"}', '{"m":"{\\"password\\":\\"********\\"}"}'],
    ['{"m":"password=hunter2\\nnext"}', '{"m":"password=********\\nnext"}'],
    ["mysql --password hunter2 -e x", "mysql --password ******** -e x"],
    ["mysql --password=hunter2", "mysql --password=********"],
    ["Server=db;Password=hunter2;Trusted=no", "Server=db;Password=********;Trusted=no"],
    ["<password>hunter2</password>", "<password>********</password>"],
    ["body=user%3Dbob%26password%3Dhunter2%26x%3D1", "body=user%3Dbob%26password%3D********%26x%3D1"],
    ["'password' => 'hunter2'", "'password' => '********'"],
    ["postgres://bob:hunter2@db:5432/x", "postgres://bob:********@db:5432/x"],
    ["passwd=P@ss(w{or|d", "passwd=********"],
    ['password="never closed', 'password="******** closed'],
    ["user_pwd=abc", "user_pwd=********"],
    ["pass=abc pass=def", "pass=******** pass=********"],
  ])("%s", (text, expected) => {
    expect(masked(text)).toBe(expected);
  });

  it.each([
    // What rules and packs read.
    "Failed password for root from 192.0.2.1 port 22 ssh2",
    "Access denied for user 'root'@'localhost' (using password: YES)",
    "bob : TTY=pts/0 ; PWD=/home/bob ; USER=root ; COMMAND=/bin/ls",
    "%admin ALL=(ALL) NOPASSWD: ALL",
    "cat: /etc/passwd: Permission denied",
    "PasswordLastSet: 1/1/2026",
    "password=******** password=xxxxxxxx password=<redacted> password=",
    "https://example.com:8080/a@b http://[::1]:80/",
  ])("stay what they are where they are none: %s", (text) => {
    expect(masked(text)).toBe(text);
    expect(counted(text)).toEqual({});
  });
});

describe("private keys", () => {
  it("lose their body and keep their lines, escaped ones too", () => {
    expect(masked(`k ${KEY("\nMIIE\nabc=\n")} x`)).toBe(`k ${KEY("\n****\n****\n")} x`);
    expect(masked(`{"k":"${KEY("\\nMIIE\\n")}"}`)).toBe(`{"k":"${KEY("\\n****\\n")}"}`);
    expect(counted(KEY("\nMIIE\n"))).toEqual({ "private-key": 1 });
  });

  it("are masked to the end where they do not end, and certificates and public keys stay", () => {
    expect(masked(join("x -----BEGIN PRIVATE ", "KEY-----MIIE"))).toBe(
      join("x -----BEGIN PRIVATE ", "KEY-----****"),
    );
    const certificate = "-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----";
    expect(masked(certificate)).toBe(certificate);
  });
});

describe("any record", () => {
  it("comes out as the same bytes when there is nothing to mask", () => {
    const record = Buffer.from("Jan  1 00:00:00 web-1 sshd[1]: Accepted publickey for bob");
    expect(maskSecrets(record).bytes).toBe(record);
  });

  it("keeps the bytes around a mask, whatever they are", () => {
    const record = Buffer.concat([
      Buffer.from([0xff, 0x00, 0xc3]),
      Buffer.from("é password=hunter2 "),
      Buffer.from([0x80]),
    ]);
    const expected = Buffer.concat([
      Buffer.from([0xff, 0x00, 0xc3]),
      Buffer.from("é password=******** "),
      Buffer.from([0x80]),
    ]);
    expect(Buffer.from(maskSecrets(record).bytes)).toEqual(expected);
  });

  it("masked twice is what it was masked once", () => {
    for (const text of [AWS, GITHUB, JWT, KEY("\nMII\n"), "password=abc", "4111111111111111", "a://b:c@d"])
      expect(masked(masked(text)), text).toBe(masked(text));
  });

  it.each([
    ["dashes", "-"],
    ["keys that begin", "-----BEGIN PRIVATE KEY-----"],
    ["names", "password="],
    ["open quotation marks", "password='"],
    ["escaped quotation marks", '\\"password\\":\\"'],
    ["addresses", "http://a:"],
    ["digits", "4"],
    ["groups of digits", "4111 "],
    ["schemes", "Bearer "],
    ["names of one letter", "a.b-"],
    ["backslashes", "\\"],
    ["tokens", "eyJaaaaaaaaa.eyJaaaaaaaa."],
  ])("takes time in proportion to its length, of nothing but %s", (_, piece) => {
    const cost = (length: number): number => {
      const record = Buffer.from(piece.repeat(length / piece.length));
      let best = Infinity;
      for (let round = 0; round < 3; round += 1) {
        // Processor time: the machine may be busy with other things.
        const before = process.cpuUsage();
        maskSecrets(record);
        best = Math.min(best, process.cpuUsage(before).user / 1_000);
      }
      return best;
    };
    cost(200_000);
    // Sixteen times the length: squared it would be 256 times the time.
    expect(cost(1_600_000)).toBeLessThan(160 * Math.max(cost(100_000), 1));
  });
});

describe("the sink", () => {
  const SOURCE = sourceId("00000000000000aa");
  const OTHER = sourceId("00000000000000bb");
  const batchOf = (source: typeof SOURCE, ...texts: readonly string[]): RawBatch => ({
    source,
    receivedAt: micros(1),
    identity: { kind: "journal" },
    records: texts.map((text) => Buffer.from(text)),
  });

  function sinkOf() {
    const got: RawBatch[] = [];
    const sink = new MaskingSink({
      sink: {
        append: (batch) => {
          got.push(batch);
          return Promise.resolve({ first: sequence(1), count: batch.records.length });
        },
      },
      isMasked: (source) => source === SOURCE,
    });
    return {
      sink,
      got,
      texts: () => got.flatMap(({ records }) => records.map((one) => Buffer.from(one).toString())),
    };
  }

  it("masks the sources that are masked, counts by kind, and leaves the others alone", async () => {
    const { sink, got, texts } = sinkOf();
    await sink.append(batchOf(SOURCE, "password=a", "plain", "password=b 4111111111111111"));
    await sink.append(batchOf(OTHER, "password=a"));
    await sink.append(batchOf(SOURCE, "plain"));
    expect(texts()).toEqual([
      "password=********",
      "plain",
      "password=******** 411111******1111",
      "password=a",
      "plain",
    ]);
    expect(got.map(({ masked: counts }) => counts)).toEqual([
      { password: 2, "card-number": 1 },
      undefined,
      undefined,
    ]);
  });

  it("masks a key whose lines come as records of their own, over batches, and nothing behind it", async () => {
    const { sink, texts } = sinkOf();
    const lines = KEY("\nMIIEow\nIBAAKC\n").split("\n");
    await sink.append(batchOf(SOURCE, ...lines.slice(0, 2)));
    await sink.append(batchOf(SOURCE, ...lines.slice(2), "abcd"));
    expect(texts()).toEqual([lines[0], "******", "******", lines[3], "abcd"]);
    await sink.append(batchOf(SOURCE, lines[0] ?? "", "Jan 1 sshd: hello", "abcd"));
    expect(texts().slice(-2)).toEqual(["Jan 1 sshd: hello", "abcd"]);
  });
});
