/**
 * One line of an sshd log, from the socket to what the alert page reads, stop by stop: the tour of `docs/architecture.md`, run.
 * Every part is the real one. The line is the tenth failed login from one address within five minutes; nine came before it.
 */
import { createSocket } from "node:dgram";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { formatMicros, originId, parseRfc3339, sequence, NO_LIMITS } from "@tyto/domain";
import type { Alert, AlertDetail, Event, Evidence, Finding, Micros, RawBatch, RawRecord } from "@tyto/domain";
import { createApi, createApiToken, TokenRates, LiveHub } from "../src/api/index.ts";
import { NO_EXCEPTIONS, NO_FILTERS, NO_INTAKE, NO_JOBS } from "../src/api/test/api-fixture.ts";
import { onlyRows } from "../src/api/test/rule-fixture.ts";
import { ContentLibrary } from "../src/content/index.ts";
import { createDetectionEngine, loadRuleSet } from "../src/detection/index.ts";
import type { DetectionOutput } from "../src/detection/index.ts";
import { connectionKinds, Connections, syslogUdp } from "../src/inputs/index.ts";
import { createNormaliser } from "../src/pipeline/index.ts";
import { createQueryFrontend } from "../src/query/index.ts";
import { buildKqlWorker } from "../src/query/kql/worker-fixture.ts";
import {
  Books,
  openControlStore,
  openEngine,
  openJournal,
  AuditFile,
  RetentionSettings,
  SourceRegistry,
  Upkeep,
} from "../src/storage/index.ts";
import type { ControlStore, EmbeddedEngine, Journal } from "../src/storage/index.ts";
import { buildEngineChild } from "../src/storage/engine/engine-fixture.ts";
import { createTelemetry } from "../src/telemetry/index.ts";
import { AssetRegister } from "../src/assets/index.ts";
import { openDashboardContent } from "../src/main/dashboards.ts";
import { BulkJobs } from "../src/main/bulk-jobs.ts";
import { AlertBook, TriagePolicy } from "../src/triage/index.ts";
import { until } from "./harness/wait.ts";

const NOW = parseRfc3339("2026-11-20T21:40:00Z") as Micros;
const now = (): Micros => NOW;
const line = (attempt: number): string =>
  `<38>Nov 20 21:31:${10 + attempt} web-1 sshd[4711]: Failed password for root from 203.0.113.77 port ${50_000 + attempt} ssh2`;
const LINE = line(10);

let directory: string;
let journal: Journal;
let control: ControlStore;
let engine: EmbeddedEngine;
let random = 0;
const randomBytes = (size: number): Uint8Array =>
  Uint8Array.from({ length: size }, () => (random = (random * 31 + 7) % 251));

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "tyto-one-event-"));
  const newOrigin = () => originId("00000000000000aa");
  journal = await openJournal({
    directory: join(directory, "journal"),
    newOrigin,
    clockMs: () => performance.now(),
  });
  control = await openControlStore({ path: join(directory, "control.db") });
  engine = await openEngine({
    directory: join(directory, "engine"),
    childPath: await buildEngineChild(),
    now,
    clockMs: () => performance.now(),
  });
}, 120_000);

afterAll(async () => {
  await engine.close();
  await control.close();
  await journal.close();
  await rm(directory, { recursive: true, force: true });
});

it("follows one sshd line from a socket to the body that the alert page reads", async () => {
  // 1. The socket. The input names the sender and hands the bytes on; it has not looked into them.
  const batches: RawBatch[] = [];
  const sources = new SourceRegistry({ control, known: [], now });
  const sink = { append: (batch: RawBatch) => (batches.push(batch), journal.append(batch)) };
  const telemetry = createTelemetry({ stream: { write: () => true }, level: "error", now });
  const input = syslogUdp({ host: "127.0.0.1", port: 0 }, { sink, sources, now, log: telemetry.log });
  const { address } = await input.start();
  for (let attempt = 1; attempt <= 10; attempt++) await send(address, line(attempt));
  await until("ten acknowledged datagrams", () => Promise.resolve(Number(journal.head) === 10));
  await input.stop();
  expect(batches.flatMap((batch) => batch.records.map(text)).at(-1)).toBe(LINE);
  expect(sources.all()).toMatchObject([{ input: "syslog-udp", name: "web-1" }]);

  // 2. The journal: durable, in order, with the place that its id will come from.
  const records = await journal.read(sequence(1), { records: 100, bytes: 1_000_000 });
  const record = records[9] as RawRecord;
  expect(text(record.bytes)).toBe(LINE);
  expect(record).toMatchObject({ sequence: 10, origin: "00000000000000aa", receivedAt: NOW });

  // 3. The pipeline: the same facts, in the one schema. The year is the one nearest to its receipt.
  const snapshot = await new ContentLibrary([resolve(import.meta.dirname, "../../packs")]).load();
  const events = createNormaliser({ snapshot })
    .normalise(records)
    .flatMap((outcome) => (outcome.kind === "event" ? [outcome.event] : []));
  const event = events[9] as Event;
  expect(event).toMatchObject({
    id: "00000000000000aa-10",
    pack: "linux-auth/sshd",
    timeOrigin: "event-without-year",
  });
  expect(formatMicros(event.timestamp)).toBe("2026-11-20T21:31:20.000Z");
  expect(event.fields).toMatchObject({
    "event.category": ["authentication"],
    "event.outcome": "failure",
    "user.name": "root",
    "source.ip": "203.0.113.77",
    "source.port": 50_010,
    "host.name": "web-1",
    "process.name": "sshd",
    "related.ip": ["203.0.113.77"],
  });

  // 4. The engine: stored once, and read back as it was.
  expect(await engine.events.insert(events)).toEqual([]);
  const [stored] = await engine.events.byIds([event.id]);
  expect(stored?.fields).toEqual({ ...event.fields });
  expect(text(stored?.raw ?? new Uint8Array())).toBe(LINE);

  // 5. Detection: nine failures are none of anybody's business; the tenth makes a finding about the address, and one about root.
  const detection = createDetectionEngine(loadRuleSet(snapshot.rules));
  const early = detection.process(events.slice(0, 9), NOW);
  expect(bruteForce(early)).toEqual([]);
  const output = detection.process(events.slice(9), NOW);
  const findings = bruteForce(output);
  expect(findings.map((finding) => finding.group).sort(byType)).toEqual([
    [{ type: "ip", value: "203.0.113.77" }],
    [{ type: "user", value: "root" }],
  ]);
  expect(findings[0]).toMatchObject({ count: 10, version: 1 });

  // 6. Triage: both see one cause and share entities, so a person gets one alert. It becomes true with the checkpoint, or not at all.
  const book = new AlertBook({
    alerts: control.alerts,
    projections: engine.projections,
    now,
    onProjectionFailed: (error) => expect.fail(String(error)),
  });
  const changes = findings.map((finding) => ({ kind: "upsert", finding }) as const);
  let raised: readonly Alert[] = [];
  await book.grow(changes, async (alerts) => {
    raised = alerts;
    await control.commit({ sequence: record.sequence, ledger: [], alerts, state: output.state });
  });
  expect(raised).toHaveLength(1);
  expect(await control.checkpoint()).toBe(10);

  // 7. The API: what the alert page reads, and its evidence as readable events.
  const making = { access: control.access, random: randomBytes, now };
  const { secret } = await createApiToken(making, { name: "reader", scope: "read", createdBy: "test" });
  const query = createQueryFrontend({ kqlWorkerPath: await buildKqlWorker() });
  const books = new Books([], () => performance.now());
  const api = await createApi({
    control,
    engine,
    query,
    tokenRates: new TokenRates(now),
    telemetry,
    now,
    random: randomBytes,
    triage: book,
    live: new LiveHub(now),
    policy: await TriagePolicy.open(control.settings),
    bulkJobs: await BulkJobs.open({ control, book, now, randomBytes }),
    assets: await AssetRegister.open({ assets: control.assets, now, random: randomBytes }),
    readAssets: {
      csv: () => ({ candidates: [], problems: [], rows: 0 }),
      directory: () => Promise.reject(new Error("nothing is imported here")),
    },
    version: "test",
    hostNames: [],
    health: () => ({ status: "ok", reasons: [] }),
    ingest: { handle: () => Promise.reject(new Error("nothing is sent here")) },
    shippers: [],
    ledger: {
      accounts: () => books.accounts(),
      eventsPerSecond: () => books.eventsPerSecond(),
      masked: (source) => books.masked(source),
      udpDropped: () => Promise.resolve(null),
    },
    webhooks: {
      list: () => [],
      put: () => Promise.reject(new Error("nobody makes one here")),
      remove: () => Promise.resolve(false),
    },
    intake: NO_INTAKE,
    filters: NO_FILTERS,
    zones: { zoneOf: () => null, set: () => Promise.reject(new Error("nobody sets one here")) },
    sourceFacts: { factsOf: () => [], set: () => Promise.resolve() },
    monitoring: {
      alarms: () => ({ items: [], canary: { state: "never-sent", sentAt: null, tookMs: null } }),
      sendCanary: () => Promise.resolve(),
      metrics: () => Promise.resolve(""),
      metricsType: "text/plain",
    },
    connections: await Connections.open({
      kinds: connectionKinds(),
      sink: { append: () => Promise.reject(new Error("nothing is pulled here")) },
      sources: { resolve: () => Promise.reject(new Error("nothing is pulled here")) },
      store: control.connections,
      secrets: { seal: (text) => text, open: (envelope) => envelope },
      newId: () => "none",
      knownPack: () => false,
      world: {
        now,
        sleep: () => Promise.resolve(),
        random: () => 0,
        log: telemetry.log,
        allowsCommands: false,
        dataDirectory: "/",
        path: "",
      },
    }),
    demo: () => null,
    rules: () => [],
    ownRules: onlyRows(() => []),
    reloadRules: () => Promise.reject(new Error("nobody asks for it here")),
    audit: { append: () => Promise.resolve(), page: () => Promise.resolve({ items: [], nextCursor: null }) },
    system: {
      report: () => Promise.reject(new Error("not asked for here")),
      bundle: () => Promise.reject(new Error("not asked for here")),
    },
    roles: {
      resolve: () => Promise.reject(new Error("nobody logs in here")),
      limitsOf: () => NO_LIMITS,
      setLimits: () => Promise.resolve(),
    },
    dashboards: await openDashboardContent({ config: { packDirectories: [] }, telemetry }),
    exports: {
      begin: () => Promise.reject(new Error("not asked for here")),
      list: () => Promise.resolve([]),
      byId: () => Promise.resolve(undefined),
      remove: () => Promise.resolve(false),
      open: () => Promise.reject(new Error("not asked for here")),
    },
    scheduledSearches: { run: () => Promise.reject(new Error("not asked for here")) },
    backtests: { run: () => Promise.reject(new Error("not asked for here")) },
    exceptions: NO_EXCEPTIONS,
    coverage: { report: () => Promise.reject(new Error("not asked for here")) },
    parseJobs: NO_JOBS,
    earlierForms: (id) => engine.parses.earlier(id),
    ruleDesk: {
      explain: () => Promise.reject(new Error("not asked for here")),
      draft: () => ({ yaml: "", leftOut: [] }),
      test: () => ({ passed: 0, failed: 0, cases: [], problems: [] }),
    },
    upkeep: new Upkeep({
      dataDirectory: directory,
      journal,
      control,
      engine,
      retention: await RetentionSettings.open(control),
      keys: undefined,
      unlock: () => Promise.reject(new Error("nothing is encrypted here")),
      randomBytes,
      audit: new AuditFile(directory, now),
      ownPacks: [],
      version: "test",
      now,
    }),
    listening: () => [],
    setupToken: null,
    webRoot: null,
  });
  const get = async <T>(url: string): Promise<T> => {
    const headers = { authorization: `Bearer ${secret}`, host: "127.0.0.1" };
    const response = await api.inject({ method: "GET", url, headers });
    expect(response.statusCode, response.body).toBe(200);
    return response.json<T>();
  };
  const [alert] = raised;
  const page = await get<AlertDetail>(`/api/v1/alerts/${alert?.id ?? ""}`);
  expect(page).toMatchObject({ severity: "medium", status: "new", cause: "brute-force", count: 10 });
  expect(page.lastSeen).toBe("2026-11-20T21:31:20.000Z");
  expect(page.sentence).toContain("**203.0.113.77**");
  expect(page.eventIds).toHaveLength(10);
  expect(page.history.map((step) => step.kind)).toEqual(["opened", "joined"]);

  const evidence = await get<Evidence>(`/api/v1/alerts/${page.id}/events`);
  expect(evidence.missing).toEqual([]);
  expect(evidence.items.at(-1)).toMatchObject({
    id: "00000000000000aa-10",
    raw: LINE,
    rawEncoding: "utf8",
    source: { name: "web-1", input: "syslog-udp" },
  });
  expect(evidence.items.at(-1)?.summary).toMatch(/root failed to log in.*web-1.*203\.0\.113\.77/);
  await api.close();
  await query.close();
}, 60_000);

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("utf8");

function bruteForce(output: DetectionOutput): readonly Finding[] {
  return output.changes.flatMap((change) =>
    change.kind === "upsert" && change.finding.rule.cause === "brute-force" ? [change.finding] : [],
  );
}

function byType(a: Finding["group"], b: Finding["group"]): number {
  return (a[0]?.type ?? "") < (b[0]?.type ?? "") ? -1 : 1;
}

async function send(address: string, message: string): Promise<void> {
  const colon = address.lastIndexOf(":");
  const socket = createSocket("udp4");
  await new Promise<void>((done, failed) =>
    socket.send(message, Number(address.slice(colon + 1)), address.slice(0, colon), (error) =>
      error === null ? done() : failed(error),
    ),
  );
  socket.close();
}
