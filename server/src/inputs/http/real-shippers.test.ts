/** Shippers as they come from their makers, where this machine has them. `docs/guides/shippers.md` says which were run. */
import { spawn, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { until } from "../testing/context.ts";
import { createElasticsearchProtocol } from "./elasticsearch/elasticsearch-protocol.ts";
import { createHecProtocol } from "./hec/hec-protocol.ts";
import { createJournaldProtocol } from "./journald/journald-protocol.ts";
import { GOOD, serveShipper, testShipper } from "./testing/shipper-fixture.ts";

const has = (program: string, flag = "--version"): boolean => spawnSync(program, [flag]).error === undefined;
const LINES = 200;
const LINE = (n: number): string =>
  `<38>Nov 20 21:31:21 office1 sshd[${n}]: Failed password for invalid user a${n} from 192.0.2.7 port 4242 ssh2\n`;

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "tyto-shipper-"));
  cleanups.push(() => rm(path, { recursive: true, force: true }));
  return path;
}

function start(program: string, args: readonly string[]): void {
  const child = spawn(program, args, { stdio: "ignore" });
  cleanups.push(() => ended(child));
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await exit;
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(port, "127.0.0.1");
    probe.once("connect", () => {
      probe.destroy();
      resolve(true);
    });
    probe.once("error", () => resolve(false));
  });
}

/** Lines to a relay's TCP input, which sends them on in its own way. */
async function relayLines(port: number): Promise<void> {
  await until(() => accepts(port), "the relay to listen");
  const socket = connect(port, "127.0.0.1");
  for (let n = 0; n < LINES; n += 1) socket.write(LINE(n));
  socket.end();
}

const hasOmelasticsearch =
  has("rsyslogd", "-v") &&
  ["/usr/lib/x86_64-linux-gnu/rsyslog", "/usr/lib/aarch64-linux-gnu/rsyslog", "/usr/lib64/rsyslog"].some(
    (path) => existsSync(join(path, "omelasticsearch.so")),
  );

/** As `docs/guides/shippers.md` has it. */
const TEMPLATE = `template(name="tyto" type="list" option.jsonf="on") {
  property(outname="message" name="msg" format="jsonf")
  property(outname="fromhost" name="hostname" format="jsonf")
  property(outname="program" name="programname" format="jsonf")
  property(outname="procid" name="procid" format="jsonf")
  property(outname="facility" name="syslogfacility-text" format="jsonf")
  property(outname="priority" name="syslogseverity-text" format="jsonf")
  property(outname="timereported" name="timereported" dateFormat="rfc3339" format="jsonf")
}`;

describe.skipIf(!hasOmelasticsearch)("rsyslog's omelasticsearch", () => {
  it.each([
    ["its own template", "", "", {}],
    [
      "the guide's template",
      TEMPLATE,
      `template="tyto"`,
      { program: "sshd", fromhost: "office1", priority: "info" },
    ],
  ])("sends 200 lines in bulk with %s, and all arrive once", async (_name, template, use, expected) => {
    const { protocol, context } = testShipper("elasticsearch", createElasticsearchProtocol);
    const { port, requests } = await serveShipper(protocol);
    const relay = await freePort();
    const path = await folder();
    const config = join(path, "rsyslog.conf");
    await writeFile(
      config,
      `global(workDirectory="${path}")
module(load="imtcp")
module(load="omelasticsearch")
${template}
input(type="imtcp" port="${relay}" address="127.0.0.1")
action(type="omelasticsearch" server="127.0.0.1" serverport="${port}" ${use} uid="tyto" pwd="${GOOD}" searchIndex="logs" searchType="" bulkmode="on")
`,
    );
    start("rsyslogd", ["-n", "-f", config, "-i", join(path, "pid")]);
    await relayLines(relay);
    await until(() => context.sink.texts.length >= LINES, "200 documents");
    expect(context.sink.texts).toHaveLength(LINES);
    const documents = context.sink.texts.map((text) => JSON.parse(text) as { readonly message: string });
    documents.forEach(({ message }, n) => expect(message).toContain(`invalid user a${n} from`));
    expect(documents[0]).toMatchObject(expected);
    expect(requests).toContain("POST /_bulk");
  });
});

describe.skipIf(!has("syslog-ng"))("syslog-ng's http destination", () => {
  it("sends 200 events to the collector, and all arrive once", async () => {
    const { protocol, context } = testShipper("hec", (intake) =>
      createHecProtocol(intake, { allowsQueryTokens: false }),
    );
    const { port } = await serveShipper(protocol);
    const relay = await freePort();
    const path = await folder();
    const config = join(path, "syslog-ng.conf");
    await writeFile(
      config,
      `@version: 3.38
source s { network(ip("127.0.0.1") port(${relay}) transport("tcp")); };
destination d {
  http(url("http://127.0.0.1:${port}/services/collector/event")
    method("POST") batch-lines(50) batch-timeout(200) workers(2)
    user-agent("syslog-ng") user("user") password("${GOOD}")
    headers("Authorization: Splunk ${GOOD}")
    body('{"time":"$S_UNIXTIME","host":"$HOST","source":"syslog-ng","sourcetype":"linux_secure","event":$(format-json message="$MSGHDR$MSG")}'));
};
log { source(s); destination(d); };
`,
    );
    start("syslog-ng", [
      "-F",
      "--no-caps",
      "-f",
      config,
      "-R",
      join(path, "persist"),
      "--pidfile",
      join(path, "pid"),
      "-c",
      join(path, "ctl"),
    ]);
    await relayLines(relay);
    await until(() => context.sink.texts.length >= LINES, "200 events");
    const users = new Set(context.sink.texts.map((text) => /user (a\d+) /.exec(text)?.[1]));
    expect([context.sink.texts.length, users.size]).toEqual([LINES, LINES]);
  });
});

const UPLOADER = "/lib/systemd/systemd-journal-upload";
const REMOTE = "/lib/systemd/systemd-journal-remote";

describe.skipIf(!existsSync(UPLOADER) || !existsSync(REMOTE))("systemd-journal-upload", () => {
  it("uploads a journal, binary fields and all, and the same entries the same way again", async () => {
    const { protocol, context } = testShipper("journald", createJournaldProtocol);
    const { port, requests } = await serveShipper(protocol);
    const path = await folder();
    const journal = join(path, "test.journal");
    const entries = Array.from({ length: LINES }, (_, n) => exported(n));
    spawnSync(REMOTE, ["-o", journal, "--split-mode=none", "-"], { input: Buffer.concat(entries) });
    // It stays and waits for more, as it does on a server.
    const upload = async (): Promise<void> => {
      const child = spawn(UPLOADER, ["-u", `http://tyto:${GOOD}@127.0.0.1:${port}`, "--file", journal], {
        stdio: "ignore",
      });
      cleanups.push(() => ended(child));
      await until(() => context.sink.texts.length >= LINES, "200 entries");
      await ended(child);
    };
    await upload();
    expect(context.sink.texts).toHaveLength(LINES);
    context.sink.texts.forEach((text, n) => {
      const message = n % 2 === 0 ? `Failed password for a${n}` : [...Buffer.from(`a${n}\nb\xff`, "latin1")];
      expect(JSON.parse(text)).toMatchObject({ MESSAGE: message, _HOSTNAME: "office1" });
    });
    const places = (): readonly string[] =>
      context.sink.batches
        .splice(0)
        .flatMap(({ identity }) =>
          identity.kind === "object"
            ? identity.ordinals.map((ordinal) => `${identity.origin} ${ordinal}`)
            : [],
        );
    const first = places();
    expect(new Set(first).size).toBe(LINES);
    await upload();
    expect(places()).toEqual(first);
    expect(new Set(requests)).toEqual(new Set(["POST /upload"]));
  });

  /** An entry in the Journal Export Format; every other message is no text. */
  function exported(n: number): Buffer {
    const bytes = Buffer.from(`a${n}\nb\xff`, "latin1");
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(bytes.length));
    const message =
      n % 2 === 0
        ? Buffer.from(`MESSAGE=Failed password for a${n}\n`)
        : Buffer.concat([Buffer.from("MESSAGE\n"), length, bytes, Buffer.from("\n")]);
    const boot = "4b1d3c5e7f9a4b1d8c5e7f9a4b1d8c5e";
    const head = `__REALTIME_TIMESTAMP=${1772186400000000 + n}\n__MONOTONIC_TIMESTAMP=${1000 + n}\n_BOOT_ID=${boot}\n_HOSTNAME=office1\nSYSLOG_IDENTIFIER=sshd\n`;
    return Buffer.concat([Buffer.from(head), message, Buffer.from("\n")]);
  }
});

describe.skipIf(!has("curl"))("curl", () => {
  it("posts what Splunk's manual shows", async () => {
    const { protocol, context } = testShipper("hec", (intake) =>
      createHecProtocol(intake, { allowsQueryTokens: false }),
    );
    const { port } = await serveShipper(protocol);
    const args = [
      "-s",
      `http://127.0.0.1:${port}/services/collector/event`,
      "-H",
      `Authorization: Splunk ${GOOD}`,
      "-d",
      `{"event":"hello","sourcetype":"manual"}`,
    ];
    const child = spawn("curl", args);
    const chunks: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    await new Promise((resolve) => child.once("exit", resolve));
    expect(Buffer.concat(chunks).toString()).toBe(`{"text":"Success","code":0}`);
    expect(context.sink.texts).toEqual([`{"event":"hello","sourcetype":"manual"}`]);
  });
});
