/** Real senders, started here where the machine has them. What each was seen to do is in `docs/guides/shippers-streams.md`. */
import { spawn } from "node:child_process";
import { connect } from "node:net";
import { join } from "node:path";
import { EventTime, FluentClient } from "@fluent-org/logger";
import { describe, expect, it } from "vitest";
import { fluent } from "../fluent/fluent.ts";
import { gelfTcp, gelfUdp } from "../gelf/gelf.ts";
import type { Input } from "../ports.ts";
import { relp } from "../relp/relp.ts";
import { syslogTls } from "../syslog/tcp.ts";
import { certificate, TestIdentity } from "../testing/certificates.ts";
import { testContext, until } from "../testing/context.ts";
import type { MemorySink } from "../testing/context.ts";
import {
  afterTest,
  endProgramsAfterEach,
  folderWith,
  freePort,
  has,
  hasRsyslogModule,
  run,
} from "../testing/programs.ts";

endProgramsAfterEach();

const authority = certificate("Test authority");
const client = certificate("office-1", authority);
const identity = (isRequired = false): TestIdentity =>
  new TestIdentity({ ...certificate("localhost", authority), clientCa: authority.cert }, isRequired);
const PEM = { "ca.pem": authority.cert, "cert.pem": client.cert, "key.pem": client.key };

async function listen(input: Input): Promise<number> {
  const { address } = await input.start();
  afterTest(() => input.stop());
  return Number(address.split(":")[1]);
}

const line = (i: number): string =>
  `<38>Nov 20 21:31:21 office1 sshd[${i}]: Failed password for invalid user a${i} from 192.0.2.7 port 4242 ssh2`;
const ending = (i: number): string => `Failed password for invalid user a${i} from 192.0.2.7 port 4242 ssh2`;

/** Sends lines to a relay over plain TCP. */
async function feed(port: number, count: number, from = 0): Promise<void> {
  await until(() => accepts(port), "the relay to listen");
  const socket = connect(port, "127.0.0.1");
  for (let i = from; i < from + count; i += 1) socket.write(`${line(i)}\n`);
  await new Promise<void>((resolve) => socket.end(() => resolve()));
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(port, "127.0.0.1");
    probe.once("connect", () => resolve(true)).once("error", () => resolve(false));
    probe.once("connect", () => probe.destroy());
  });
}

function expectAll(sink: MemorySink, count: number): void {
  expect(sink.texts).toHaveLength(count);
  sink.texts.forEach((text, i) => expect(text.endsWith(ending(i)), text).toBe(true));
  expect(sink.batches.every(({ fault }) => fault === undefined)).toBe(true);
}

async function rsyslog(global: string, actions: string): Promise<number> {
  const port = await freePort();
  const folder = await folderWith(PEM);
  const text = `${global}
module(load="imtcp")
input(type="imtcp" port="${port}" address="127.0.0.1")
${actions}
`.replaceAll("FOLDER", folder);
  const config = await folderWith({ "rsyslog.conf": text });
  run("rsyslogd", "-n", "-f", join(config, "rsyslog.conf"), "-i", join(folder, "pid"));
  return port;
}

describe.each(["gtls", "ossl"])("rsyslog over TLS (%s)", (driver) => {
  it.skipIf(!hasRsyslogModule(`lmnsd_${driver}`))(
    "forwards 200 counted lines, known by its certificate",
    async () => {
      const context = testContext();
      const port = await listen(syslogTls({ host: "127.0.0.1", port: 0, tls: identity(true) }, context));
      const relay = await rsyslog(
        `global(workDirectory="FOLDER" defaultNetstreamDriver="${driver}" defaultNetstreamDriverCAFile="FOLDER/ca.pem"
  defaultNetstreamDriverCertFile="FOLDER/cert.pem" defaultNetstreamDriverKeyFile="FOLDER/key.pem")`,
        `action(type="omfwd" target="127.0.0.1" port="${port}" protocol="tcp" StreamDriver="${driver}" StreamDriverMode="1"
  StreamDriverAuthMode="x509/name" StreamDriverPermittedPeers="localhost" TCP_Framing="octet-counted" template="RSYSLOG_SyslogProtocol23Format")`,
      );
      await feed(relay, 200);
      await until(() => context.sink.texts.length >= 200, "200 lines");
      expectAll(context.sink, 200);
      expect(context.sources.keys[0]).toEqual({
        input: "syslog-tls",
        discriminator: "certificate CN=office-1 office1",
        name: "office1",
      });
    },
  );
});

describe.skipIf(!hasRsyslogModule("omrelp"))("rsyslog over RELP", () => {
  const retry = `action.resumeRetryCount="-1" action.resumeInterval="1"`;

  it("forwards 500 lines, once and in order", async () => {
    const context = testContext();
    const port = await listen(relp({ host: "127.0.0.1", port: 0 }, context));
    const relay = await rsyslog(
      `global(workDirectory="FOLDER")\nmodule(load="omrelp")`,
      `action(type="omrelp" target="127.0.0.1" port="${port}" ${retry})`,
    );
    await feed(relay, 500);
    await until(() => context.sink.texts.length >= 500, "500 lines");
    expectAll(context.sink, 500);
  });

  it("forwards over TLS, known by its certificate", async () => {
    const context = testContext();
    const port = await listen(relp({ host: "127.0.0.1", port: 0, tls: identity(true) }, context));
    const relay = await rsyslog(
      `global(workDirectory="FOLDER")\nmodule(load="omrelp")`,
      `action(type="omrelp" target="127.0.0.1" port="${port}" ${retry} tls="on" tls.caCert="FOLDER/ca.pem"
  tls.myCert="FOLDER/cert.pem" tls.myPrivKey="FOLDER/key.pem" tls.authMode="name" tls.permittedPeer=["localhost"])`,
    );
    await feed(relay, 100);
    await until(() => context.sink.texts.length >= 100, "100 lines");
    expectAll(context.sink, 100);
    expect(context.sources.keys[0]?.discriminator).toBe("certificate CN=office-1 office1");
  });

  it("loses nothing when the listener goes away in the middle and comes back", async () => {
    const context = testContext();
    const port = await freePort();
    const first = relp({ host: "127.0.0.1", port, drainMs: 100 }, context);
    await first.start();
    const relay = await rsyslog(
      `global(workDirectory="FOLDER")\nmodule(load="omrelp")`,
      `action(type="omrelp" target="127.0.0.1" port="${port}" ${retry})`,
    );
    await feed(relay, 300);
    await until(() => context.sink.texts.length >= 100, "a part");
    await first.stop();
    await feed(relay, 300, 300);
    await listen(relp({ host: "127.0.0.1", port }, context));
    const seen = (): Set<string> =>
      new Set(context.sink.texts.map((text) => /user (a\d+)/.exec(text)?.[1] ?? ""));
    await until(() => seen().size >= 600, "all lines");
    expect(seen().size).toBe(600);
  });
});

describe.skipIf(!has("syslog-ng", "--version"))("syslog-ng", () => {
  it.each([
    ["syslog()", "syslog"],
    ["network()", "network"],
  ])("forwards 200 lines over TLS with %s", async (_name, driver) => {
    const context = testContext();
    const port = await listen(syslogTls({ host: "127.0.0.1", port: 0, tls: identity() }, context));
    const relay = await freePort();
    const pem = await folderWith(PEM);
    const folder = await folderWith({
      "syslog-ng.conf": `@version: 3.38
options { keep-hostname(yes); };
source s { network(transport("tcp") ip("127.0.0.1") port(${relay})); };
destination d { ${driver}("127.0.0.1" port(${port}) transport("tls") tls(ca-file("${pem}/ca.pem") peer-verify(required-trusted))); };
log { source(s); destination(d); flags(flow-control); };
`,
    });
    const at = (name: string): string => join(folder, name);
    const files = ["-f", at("syslog-ng.conf"), "-R", at("persist"), "-c", at("control"), "-p", at("pid")];
    run("syslog-ng", "-F", "--no-caps", ...files);
    await feed(relay, 200);
    await until(() => context.sink.texts.length >= 200, "200 lines");
    expectAll(context.sink, 200);
  });
});

const PYTHON = ["python3", "/usr/bin/python3"].find((program) => has(program, "-c", "import graypy"));

describe.skipIf(PYTHON === undefined)("graypy", () => {
  /** A Python program that logs through the handler. */
  async function log(handler: string): Promise<void> {
    const script = `import graypy, logging, sys
logger = logging.getLogger("shop")
logger.setLevel(logging.INFO)
logger.addHandler(${handler})
for i in range(50):
    logger.info("basket %d is full", i)
logger.warning("long " + ",".join(str(i * i) for i in range(9000)))
logging.shutdown()
`;
    const child = spawn(PYTHON ?? "", ["-c", script], { stdio: "inherit" });
    const status = await new Promise((resolve) => child.once("exit", resolve));
    expect(status).toBe(0);
  }

  function expectLogged(sink: MemorySink): void {
    const documents = sink.texts.map((text) => JSON.parse(text) as Record<string, unknown>);
    expect(documents).toHaveLength(51);
    expect(documents[7]).toMatchObject({ version: "1.0", short_message: "basket 7 is full", level: 6 });
    expect(String(documents[50]?.["short_message"])).toMatch(/^long 0,1,4,.*,80982001$/);
    expect(sink.batches.every(({ fault }) => fault === undefined)).toBe(true);
  }

  it.each([
    ["compressed, in parts", "graypy.GELFUDPHandler('127.0.0.1', PORT)"],
    ["plain, in parts", "graypy.GELFUDPHandler('127.0.0.1', PORT, compress=False)"],
  ])("is understood over UDP: %s", async (_what, handler) => {
    const context = testContext();
    const port = await listen(gelfUdp({ host: "127.0.0.1", port: 0 }, context));
    await log(handler.replace("PORT", String(port)));
    await until(() => context.sink.texts.length >= 51, "51 documents");
    expectLogged(context.sink);
  });

  it.each<[string, string, TestIdentity | undefined]>([
    ["TCP", "graypy.GELFTCPHandler('127.0.0.1', PORT)", undefined],
    ["TLS", "graypy.GELFTLSHandler('localhost', PORT, validate=True, ca_certs='FOLDER/ca.pem')", identity()],
  ])("is understood over %s", async (_what, handler, tls) => {
    const context = testContext();
    const secured = tls === undefined ? {} : { tls };
    const port = await listen(gelfTcp({ host: "127.0.0.1", port: 0, ...secured }, context));
    const folder = await folderWith(PEM);
    await log(handler.replace("PORT", String(port)).replace("FOLDER", folder));
    await until(() => context.sink.texts.length >= 51, "51 documents");
    expectLogged(context.sink);
  });
});

describe("@fluent-org/logger", () => {
  const random = (size: number): Uint8Array => Buffer.alloc(size, 9);

  it.each(["Message", "Forward", "PackedForward", "CompressedPackedForward"] as const)(
    "is understood and acknowledged in the mode %s, with a shared key",
    async (eventMode) => {
      const context = testContext();
      const input = fluent({ host: "127.0.0.1", port: 0, sharedKey: "owl", random }, context);
      const port = await listen(input);
      const logger = new FluentClient("app", {
        eventMode,
        socket: { host: "127.0.0.1", port },
        security: { clientHostname: "web1", sharedKey: "owl" },
        ack: { ackTimeout: 20_000 },
      });
      const at = new EventTime(1_772_180_160, 5);
      // Each resolves when it is acknowledged.
      await Promise.all(
        Array.from({ length: 50 }, (_, i) => logger.emit("web", { message: `event ${i}` }, at)),
      );
      await logger.shutdown();
      expect(context.sink.texts).toHaveLength(50);
      expect(
        new Set(context.sink.texts).has(
          '{"tag":"app.web","time":1772180160.000000005,"record":{"message":"event 7"}}',
        ),
      ).toBe(true);
      expect(context.sources.keys[0]).toMatchObject({ name: "web1" });
      expect(input.counts()).toMatchObject({ records_accepted: 50, faults_bad_frame: 0 });
    },
  );
});
