import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { microsFromMilliseconds } from "@tyto/domain";
import { expect, it } from "vitest";
import { ocsfComplaints } from "../ocsf/testing/validator.ts";
import { parseCommand } from "./parse.ts";
import type { ParseOptions } from "./parse.ts";

const PACKS = fileURLToPath(new URL("../../../packs", import.meta.url));

class Collector extends Writable {
  text = "";
  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

async function parse(
  input: string | Uint8Array,
  options: Partial<ParseOptions> = {},
): Promise<{
  readonly status: number;
  readonly lines: readonly Record<string, unknown>[];
  readonly errors: string;
}> {
  const stdout = new Collector();
  const stderr = new Collector();
  const status = await parseCommand(
    {
      packFolders: [PACKS],
      files: [],
      mode: "lines",
      usesProduct: true,
      now: () => microsFromMilliseconds(Date.UTC(2026, 2, 1)),
      ...options,
    },
    { stdin: Readable.from([Buffer.from(input)]), stdout, stderr },
  );
  const lines = stdout.text.split("\n").filter((line) => line !== "");
  return {
    status,
    lines: lines.map((line) => JSON.parse(line) as Record<string, unknown>),
    errors: stderr.text,
  };
}

it("gives one flat event per line, with the line itself", async () => {
  const { status, lines } = await parse(
    "Deny TCP 192.168.1.1 → 10.0.0.5 port 22\nDeny TCP 192.168.1.1 -> 10.0.0.5 port 22",
  );
  expect(status).toBe(0);
  for (const event of lines) {
    expect(event).toMatchObject({
      action: "Deny",
      src_ip: "192.168.1.1",
      dst_ip: "10.0.0.5",
      port: "22",
      "event.action": "deny",
      "event.type": ["denied"],
      "source.ip": "192.168.1.1",
      "destination.ip": "10.0.0.5",
      "destination.port": 22,
      "network.transport": "tcp",
    });
  }
  expect(lines.map((event) => event["event.original"])).toEqual([
    "Deny TCP 192.168.1.1 → 10.0.0.5 port 22",
    "Deny TCP 192.168.1.1 -> 10.0.0.5 port 22",
  ]);
});

it("reads files, gunzips them, and lets the source choose the pack and its columns", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tyto-parse-"));
  try {
    const file = join(folder, "a.csv.gz");
    writeFileSync(file, gzipSync("27/02/2026 10:00:00,mara\n"));
    const { lines } = await parse("", {
      files: [file],
      source: "generic-csv",
      columns: ["timestamp", "user"],
      zone: "+01:00",
    });
    expect(lines).toMatchObject([{ "@timestamp": "2026-02-27T09:00:00.000Z", "user.name": "mara" }]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it("answers every case once, whatever it holds, and takes the product as the source's type", async () => {
  const cases = [
    {
      id: "a",
      product: "system",
      dataset: "auth",
      raw: "Feb 27 10:00:00 gw sshd[1]: Invalid user x from 192.0.2.1",
    },
    { id: "b", product: "nobody", dataset: "knows", raw: "\u0000\ud800 junk" },
    { id: "c", raw: "" },
    { id: 4, raw: `{"a":${"[".repeat(200)}${"]".repeat(200)}}` },
    { id: "e", raw: "2026-02-27 10:00:00 gw app[1]: x", context: { _conf: { tz_offset: "+0200" } } },
  ];
  const { status, lines, errors } = await parse(cases.map((one) => JSON.stringify(one)).join("\n"), {
    mode: "cases",
  });
  expect(lines.map((line) => line["id"])).toEqual(["a", "b", "c", 4, "e"]);
  expect(lines[0]).toMatchObject({ event: { "user.name": "x", "event.module": "linux-auth" } });
  expect(lines[3]).toMatchObject({ event: { "event.kind": "pipeline_error", "error.code": "too-deep" } });
  expect(lines[4]).toMatchObject({ event: { "@timestamp": "2026-02-27T08:00:00.000Z" } });
  expect(status).toBe(1);
  expect(errors).toContain("1 of 5 records were quarantined");
});

it("says what is wrong with its options and its files", async () => {
  expect(await parse("x", { zone: "Nowhere/Land" })).toMatchObject({ status: 2, lines: [] });
  expect(await parse("x", { files: ["/does/not/exist"] })).toMatchObject({ status: 2, lines: [] });
});

it("says which file is missing after it has written what the files before it hold", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tyto-parse-"));
  try {
    const first = join(folder, "first.log");
    writeFileSync(first, "one\ntwo\n".repeat(2_000));
    const { status, errors } = await parse("", { files: [first, join(folder, "second.log")] });
    expect(status).toBe(2);
    expect(errors).toContain("second.log");
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it("leaves no listeners on a slow output", async () => {
  let most = 0;
  const stdout = new Writable({
    highWaterMark: 1,
    write(_chunk, _encoding, done) {
      most = Math.max(most, stdout.listenerCount("error"));
      setImmediate(done);
    },
  });
  const options = { packFolders: [PACKS], files: [], mode: "lines", usesProduct: true } as const;
  const now = (): ReturnType<ParseOptions["now"]> => microsFromMilliseconds(Date.UTC(2026, 2, 1));
  const stdin = Readable.from([Buffer.from("a line\n".repeat(5_000))]);
  await parseCommand({ ...options, now }, { stdin, stdout, stderr: new Collector() });
  expect(most).toBeLessThanOrEqual(1);
});

it("says what ECS forbids, once each and counted, when asked to validate", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tyto-validate-"));
  try {
    mkdirSync(join(folder, "acme-gate"));
    writeFileSync(
      join(folder, "acme-gate", "pack.yml"),
      [
        "title: Acme",
        "namespaces: [acme.gate]",
        'recognise: [{ prefix: ["ACME "], parser: main }]',
        "parsers:",
        '  main: [{ dissect: { pattern: "ACME %{source.geo.location}", otherwise: reject } }]',
      ].join("\n"),
    );
    const options = { packFolders: [folder], validates: true };
    const { status, errors } = await parse("ACME north\nACME north\nACME 48.8,2.3", options);
    expect(status).toBe(1);
    expect(errors).toBe(
      'acme-gate/main: source.geo.location: "north" is no geo_point (2)\n2 of 3 records became events that ECS forbids\n',
    );
    expect((await parse("ACME 48.8,2.3", options)).status).toBe(0);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it("writes each record as one OCSF event, a quarantined one as an error of translation", async () => {
  const nested = JSON.stringify({ id: 2, raw: `{"a":${"[".repeat(200)}${"]".repeat(200)}}` });
  const deny = JSON.stringify({ id: 1, raw: "Deny TCP 192.168.1.1 -> 10.0.0.5 port 22" });
  const { lines } = await parse(`${deny}\n${nested}\n`, { mode: "cases", schema: "ocsf" });
  expect(lines.map(({ event }) => ocsfComplaints(event))).toEqual([[], []]);
  expect(lines).toMatchObject([
    {
      id: 1,
      event: {
        class_uid: 4001,
        activity_id: 5,
        src_endpoint: { ip: "192.168.1.1" },
        dst_endpoint: { ip: "10.0.0.5", port: 22 },
        raw_data: "Deny TCP 192.168.1.1 -> 10.0.0.5 port 22",
      },
    },
    { id: 2, event: { type_uid: 600802, unmapped: { "error.message": expect.any(String) as string } } },
  ]);
});
