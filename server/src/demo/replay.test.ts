import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { micros } from "@tyto/domain";
import { afterEach, describe, expect, it } from "vitest";
import { createIngestHandler, syslogTcp, syslogUdp } from "../inputs/index.ts";
import { testContext, until } from "../inputs/testing/context.ts";
import { generateDay } from "./generate.ts";
import { replayDemo } from "./replay.ts";
import type { ReplayOptions } from "./replay.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

/** The real inputs on free ports, with a sink in memory. */
async function listening() {
  const context = testContext();
  const udp = syslogUdp({ host: "127.0.0.1", port: 0 }, context);
  const tcp = syslogTcp({ host: "127.0.0.1", port: 0 }, context);
  const handler = createIngestHandler({ ...context, knownPack: () => false });
  let refusals = 1;
  const server = createServer((request, response) => {
    const source = new URL(request.url ?? "", "http://x").searchParams.get("source") ?? "";
    const token = { id: "t1", name: (request.headers.authorization ?? "").replace("Bearer ", "") };
    refusals -= 1;
    if (refusals >= 0) {
      response.writeHead(503, { "retry-after": "0" }).end();
      return;
    }
    void handler
      .handle({ body: request, headers: request.headers, query: { source }, token })
      .then((reply) => {
        response.writeHead(reply.status, reply.headers).end(JSON.stringify(reply.body));
      });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const portOf = (address: string): number => Number(address.split(":")[1]);
  const targets = {
    syslogUdp: { host: "127.0.0.1", port: portOf((await udp.start()).address) },
    syslogTcp: { host: "127.0.0.1", port: portOf((await tcp.start()).address) },
    ingestUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1/ingest`,
    token: "secret",
  };
  cleanups.push(
    () => udp.stop(),
    () => tcp.stop(),
    () => server.closeAllConnections(),
    () => server.close(),
  );
  return { context, udp, targets };
}

function playing(
  targets: ReplayOptions["targets"],
  records: ReplayOptions["records"],
  signal: AbortSignal,
): ReplayOptions {
  return {
    records,
    targets,
    name: "test",
    clockMs: () => performance.now(),
    sleep: (milliseconds, abort) => delay(milliseconds, undefined, { signal: abort }),
    signal,
    recordsPerSecond: 6_000,
  };
}

describe("playing the demo day", () => {
  const { records } = generateDay({ seed: 5, endsAt: micros(1_763_659_800_000_000) });

  it("sends every record exactly once through the real inputs, also when a batch is refused at first", async () => {
    const { context, udp, targets } = await listening();
    const part = records.slice(30_000, 36_000);
    const seen: number[] = [];
    const never = new AbortController().signal;
    await replayDemo({ ...playing(targets, part, never), onProgress: ({ sent }) => seen.push(sent) });
    await until(() => context.sink.texts.length >= part.length, "the last datagrams");
    expect([...context.sink.texts].sort()).toEqual(part.map(({ text }) => text).sort());
    expect(udp.counts().dropped_back_pressure).toBe(0);
    expect(seen.at(-1)).toBe(part.length);
    expect(context.sink.batches.every(({ fault }) => fault === undefined)).toBe(true);
    const hosts = new Set(context.sources.keys.map(({ name }) => name));
    for (const source of new Set(part.map((record) => record.source))) {
      expect(hosts).toContain(source);
    }
  });

  it("stops when told to", async () => {
    const { targets } = await listening();
    const stop = new AbortController();
    const options = playing(targets, records.slice(0, 20_000), stop.signal);
    const play = replayDemo({ ...options, onProgress: () => stop.abort() });
    await expect(play).rejects.toThrow();
  });
});
