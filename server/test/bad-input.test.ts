/** What goes wrong in the field, against the whole server: each gives a clear answer or a counted record, never a crash. */
import { spawnSync } from "node:child_process";
import { createServer, connect } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ErrorBody, IngestReply, Quarantined } from "@tyto/domain";
import { ADMIN_TOKEN, REPOSITORY, ServerProcess } from "./harness/server-process.ts";
import { until } from "./harness/wait.ts";

/** Lines may carry times of their own, years aside. */
const EVER = { from: "-400d", to: "2100-01-01T00:00:00Z" } as const;
const LAUNCHER = join(REPOSITORY, "server/bin/tyto.cjs");

let server: ServerProcess;

beforeAll(async () => {
  server = await ServerProcess.start();
}, 120_000);

afterAll(() => server.stop());

async function ingest(body: Uint8Array | string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${server.url}/api/v1/ingest`, {
    method: "POST",
    headers: { authorization: `Bearer ${ADMIN_TOKEN}`, ...headers },
    body,
  });
}

async function settled(): Promise<void> {
  await until("an empty queue", async () => (await server.ledger()).totals.queued === 0);
}

async function count(marker: string): Promise<number> {
  await settled();
  const reply = await server.search(`Events | where raw contains "${marker}" | count`, EVER);
  return Number(reply.rows[0]?.[0] ?? -1);
}

function startSecond(...args: readonly string[]): {
  readonly status: number | null;
  readonly output: string;
} {
  const result = spawnSync(process.execPath, [LAUNCHER, "serve", ...args], {
    encoding: "utf8",
    timeout: 60_000,
  });
  return { status: result.status, output: `${result.stdout}${result.stderr}` };
}

describe("bad input", () => {
  it("answers a wrong token with what to do", async () => {
    const response = await fetch(`${server.url}/api/v1/ingest`, {
      method: "POST",
      headers: { authorization: "Bearer wrong" },
      body: "line",
    });
    expect(response.status).toBe(401);
    const { error } = (await response.json()) as ErrorBody;
    expect(error.code).toBe("unauthenticated");
    expect(error.hint).toBeTruthy();
  });

  it("stores invalid UTF-8, NUL, lone surrogates and binary junk, and finds them again", async () => {
    const junk = Buffer.concat([
      Buffer.from("junkmarker invalid \xff\xfe bytes\n", "latin1"),
      Buffer.from("junkmarker nul \0 inside\n"),
      Buffer.from('{"message":"junkmarker lone \\ud800 surrogate"}\n'),
      Buffer.from(
        Array.from({ length: 200 }, (_, at) => (at * 37 + 11) % 256 || 1).filter((byte) => byte !== 10),
      ),
      Buffer.from("\n"),
    ]);
    const response = await ingest(junk);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ accepted: 4, rejected: [] });
    expect(await count("junkmarker nul")).toBe(1);
    expect(await count("junkmarker lone")).toBe(1);
    const found = await server.post<{ rows: unknown[][] }>("/api/v1/search", {
      text: "junkmarker",
      ...EVER,
    });
    expect(found.rows).toHaveLength(3);
  });

  it("keeps a JSON record of 5,000 keys and quarantines one of more than 10,000", async () => {
    const keys = (size: number): string =>
      JSON.stringify(Object.fromEntries(Array.from({ length: size }, (_, at) => [`wide${at}`, at])));
    expect((await ingest(`${keys(5_000)}\n${keys(10_050)}\n`)).status).toBe(200);
    await settled();
    const wide = await server.post<{ rows: unknown[][] }>("/api/v1/search", {
      text: '"wide4999"',
      ...EVER,
    });
    expect(wide.rows).toHaveLength(1);
    const list = await server.get<{ items: Quarantined[] }>("/api/v1/quarantine");
    expect(list.items.some((record) => record.reason === "too-many-fields")).toBe(true);
  });

  it("refuses a gzip bomb and takes nothing of it", async () => {
    const bomb = gzipSync(Buffer.alloc(200 * 1024 * 1024, 0x61), { level: 9 });
    const response = await ingest(bomb, { "content-encoding": "gzip" });
    expect(response.status).toBe(413);
    expect(((await response.json()) as ErrorBody).error.code).toBe("too-large");
  });

  it("takes nothing of a truncated gzip body and says so", async () => {
    const whole = gzipSync(
      Array.from({ length: 2_000 }, (_, line) => `truncmarker ${line} ${Math.sin(line)}`).join("\n"),
    );
    const response = await ingest(whole.subarray(0, whole.length >> 1), { "content-encoding": "gzip" });
    expect(response.status).toBe(400);
    expect(await count("truncmarker")).toBe(0);
  });

  it("rejects only the oversize line of a batch, by its number", async () => {
    const response = await ingest(`linemarker one\n${"x".repeat(1_100_000)}\nlinemarker three\n`);
    expect(response.status).toBe(200);
    const reply = (await response.json()) as IngestReply;
    expect(reply.accepted).toBe(2);
    expect(reply.rejected.map((line) => line.line)).toEqual([2]);
    expect(await count("linemarker")).toBe(2);
  });

  it("quarantines an oversize syslog frame and stays in step with the stream", async () => {
    const [host = "", port = ""] = server.addresses.syslogTcp.split(":");
    const before = (await server.ledger()).totals.quarantined;
    await new Promise<void>((resolve, reject) => {
      const socket = connect(Number(port), host, () => {
        socket.end(
          `<13>Nov 20 21:31:21 h1 app: framemarker a\n<13>${"y".repeat(300_000)}\n99999999999 junk\n<13>Nov 20 21:31:21 h1 app: framemarker b\n`,
        );
      });
      socket.on("close", () => resolve()).on("error", reject);
    });
    await until("both frames", async () => (await count("framemarker")) === 2);
    expect((await server.ledger()).totals.quarantined).toBeGreaterThan(before);
  });

  it("adds nothing when a batch with an idempotency key is sent again", async () => {
    const send = (): Promise<Response> =>
      ingest("keymarker one\nkeymarker two\n", { "idempotency-key": "batch-1" });
    expect((await send()).status).toBe(200);
    expect((await send()).status).toBe(200);
    expect(await count("keymarker")).toBe(2);
  });

  it("shows markup in a log line as data", async () => {
    await ingest("markupmarker <script>alert(1)</script>\n");
    await settled();
    const page = await fetch(`${server.url}/`);
    expect(page.headers.get("content-security-policy")).toContain("script-src 'self'");
    expect(page.headers.get("content-security-policy")).not.toContain("unsafe-inline");
  });

  it("names the port that is taken", async () => {
    const squatter = createServer();
    await new Promise<void>((resolve) => squatter.listen(0, "127.0.0.1", resolve));
    const { port } = squatter.address() as AddressInfo;
    const any = "127.0.0.1:0";
    const { status, output } = startSecond(
      "--data",
      join(server.directory, "second"),
      "--http",
      String(port),
      "--ingest",
      any,
      "--syslog-udp",
      any,
      "--syslog-tcp",
      any,
    );
    squatter.close();
    expect(status).toBe(1);
    expect(output).toContain(String(port));
    expect(output).toContain("--http");
  }, 90_000);

  it("refuses a data directory that another server holds", () => {
    const any = "127.0.0.1:0";
    const { status, output } = startSecond(
      "--data",
      server.directory,
      "--http",
      any,
      "--ingest",
      any,
      "--syslog-udp",
      any,
      "--syslog-tcp",
      any,
    );
    expect(status).toBe(1);
    expect(output).toMatch(/in use|another/i);
  }, 90_000);

  it("balances its books after all of this", async () => {
    await settled();
    expect((await server.ledger()).items.filter((source) => !source.isBalanced)).toEqual([]);
    expect((await fetch(`${server.url}/api/v1/health`)).status).toBe(200);
  });
});
