import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import type { Readable } from "node:stream";
import {
  formatMicros,
  MICROS_PER_DAY,
  MICROS_PER_SECOND,
  originId,
  sequence,
  sourceId,
  TytoError,
} from "@tyto/domain";
import type { Event, Finding, FindingKey, Micros, OriginId, RawRecord } from "@tyto/domain";
import { createDetectionEngine, JsonSplitter, loadRuleSet, readSigmaEvent } from "../detection/index.ts";
import type { RuleSet, SigmaEngine } from "../detection/index.ts";
import type { Normaliser } from "../pipeline/index.ts";
import { writeLine } from "./io.ts";
import type { CommandIo, ExitStatus } from "./io.ts";
import { linesOf, plainBytes } from "./log-lines.ts";
import { countsOf, readRuleFiles } from "./rules.ts";

export interface DetectOptions {
  /** Rule files, and folders that are searched for them. */
  readonly rules: readonly string[];
  /** Files to read, `.gz` too; standard input when empty. */
  readonly files: readonly string[];
  /** `raw` = log lines of any pack; `sigma-json` = JSON objects with Sigma's names, or Windows events as JSON. */
  readonly format: "raw" | "sigma-json";
  /** A pack, for lines that no pack would recognise. */
  readonly source?: string;
  /** Vendor namespaces that the loaded packs fill. */
  readonly namespaces?: readonly string[];
  readonly now: () => Micros;
}

/**
 * Tells rules from log files behind `--rules`, which takes all paths that follow it: `--rules rules/ access.log` means one of each.
 */
export function splitPaths(
  named: readonly string[],
  isFolder: (path: string) => boolean,
): { readonly rules: readonly string[]; readonly files: readonly string[] } {
  const isRule = (path: string): boolean => /\.ya?ml$/i.test(path) || isFolder(path);
  const [first, ...rest] = named;
  // The first is meant as a rule whatever it is called.
  return {
    rules: [...(first === undefined ? [] : [first]), ...rest.filter(isRule)],
    files: rest.filter((path) => !isRule(path)),
  };
}

const BATCH = 1_000;
const SOURCE = sourceId("0000000000000000");
/** Files come one after another, whatever days they are of: nothing is late. */
const LATENESS_MICROS = 36_500 * MICROS_PER_DAY;

/**
 * `tyto detect`: rules over files or standard input, without a server. One finding per line on stdout; a summary on stderr.
 * Exit status: 0 done, 1 a rule or a record is wrong, 2 wrong usage.
 */
export async function detectCommand(
  options: DetectOptions,
  normaliser: Normaliser,
  io: CommandIo,
): Promise<ExitStatus> {
  const started = options.now();
  const ruleSet = loadRuleSet(await readRuleFiles(options.rules), {
    ...(options.namespaces === undefined ? {} : { namespaces: options.namespaces }),
  });
  if (ruleSet.report.length === 0) {
    await writeLine(io.stderr, `tyto: no rules (.yml) in ${options.rules.join(", ") || "no path"}`);
    return 2;
  }
  const run = new DetectRun(ruleSet, options, normaliser, io);
  for (const file of options.files) await run.read(file, openFile(file));
  if (options.files.length === 0) await run.read("standard input", io.stdin);
  await run.end();
  const seconds = (options.now() - started) / MICROS_PER_SECOND;
  await writeLine(
    io.stderr,
    `${ruleSet.report.length} rules: ${countsOf(ruleSet.report)}. ` +
      `${run.events} events, ${run.unreadable} unreadable, ${run.findings} findings, ${seconds.toFixed(1)} s`,
  );
  const isWrong = run.unreadable > 0 || ruleSet.report.some(({ status }) => status === "invalid");
  return isWrong ? 1 : 0;
}

function openFile(file: string): Readable {
  if (/\.evtx$/i.test(file)) {
    throw new TytoError(
      "unsupported-media-type",
      `${file} is a Windows event log file, which is not supported`,
      {
        hint: "export it as JSON and use --format sigma-json",
      },
    );
  }
  return createReadStream(file);
}

class DetectRun {
  events = 0;
  unreadable = 0;
  findings = 0;
  readonly #options: DetectOptions;
  readonly #normaliser: Normaliser;
  readonly #io: CommandIo;
  readonly #engine: SigmaEngine;
  readonly #paths: ReadonlyMap<string, string>;
  readonly #counting: ReadonlySet<string>;
  /** Counts may still grow or merge: they are said at the end. */
  readonly #open = new Map<FindingKey, { readonly finding: Finding; readonly event: Event | undefined }>();
  #batch: Event[] = [];
  #records: RawRecord[] = [];
  #ordinal = 0;

  constructor(ruleSet: RuleSet, options: DetectOptions, normaliser: Normaliser, io: CommandIo) {
    this.#options = options;
    this.#normaliser = normaliser;
    this.#io = io;
    this.#engine = createDetectionEngine(ruleSet, { limits: { latenessMicros: LATENESS_MICROS } });
    this.#counting = new Set(ruleSet.countingRules.map(({ summary }) => summary.id));
    this.#paths = new Map(ruleSet.report.map(({ id, path }) => [id, path]));
  }

  async read(name: string, input: Readable): Promise<void> {
    const origin = originId(createHash("sha256").update(name).digest("hex").slice(0, 16));
    this.#ordinal = 0;
    try {
      if (this.#options.format === "sigma-json") await this.#readJson(origin, input);
      else for await (const line of linesOf(input)) await this.#takeLine(origin, line);
    } catch (cause) {
      if (cause instanceof TytoError) throw cause;
      throw new TytoError("bad-request", `cannot read ${name}`, {
        cause,
        hint: "check that it exists and is readable",
      });
    }
    await this.#flush();
  }

  async end(): Promise<void> {
    for (const { finding, event } of this.#open.values()) await this.#print(finding, event);
  }

  async #readJson(origin: OriginId, input: Readable): Promise<void> {
    const splitter = new JsonSplitter();
    const decoder = new TextDecoder("utf-8");
    for await (const chunk of plainBytes(input)) {
      const text = decoder.decode(chunk, { stream: true });
      for (const object of splitter.push(text)) await this.#takeObject(origin, object);
    }
    for (const object of splitter.end()) await this.#takeObject(origin, object);
  }

  async #takeObject(origin: OriginId, text: string): Promise<void> {
    const pack = this.#options.source ?? "";
    const event = readSigmaEvent({ text, origin, ordinal: this.#ordinal++, pack, now: this.#options.now() });
    if (event === undefined) this.unreadable++;
    else this.#batch.push(event);
    if (this.#batch.length >= BATCH) await this.#flush();
  }

  async #takeLine(origin: OriginId, bytes: Uint8Array): Promise<void> {
    const ordinal = this.#ordinal;
    this.#ordinal += bytes.length + 1;
    if (bytes.length === 0) return;
    const pack = this.#options.source;
    this.#records.push({
      sequence: sequence(ordinal + 1),
      origin,
      ordinal,
      source: SOURCE,
      receivedAt: this.#options.now(),
      bytes,
      ...(pack === undefined ? {} : { pack }),
    });
    if (this.#records.length >= BATCH) await this.#flush();
  }

  async #flush(): Promise<void> {
    for (const outcome of this.#normaliser.normalise(this.#records)) {
      if (outcome.kind === "event") this.#batch.push(outcome.event);
      else if (outcome.kind === "quarantined") this.unreadable++;
    }
    this.#records = [];
    const events = this.#batch;
    this.#batch = [];
    this.events += events.length;
    const byId = new Map(events.map((event) => [event.id, event]));
    for (const change of this.#engine.process(events, this.#options.now()).changes) {
      if (change.kind !== "upsert") {
        this.#open.delete(change.key);
        continue;
      }
      const { finding } = change;
      const [only] = finding.evidence;
      if (!this.#counting.has(finding.rule.id)) {
        await this.#print(finding, only === undefined ? undefined : byId.get(only.id));
      } else {
        const last = finding.evidence.findLast(({ id }) => byId.has(id));
        const event = last === undefined ? undefined : byId.get(last.id);
        this.#open.set(finding.key, { finding, event: event ?? this.#open.get(finding.key)?.event });
      }
    }
  }

  async #print(finding: Finding, event: Event | undefined): Promise<void> {
    this.findings++;
    const { id, title, level } = finding.rule;
    const isCount = this.#counting.has(finding.rule.id);
    const line = {
      rule: { id, title, level, path: this.#paths.get(id) ?? "" },
      timestamp: formatMicros(finding.lastSeen),
      event: event === undefined ? {} : { "@timestamp": formatMicros(event.timestamp), ...event.fields },
      matched: finding.matched,
      ...(isCount
        ? {
            group: Object.fromEntries(finding.group.map(({ type, value }) => [type, value])),
            count: finding.count,
            firstSeen: formatMicros(finding.firstSeen),
            sentence: finding.sentence,
          }
        : {}),
    };
    await writeLine(this.#io.stdout, JSON.stringify(line));
  }
}

/** Lines without their ends; one longer than the limit is cut there and goes on as the next. */
