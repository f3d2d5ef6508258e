/** Builds, wires and stops everything. Nothing else constructs a stateful object; read this first. */
import { TytoError } from "@tyto/domain";
import type { RecordSink, RuleReload, SourceId } from "@tyto/domain";
import type { DemoProgress, SetupToken } from "./api/index.ts";
import type { Config } from "./config/index.ts";
import { createIngestHandler, SyslogTcpInput, SyslogUdpInput } from "./inputs/index.ts";
import type { Input } from "./inputs/index.ts";
import { prepareAccess } from "./main/access.ts";
import { undoAll } from "./main/undo-all.ts";
import { Committer } from "./main/committer.ts";
import type { LoadedContent } from "./main/content.ts";
import { openEnrichment, watchIpDatabases } from "./main/enrichment.ts";
import { LiveContent } from "./main/live-content.ts";
import { openListeners } from "./main/listeners.ts";
import { watchPacks } from "./main/pack-watch.ts";
import { SourceZones } from "./main/source-zones.ts";
import { openStoredParts } from "./main/stored-parts.ts";
import type { StoredParts } from "./main/stored-parts.ts";
import type { World } from "./main/world.ts";
import { Applier, StageTimes } from "./pipeline/index.ts";
import type { SourceSettings, StageTime } from "./pipeline/index.ts";
import type { ControlStore } from "./storage/index.ts";
import { createTelemetry } from "./telemetry/index.ts";
import type { Telemetry } from "./telemetry/index.ts";
import { AlertBook } from "./triage/index.ts";

export type { World } from "./main/world.ts";

/** `host:port` as bound. */
export interface Addresses {
  readonly http: string;
  readonly ingest: string;
  readonly syslogUdp: string;
  readonly syslogTcp: string;
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
  readonly zones: SourceZones;
  readonly stored: StoredParts;
  /** Run from the last to the first. */
  readonly undo: (() => Promise<void>)[];
}

/** @throws TytoError naming the port, directory or content that is in the way; what was opened is closed again. */
export async function startTyto(config: Config, world: World): Promise<RunningTyto> {
  const telemetry = createTelemetry({ stream: world.log, level: config.logLevel, now: world.now });
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
    const settingsOf = (source: SourceId): SourceSettings => zones.settingsOf(source);
    const content = await LiveContent.open({
      config,
      keySecret,
      enrichment,
      settingsOf,
      clockMs: world.clockMs,
      log: telemetry.log,
    });
    const running = await startParts({ config, world, telemetry, content, zones, stored, undo });
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
  const alerts = await openAlertBook(parts);
  const applier = await startApplier(parts, alerts, times);
  undo.push(() => applier.stop());
  parts.content.subscribe(() => applier.nudge());
  if (config.watchesPacks) undo.push(watchPacks(parts));

  const sink = countedSink(stored);
  const bound = new Map<string, string>();
  const inputs = openInputs(parts, sink);
  for (const input of inputs) {
    bound.set(input.kind, (await hinting(`--${input.kind}`, () => input.start())).address);
    undo.push(() => input.stop());
  }
  const access = await prepareAccess(config, world, stored.control);
  const ingest = createIngestHandler({
    sink,
    sources: stored.sources,
    now: world.now,
    knownPack: (name) => parts.content.current.knownPack(name),
  });
  let demo: DemoProgress | null = null;
  const listeners = await openListeners({
    demo: () => demo,
    ...parts,
    alerts,
    isStalled: () => applier.isStalled,
    inputs,
    ingest,
    bound,
    setupToken: access.setupToken,
  });
  for (const { name, listener, address } of listeners) {
    bound.set(name, (await hinting(`--${name}`, () => listener.listen(address))).address);
    undo.push(() => listener.close());
  }
  return {
    addresses: {
      http: bound.get("http") ?? "",
      ingest: bound.get("ingest") ?? "",
      syslogUdp: bound.get("syslog-udp") ?? "",
      syslogTcp: bound.get("syslog-tcp") ?? "",
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

async function openAlertBook({ stored, world, telemetry }: Parts): Promise<AlertBook> {
  const { control, engine } = stored;
  const log = telemetry.log.of("triage");
  const book = new AlertBook({
    alerts: control.alerts,
    projections: engine.projections,
    now: world.now,
    onProjectionFailed: (error) =>
      log.warn("alerts could not be projected into the engine; repeated later", { error }),
  });
  const newest = await control.alerts.list({}, { sort: "lastSeen", limit: 200 });
  await book.project(newest.items);
  return book;
}

async function startApplier(
  parts: Parts,
  alerts: AlertBook,
  times: StageTimes,
): Promise<Applier<LoadedContent>> {
  const { stored, content, world, telemetry } = parts;
  const { journal, control, engine, books } = stored;
  const log = telemetry.log.of("pipeline");
  const { detection } = content.current;
  detection.restore(await control.detectionState());
  const committer = new Committer({
    detection,
    alerts,
    control,
    books,
    journal,
    times,
    now: world.now,
    clockMs: world.clockMs,
    onReleaseFailed: (error) => log.warn("old journal segments could not be deleted; tried again", { error }),
  });
  const applier = new Applier({
    journal,
    events: engine.events,
    content: () => content.current,
    checkpoint: await control.checkpoint(),
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

/** Everything enters here: acknowledged by the journal, then counted as received. */
function countedSink({ journal, books }: StoredParts): RecordSink {
  return {
    append: async (batch) => {
      const receipt = await journal.append(batch);
      books.received(batch.source, receipt.count);
      return receipt;
    },
  };
}

function openInputs({ config, stored, world, telemetry }: Parts, sink: RecordSink): readonly Input[] {
  const context = { sink, sources: stored.sources, now: world.now, log: telemetry.log.of("inputs") };
  return [new SyslogUdpInput(config.syslogUdp, context), new SyslogTcpInput(config.syslogTcp, context)];
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
