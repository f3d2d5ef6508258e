/** Builds, wires and stops everything. Nothing else constructs a stateful object; read this first. */
import { TytoError } from "@tyto/domain";
import type { RecordSink, RuleReload, SourceId, TlsIdentity } from "@tyto/domain";
import { LiveHub } from "./api/index.ts";
import type { DemoProgress, SetupToken } from "./api/index.ts";
import type { AssetRegister } from "./assets/index.ts";
import type { Config } from "./config/index.ts";
import { MaskingSink, openHttpInputs } from "./inputs/index.ts";
import type { Input } from "./inputs/index.ts";
import { prepareAccess } from "./main/access.ts";
import { StoreWatch } from "./main/store-watch.ts";
import { undoAll } from "./main/undo-all.ts";
import { openCaseProofs } from "./main/case-proofs.ts";
import { BulkJobs } from "./main/bulk-jobs.ts";
import { openAssets, watchAssets } from "./main/assets.ts";
import { Committer } from "./main/committer.ts";
import type { LoadedContent } from "./main/content.ts";
import { openConnections } from "./main/connections.ts";
import { openEnrichment, watchIpDatabases } from "./main/enrichment.ts";
import { LiveContent } from "./main/live-content.ts";
import { openListeners } from "./main/listeners.ts";
import { ParseJobs } from "./main/parse-jobs.ts";
import { watchPacks } from "./main/pack-watch.ts";
import { Monitoring } from "./main/monitoring.ts";
import { OwnLog } from "./main/own-log.ts";
import { RuleShelf } from "./main/rule-shelf.ts";
import { openSearchParts } from "./main/search-parts.ts";
import { SealedSecrets } from "./main/sealed-secrets.ts";
import { SourceFactsBook } from "./main/source-facts-book.ts";
import { ExceptionDesk } from "./main/exception-desk.ts";
import { FilterDesk } from "./main/filter-desk.ts";
import { prioritySink, SourceIntake } from "./main/source-intake.ts";
import { SourceZones } from "./main/source-zones.ts";
import { openStreamInputs, openTls } from "./main/stream-inputs.ts";
import { openStoredParts } from "./main/stored-parts.ts";
import type { StoredParts } from "./main/stored-parts.ts";
import { Webhooks } from "./main/webhooks.ts";
import type { World } from "./main/world.ts";
import { Applier, StageTimes } from "./pipeline/index.ts";
import type { SourceSettings, StageTime } from "./pipeline/index.ts";
import { openSecretBox } from "./storage/index.ts";
import type { ControlStore, SecretBox } from "./storage/index.ts";
import { createTelemetry } from "./telemetry/index.ts";
import type { Telemetry } from "./telemetry/index.ts";
import { AlertBook, TriagePolicy } from "./triage/index.ts";

export type { World } from "./main/world.ts";

/** `host:port` as bound. */
export interface Addresses {
  readonly http: string;
  readonly ingest: string;
  readonly syslogUdp: string;
  readonly syslogTcp: string;
  /** Of everything that listens, by its flag without dashes; a second listener of the same flag is `relp-2`. */
  readonly inputs: Readonly<Record<string, string>>;
}

export interface RunningTyto {
  readonly addresses: Addresses;
  /** Present while there is no account. */
  readonly setupToken: string | undefined;
  /** For commands on this machine; another one at every start. */
  readonly cliToken: string;
  /** Shown on the first page while a demo is being replayed. */
  showDemo(progress: DemoProgress): void;
  /** Reads packs and rules again. @throws TytoError `content-invalid`, when what ran before runs on. */
  reload(): Promise<RuleReload>;
  /** Where the pipeline's time went since the start. */
  stages(): readonly StageTime[];
  /** In the order of the data: inputs first, what they took is finished, stores last. */
  stop(): Promise<void>;
}

/** What the parts are made from, and how each that was started is stopped again. */
export interface Parts {
  readonly config: Config;
  readonly world: World;
  readonly telemetry: Telemetry;
  readonly content: LiveContent;
  readonly shelf: RuleShelf;
  readonly zones: SourceZones;
  readonly sourceFacts: SourceFactsBook;
  readonly intake: SourceIntake;
  readonly filters: FilterDesk;
  readonly exceptions: ExceptionDesk;
  readonly stored: StoredParts;
  readonly ownLog: OwnLog;
  /** Run from the last to the first. */
  readonly undo: (() => Promise<void>)[];
}

/** @throws TytoError naming the port, directory or content that is in the way; what was opened is closed again. */
export async function startTyto(config: Config, world: World): Promise<RunningTyto> {
  const ownLog = new OwnLog(world.log);
  const telemetry = createTelemetry({ stream: ownLog, level: config.logLevel, now: world.now });
  const undo: (() => Promise<void>)[] = [];
  const stop = (): Promise<void> => undoAll(undo);
  try {
    const stored = await openStoredParts(config, world, telemetry.log);
    undo.push(() => stored.close());
    const keySecret = await keySecretOf(stored.control, world);
    const enrichment = await openEnrichment(config.enrichment);
    const stopWatching = watchIpDatabases(enrichment, { log: telemetry.log });
    undo.push(() => Promise.resolve(stopWatching()));
    const zones = await SourceZones.open(stored.control);
    const sourceFacts = await SourceFactsBook.open(stored.control);
    const settingsOf = (source: SourceId): SourceSettings =>
      sourceFacts.settingsOf(source, zones.settingsOf(source));
    const shelf = await RuleShelf.open(stored.control.rules);
    const exceptions = await ExceptionDesk.open({ ...stored, content: () => content.current, world });
    const content: LiveContent = await LiveContent.open({
      config,
      house: () => shelf,
      exceptions: () => exceptions.take(),
      keySecret,
      enrichment,
      settingsOf,
      proofs: openCaseProofs(world.paths.caseProofs),
      clockMs: world.clockMs,
      log: telemetry.log,
    });
    const intake = await SourceIntake.open(stored.control, stored.audit);
    const filters = await FilterDesk.open({ ...stored, content: () => content.current, world });
    const endExceptions = exceptions.start(
      () => content.refresh(),
      (error) => telemetry.log.warn("exceptions could not be applied; tried again", { error }),
    );
    undo.push(() => Promise.resolve(endExceptions()));
    const running = await startParts({
      config,
      world,
      telemetry,
      content,
      shelf,
      zones,
      sourceFacts,
      intake,
      filters,
      exceptions,
      stored,
      ownLog,
      undo,
    });
    telemetry.log.info("started", { version: world.version, ...running.addresses });
    const stopAndSay = async (): Promise<void> => {
      await stop();
      telemetry.log.info("stopped", { stages: running.stages() });
    };
    return { ...running, stop: stopAndSay };
  } catch (error) {
    // What stood in the way of starting says more than what then could not be closed.
    await stop().catch(() => undefined);
    throw error;
  }
}

async function startParts(parts: Parts): Promise<Omit<RunningTyto, "stop">> {
  const { config, world, stored, undo } = parts;
  const times = new StageTimes(world.clockMs);
  const register = await openAssets(parts);
  const live = new LiveHub(world.now);
  const alerts = await openAlertBook(parts, register, live);
  const watch = watchStore(parts);
  const committer = await openCommitter(parts, { alerts, times, watch });
  const applier = await startApplier(parts, committer, times);
  undo.push(watchAssets(parts, { register, alerts, committer }));
  undo.push(() => applier.stop());
  parts.content.subscribe(() => applier.nudge());
  const parseJobs = await openParseJobs(parts, committer);
  undo.push(() => parseJobs.stop());
  const bulkJobs = await openBulkJobs(parts, alerts);
  undo.push(() => bulkJobs.stop());
  watch.start();
  undo.push(() => watch.stop());
  if (config.watchesPacks) undo.push(watchPacks(parts));

  const sink = doorOf(parts);
  const tls = await openTls(config, parts.telemetry.log);
  undo.push(() => Promise.resolve(tls.stop()));
  const inputs = await openInputs(parts, sink, tls.identity);
  const bound = await startInputs(inputs, undo);
  const secrets = await openSecrets(parts);
  const connections = await openConnections(parts, sink, secrets);
  undo.push(() => connections.stop());
  const access = await prepareAccess(config, world, stored.control);
  const box = new SealedSecrets(secrets);
  const webhooks = await Webhooks.open({ settings: stored.control.settings, box, world });
  const overHttp = openHttpInputs({
    sink,
    sources: stored.sources,
    now: world.now,
    knownPack: (name) => parts.content.current.knownPack(name),
    allowsQueryTokens: config.allowsQueryTokens,
    webhooks,
    nodeKeys: box,
    clockMs: world.clockMs,
    firstAck: await firstAckOf(stored.control),
  });
  const searchParts = await openSearchParts(parts);
  const monitoring = new Monitoring({
    ...parts,
    alerts,
    sink,
    inputs,
    ingest: overHttp.ingest,
    isStalled: () => applier.isStalled,
    stages: () => times.all(),
    restored: () => watch.restored,
    searches: searchParts.scheduled,
  });
  committer.onCommitted((events) => monitoring.look(events));
  let demo: DemoProgress | null = null;
  const listeners = await openListeners({
    demo: () => demo,
    ...parts,
    alerts,
    register,
    live,
    bulkJobs,
    policy: await TriagePolicy.open(stored.control.settings),
    parseJobs,
    searchParts,
    isStalled: () => applier.isStalled,
    inputs,
    ...overHttp,
    webhooks,
    connections,
    monitoring,
    bound,
    tls: tls.identity,
    setupToken: access.setupToken,
  });
  for (const { name, listener, address } of listeners) {
    bound.set(name, (await hinting(`--${name}`, () => listener.listen(address))).address);
    undo.push(() => listener.close());
  }
  monitoring.start();
  undo.push(() => monitoring.stop());
  return {
    addresses: {
      http: bound.get("http") ?? "",
      ingest: bound.get("ingest") ?? "",
      syslogUdp: bound.get("syslog-udp") ?? "",
      syslogTcp: bound.get("syslog-tcp") ?? "",
      inputs: Object.fromEntries(bound),
    },
    setupToken: textOf(access.setupToken),
    cliToken: access.cliToken,
    showDemo: (progress) => {
      demo = progress;
    },
    reload: () => parts.content.reload(),
    stages: () => times.all(),
  };
}

/** Made at the first start, kept for good: finding keys depend on it. */
async function keySecretOf({ settings }: ControlStore, world: World): Promise<string> {
  const name = "detection.key-secret";
  const known = await settings.get(name);
  if (known !== undefined) return known;
  const secret = Buffer.from(world.randomBytes(32)).toString("hex");
  await settings.set(name, secret);
  return secret;
}

/** Runs are counted, so that no number means two batches. Two thousand million numbers to a run and channel, from 0 in the first. */
async function firstAckOf({ settings }: ControlStore): Promise<number> {
  const name = "hec.runs";
  const run = Number((await settings.get(name)) ?? "0");
  await settings.set(name, String(run + 1));
  return run * 2 ** 31;
}

async function openAlertBook(
  { stored, world, telemetry }: Parts,
  register: AssetRegister,
  live: LiveHub,
): Promise<AlertBook> {
  const { control, engine } = stored;
  const log = telemetry.log.of("triage");
  const book = new AlertBook({
    alerts: control.alerts,
    projections: engine.projections,
    now: world.now,
    assets: (entity) => register.find(entity),
    onChanged: (changed) => live.changed(changed),
    onProjectionFailed: (error) =>
      log.warn("alerts could not be projected into the engine; repeated later", { error }),
  });
  const newest = await control.alerts.list({}, { sort: "lastSeen", limit: 200 });
  await book.project(newest.items);
  return book;
}

function openBulkJobs({ stored, world }: Parts, book: AlertBook): Promise<BulkJobs> {
  const { now, randomBytes } = world;
  return BulkJobs.open({ control: stored.control, book, now, randomBytes });
}

/** Not started yet: what a crash has left half done is settled first. */
function watchStore({ stored, content, world, telemetry }: Parts): StoreWatch {
  const { journal, control, engine } = stored;
  const log = telemetry.log.of("storage");
  return new StoreWatch({
    journal,
    control,
    engine,
    normaliser: () => content.current.normaliser,
    sleep: world.sleep,
    onBroken: (part) =>
      log.error("a part of the engine is broken on disk; the engine starts again", { ...part }),
    onRestored: (count) => log.error("the engine had lost records; they were stored again", { count }),
    onGone: (count) =>
      log.error("records that were stored are neither in the engine nor in the journal", { count }),
    onProblem: (error) => log.warn("the store could not be looked at; tried again", { error }),
  });
}

async function openCommitter(
  parts: Parts,
  {
    alerts,
    times,
    watch,
  }: { readonly alerts: AlertBook; readonly times: StageTimes; readonly watch: StoreWatch },
): Promise<Committer> {
  const { stored, content, world, telemetry } = parts;
  const { control, books } = stored;
  const log = telemetry.log.of("pipeline");
  const { detection } = content.current;
  detection.restore(await control.detectionState());
  return new Committer({
    detection,
    alerts,
    control,
    books,
    release: (before) => watch.release(before),
    times,
    now: world.now,
    clockMs: world.clockMs,
    onReleaseFailed: (error) =>
      log.warn("old hours of the books could not be deleted; tried again", { error }),
  });
}

async function startApplier(
  { stored, content, filters, world, telemetry }: Parts,
  committer: Committer,
  times: StageTimes,
): Promise<Applier<LoadedContent>> {
  const { journal, control, engine } = stored;
  const log = telemetry.log.of("pipeline");
  const applier = new Applier({
    journal,
    events: engine.events,
    content: () => content.current,
    filters: () => filters.running,
    checkpoints: await control.laneCheckpoints(),
    commit: (batch) => committer.commit(batch),
    onStalled: (error) => log.error("the pipeline waits; the journal keeps everything", { error }),
    onRecovered: () => log.info("the pipeline goes on"),
    clockMs: world.clockMs,
    sleep: world.sleep,
    times,
  });
  applier.start();
  return applier;
}

/** Before anyone reads: what a crash has left half done is ended or undone first. */
function openParseJobs(
  { stored, content, world, telemetry }: Parts,
  committer: Committer,
): Promise<ParseJobs> {
  const { control, engine } = stored;
  const log = telemetry.log.of("pipeline");
  return ParseJobs.open({
    control,
    engine,
    committer,
    normaliser: () => content.current.normaliser,
    now: world.now,
    randomBytes: world.randomBytes,
    sleep: world.sleep,
    onProblem: (error) => log.warn("parsing again waits", { error }),
  });
}

/** Of connections, webhooks and osquery's nodes: one key for all. */
function openSecrets({ config, stored, world }: Parts): Promise<SecretBox> {
  const { dataDirectory, secretKey, secretKeyFile } = config;
  const sealedKey = stored.keys?.secrets;
  return openSecretBox(
    { dataDirectory, key: secretKey, keyFile: secretKeyFile, sealedKey },
    world.randomBytes,
  );
}

/** Everything enters here: masked where that is on, put into its lane, acknowledged by the journal, then counted as received. */
function doorOf({ stored: { journal, books }, intake }: Parts): RecordSink {
  const counted: RecordSink = {
    append: async (batch) => {
      const receipt = await journal.append(batch);
      books.received(batch.source, receipt.count);
      return receipt;
    },
  };
  return new MaskingSink({
    sink: prioritySink(counted, intake),
    isMasked: (source) => intake.isMasked(source),
  });
}

function openInputs(
  { config, stored, world, telemetry }: Parts,
  sink: RecordSink,
  tls: TlsIdentity | undefined,
): Promise<readonly Input[]> {
  const context = { sink, sources: stored.sources, now: world.now, log: telemetry.log.of("inputs") };
  return openStreamInputs({ config, context, tls, randomBytes: world.randomBytes });
}

/** @returns addresses as bound, by name. */
async function startInputs(inputs: readonly Input[], undo: Parts["undo"]): Promise<Map<string, string>> {
  const bound = new Map<string, string>();
  for (const input of inputs) {
    const { address } = await hinting(`--${input.kind}`, () => input.start());
    undo.push(() => input.stop());
    let name: string = input.kind;
    for (let n = 2; bound.has(name); n += 1) name = `${input.kind}-${n}`;
    bound.set(name, address);
  }
  return bound;
}

/** A port that is taken is mended by the flag that names another. */
async function hinting<T>(flag: string, listen: () => Promise<T>): Promise<T> {
  try {
    return await listen();
  } catch (cause) {
    if (!(cause instanceof TytoError) || cause.code !== "port-in-use") throw cause;
    const hint = `Stop the program that holds it, or name another with ${flag}.`;
    throw new TytoError(cause.code, cause.message, { cause, hint });
  }
}

function textOf(token: SetupToken | null): string | undefined {
  return token === null ? undefined : token.text;
}
