import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync } from "node:zlib";
import { asyncItems, micros, MICROS_PER_DAY, TOKEN_SCOPES, TytoError } from "@tyto/domain";
import type { Micros, RoleName, Session, TokenScope, UserId } from "@tyto/domain";
import { openControlStore } from "../../storage/index.ts";
import type { ControlStore, EventStore, QueryRunner } from "../../storage/index.ts";
import type { Refused } from "../../query/index.ts";
import { AssetRegister, readAssetCsv } from "../../assets/index.ts";
import { PasswordHasher } from "../access/passwords.ts";
import { createTelemetry } from "../../telemetry/index.ts";
import type { Telemetry } from "../../telemetry/index.ts";
import { BulkJobs } from "../../main/bulk-jobs.ts";
import { openDashboardContent } from "../../main/dashboards.ts";
import { AlertBook, TriagePolicy } from "../../triage/index.ts";
import { createApi, createApiToken, LiveHub, RoleBook, SetupToken, TokenRates } from "../index.ts";
import { openRules } from "./rule-fixture.ts";
import type {
  ApiDependencies,
  AuditPort,
  ExceptionsPort,
  ExportsPort,
  FiltersPort,
  Listener,
  ParseJobsPort,
  SourceIntakePort,
  UpkeepPort,
} from "../index.ts";

export const USERNAME = "ana.keller";
export const PASSWORD = "wmTb7-vexing-otter";

/** Reads through to an array of answers, or fails loudly when a test forgot to say what the engine holds. */
function absent(): never {
  throw new Error("this test has no engine");
}

/** A store without anything in it, for tests that do not ask it. */
export const NO_EVENTS: EventStore = {
  insert: absent,
  insertQuarantined: absent,
  presentAfter: absent,
  present: absent,
  countBySource: absent,
  byIds: () => Promise.resolve([]),
  quarantined: () => Promise.resolve([]),
  countQuarantined: () => Promise.resolve([]),
};

/** An engine that is never asked. */
export const NO_QUERIES: QueryRunner = {
  run: absent,
  cancel: () => Promise.resolve(),
  estimate: absent,
  progress: () => Promise.resolve(undefined),
  bytes: absent,
};

/** Starts nothing that would have to end. */
export const NO_JOBS: ParseJobsPort = {
  reparse: () => Promise.reject(new TytoError("not-found", "There is no engine in this test")),
  replay: () => Promise.reject(new TytoError("not-found", "There is no engine in this test")),
  byId: () => Promise.resolve(undefined),
  list: () => Promise.resolve([]),
  cancel: () => Promise.resolve(false),
};
const noFilter = (): TytoError => new TytoError("not-found", "There is no such filter");
/** Sources as they are when nobody has set anything. */
export const NO_INTAKE: SourceIntakePort = {
  priorityOf: () => "normal",
  isMasked: () => false,
  masksAll: false,
  maskedSources: new Map(),
  setPriority: () => Promise.resolve(),
  setMasked: () => Promise.resolve(),
  setMasksAll: () => Promise.resolve(),
};
export const NO_FILTERS: FiltersPort = {
  list: () => Promise.resolve([]),
  create: () => Promise.reject(noFilter()),
  preview: () => Promise.reject(noFilter()),
  switch: () => Promise.reject(noFilter()),
  remove: () => Promise.resolve(false),
};
const noException = (): Promise<never> =>
  Promise.reject(new TytoError("not-found", "There is no such exception"));
export const NO_EXCEPTIONS: ExceptionsPort = {
  list: () => [],
  versions: noException,
  proposal: noException,
  preview: noException,
  hidden: noException,
  create: noException,
  change: noException,
  end: noException,
  renew: noException,
};
const noConnection = (): TytoError => new TytoError("not-found", "There is no such connection");

const download = { stream: asyncItems<Uint8Array>([]), discard: () => undefined, bytes: 0, rows: 0 };
const noDay = (): Promise<never> =>
  Promise.reject(new TytoError("not-found", "There are no events of that day"));

const noUpkeep: UpkeepPort = {
  backup: () => Promise.resolve({ ...download, stream: asyncItems<Uint8Array>([]) }),
  archiveDays: () => Promise.resolve({ items: [], interrupted: [] }),
  archive: noDay,
  restoreArchive: () => Promise.reject(new TytoError("bundle-damaged", "this is no archive")),
  retention: noDay,
  changeRetention: noDay,
  runRetention: () => Promise.resolve({ dryRun: true, dropped: [] }),
};

const refuse = (): Promise<Refused> =>
  Promise.resolve({
    ok: false,
    diagnostics: [
      {
        severity: "error",
        code: "unknown-column",
        message: "There is no column `nope`",
        at: { file: "query", line: 2, column: 9 },
        hint: "Did you mean `note`?",
        span: { start: 20, end: 24 },
      },
    ],
  });

const NO_EXPORTS: ExportsPort = {
  begin: refuse,
  list: () => Promise.resolve([]),
  byId: () => Promise.resolve(undefined),
  remove: () => Promise.resolve(false),
  open: () => Promise.reject(new TytoError("not-found", "There is no such export")),
};

/** A real API over a real relational store; clock, engine and ingestion are the test's. */
export interface ApiFixture {
  readonly api: Listener;
  readonly control: ControlStore;
  readonly dependencies: ApiDependencies;
  readonly telemetry: Telemetry;
  readonly clock: { now: Micros };
  readonly setupToken: SetupToken;
  readonly tokens: Readonly<Record<TokenScope | "expired", string>>;
  /** Lines of the log. */
  readonly log: string[];
  /** What was written down of who looked at what. */
  readonly audited: readonly Parameters<AuditPort["append"]>[0][];
  /** Makes the account on first use. */
  login(): Promise<Login>;
  /** Makes an account of this role on first use, as its invitation does. */
  loginAs(role: RoleName): Promise<Login>;
  close(): Promise<void>;
}

export interface Login {
  readonly cookie: string;
  readonly csrf: string;
  readonly session: Session;
}

export async function startApi(overrides: Partial<ApiDependencies> = {}): Promise<ApiFixture> {
  const directory = await mkdtemp(join(tmpdir(), "tyto-api-"));
  const control = await openControlStore({ path: join(directory, "control.db") });
  const clock = { now: micros(Date.UTC(2026, 0, 15, 12) * 1_000) };
  const now = (): Micros => clock.now;
  const log: string[] = [];
  const audited: Parameters<AuditPort["append"]>[0][] = [];
  const telemetry = createTelemetry({
    stream: { write: (line: string) => log.push(line) },
    level: "info",
    now,
  });
  const setupToken = new SetupToken({ random: randomBytes, now });
  const assets = await AssetRegister.open({ assets: control.assets, now, random: randomBytes });
  const live = new LiveHub(now);
  const triage = new AlertBook({
    alerts: control.alerts,
    projections: { append: () => Promise.resolve() },
    now,
    assets: (entity) => assets.find(entity),
    onChanged: (changed) => live.changed(changed),
    onProjectionFailed: absent,
  });
  const dependencies: ApiDependencies = {
    control,
    live,
    policy: await TriagePolicy.open(control.settings),
    bulkJobs: await BulkJobs.open({ control, book: triage, now, randomBytes }),
    assets,
    readAssets: {
      csv: readAssetCsv,
      directory: () => Promise.reject(new TytoError("bad-request", "There is no directory in this test")),
    },
    now,
    random: randomBytes,
    telemetry,
    setupToken,
    tokenRates: new TokenRates(now),
    hostNames: ["tyto.example.com"],
    version: "0.0.0-test",
    webRoot: await makeConsole(directory),
    health: () => ({ status: "ok", reasons: [] }),
    engine: { events: NO_EVENTS, queries: NO_QUERIES },
    query: {
      compileSearch: refuse,
      compileHistogram: refuse,
      compileWith: refuse,
      check: async () => (await refuse()).diagnostics,
      ask: ({ text }) => Promise.resolve({ completions: [], span: { start: 0, end: text.length }, text }),
    },
    roles: await RoleBook.open({ control, query: overrides.query ?? { compileWith: refuse }, now }),
    dashboards: await openDashboardContent({ config: { packDirectories: [] }, telemetry }),
    audit: {
      append: (entry) => {
        audited.push(entry);
        return Promise.resolve();
      },
      page: () => Promise.resolve({ items: [], nextCursor: null }),
    },
    system: {
      report: () => Promise.reject(new TytoError("not-found", "Nothing runs in this test")),
      bundle: () => Promise.resolve({}),
    },
    exports: NO_EXPORTS,
    scheduledSearches: { run: absent },
    triage,
    ingest: {
      handle: () => Promise.resolve({ status: 200, body: { accepted: 1, rejected: [] }, headers: {} }),
    },
    shippers: [],
    ledger: {
      accounts: () => [],
      eventsPerSecond: () => [],
      udpDropped: () => Promise.resolve(null),
      masked: () => ({}),
    },
    webhooks: { list: () => [], put: absent, remove: () => Promise.resolve(false) },
    intake: NO_INTAKE,
    filters: NO_FILTERS,
    zones: { zoneOf: () => null, set: () => Promise.resolve() },
    sourceFacts: { factsOf: () => [], set: () => Promise.resolve() },
    monitoring: {
      alarms: () => ({ items: [], canary: { state: "never-sent", sentAt: null, tookMs: null } }),
      sendCanary: () => Promise.resolve(),
      metrics: () => Promise.resolve("tyto_build_info 1\n"),
      metricsType: "text/plain",
    },
    connections: {
      list: () => Promise.resolve([]),
      kinds: () => ({ items: [] }),
      get: () => Promise.reject(noConnection()),
      create: () => Promise.reject(noConnection()),
      update: () => Promise.reject(noConnection()),
      remove: () => Promise.reject(noConnection()),
      test: () => Promise.reject(noConnection()),
      testBody: () => Promise.resolve({ ok: true, checks: [] }),
      backfill: () => Promise.reject(noConnection()),
    },
    demo: () => null,
    rules: () => [],
    ownRules: (await openRules({ control, now })).workshop,
    ruleDesk: {
      draft: () => ({ yaml: "title: Draft\n", leftOut: [] }),
      explain: () => Promise.reject(new TytoError("not-found", "There is no such rule")),
      test: () => ({ passed: 0, failed: 0, cases: [], problems: [] }),
    },
    reloadRules: () => Promise.resolve({ running: 0, added: [], removed: [], changed: [], invalid: [] }),
    backtests: { run: absent },
    exceptions: NO_EXCEPTIONS,
    coverage: { report: () => Promise.reject(new TytoError("not-found", "There is no engine in this test")) },
    parseJobs: NO_JOBS,
    earlierForms: () => Promise.resolve([]),
    upkeep: noUpkeep,
    listening: () => [],
    ...overrides,
  };
  const api = await createApi(dependencies);
  const tokens = await makeTokens(dependencies, clock);
  let account: Promise<unknown> | undefined;

  return {
    api,
    control,
    dependencies,
    telemetry,
    clock,
    setupToken,
    tokens,
    log,
    audited,
    async login() {
      account ??= api.inject({
        method: "POST",
        url: "/api/v1/setup",
        payload: { token: setupToken.text, username: USERNAME, password: PASSWORD },
      });
      await account;
      return logIn(api, USERNAME);
    },
    async loginAs(role) {
      const username = `${role}.person`;
      if ((await control.access.userByName(username)) === undefined) {
        await control.users.create({
          id: randomBytes(8).toString("hex") as UserId,
          username,
          passwordHash: await new PasswordHasher(randomBytes).hash(PASSWORD),
          role,
          isEnabled: true,
          createdAt: now(),
          createdBy: USERNAME,
          lastLoginAt: null,
        });
      }
      return logIn(api, username);
    },
    async close() {
      await api.close();
      await control.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function logIn(api: Listener, username: string): Promise<Login> {
  const reply = await api.inject({
    method: "POST",
    url: "/api/v1/login",
    payload: { username, password: PASSWORD },
  });
  const session = reply.json<Session>();
  const cookie = String(reply.headers["set-cookie"]).split(";")[0] ?? "";
  return { cookie, csrf: session.csrf, session };
}

async function makeTokens(
  { control, random }: ApiDependencies,
  clock: { readonly now: Micros },
): Promise<ApiFixture["tokens"]> {
  const make = async (name: string, scope: TokenScope, age: number): Promise<string> => {
    const made = await createApiToken(
      { access: control.access, random, now: () => micros(clock.now - age) },
      { name, scope, createdBy: "test", ...(age === 0 ? {} : { expiresInDays: 1 }) },
    );
    return made.secret;
  };
  const [ingest = "", read = "", admin = ""] = await Promise.all(
    TOKEN_SCOPES.map((scope) => make(scope, scope, 0)),
  );
  return { ingest, read, admin, expired: await make("expired", "admin", 2 * MICROS_PER_DAY) };
}

async function makeConsole(directory: string): Promise<string> {
  const root = join(directory, "console");
  await mkdir(join(root, "assets"), { recursive: true });
  await writeFile(join(root, "index.html"), "<!doctype html><title>Tyto</title>");
  await writeFile(join(root, "assets", "index-3f2a.js"), "export {};");
  await writeFile(join(root, "assets", "index-3f2a.js.br"), brotliCompressSync("export {};"));
  await writeFile(join(root, ".secret"), "canary");
  return root;
}

export function bearer(token: string): { readonly authorization: string } {
  return { authorization: `Bearer ${token}` };
}
