import { formatMicros, MICROS_PER_SECOND } from "@tyto/domain";
import type { Event, Finding, FindingChange, FindingKey, Micros } from "@tyto/domain";
import { createDetectionEngine, loadRuleSet } from "../detection/index.ts";
import type { RuleSet, SigmaEngine } from "../detection/index.ts";
import type { Normaliser } from "../pipeline/index.ts";
import { EventReader, LATENESS_MICROS } from "./event-reader.ts";
import { explainCommand } from "./explain.ts";
import { writeLine } from "./io.ts";
import type { CommandIo, ExitStatus } from "./io.ts";
import { placeholdersOf } from "./placeholders.ts";
import { countsOf, readRuleFiles } from "./rules.ts";

export interface DetectOptions {
  /** Rule files, and folders that are searched for them. */
  readonly rules: readonly string[];
  /** Files to read, `.gz` too; standard input when empty. */
  readonly files: readonly string[];
  /**
   * `raw` = log lines of any pack; `sigma-json` = JSON objects with Sigma's names, or Windows events as JSON. Windows event log files are
   * told by their first bytes in either.
   */
  readonly format: "raw" | "sigma-json";
  /** A pack, for lines that no pack would recognise. */
  readonly source?: string;
  /** Vendor namespaces that the loaded packs fill. */
  readonly namespaces?: readonly string[];
  /** A YAML file of values for `|expand`. */
  readonly placeholders?: string;
  /** Says why one event did or did not match this rule, instead of findings. */
  readonly explain?: string;
  /** With `explain`: an event by its id, or by its number from 1 on. */
  readonly event?: string;
  /** With `explain`: JSON instead of text. */
  readonly isJson?: boolean;
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
    ...(await placeholdersOf(options.placeholders)),
  });
  if (ruleSet.report.length === 0) {
    await writeLine(io.stderr, `tyto: no rules (.yml) in ${options.rules.join(", ") || "no path"}`);
    return 2;
  }
  if (options.explain !== undefined) {
    return explainCommand({ ...options, rule: options.explain, ruleSet, normaliser }, io);
  }
  const run = new DetectRun(ruleSet, options, io);
  const reader = new EventReader({ ...options, normaliser }, io, (events) => run.process(events));
  await reader.readAll(options.files);
  await run.end();
  const seconds = (options.now() - started) / MICROS_PER_SECOND;
  await writeLine(
    io.stderr,
    `${ruleSet.report.length} rules: ${countsOf(ruleSet.report)}. ` +
      `${reader.events} events, ${reader.unreadable} unreadable, ${run.findings} findings, ${seconds.toFixed(1)} s`,
  );
  const isWrong = reader.unreadable > 0 || ruleSet.report.some(({ status }) => status === "invalid");
  return isWrong ? 1 : 0;
}

class DetectRun {
  findings = 0;
  readonly #options: DetectOptions;
  readonly #io: CommandIo;
  readonly #engine: SigmaEngine;
  readonly #paths: ReadonlyMap<string, string>;
  readonly #counting: ReadonlySet<string>;
  /** Counts may still grow or merge: they are said at the end. */
  readonly #open = new Map<FindingKey, { readonly finding: Finding; readonly event: Event | undefined }>();

  constructor(ruleSet: RuleSet, options: DetectOptions, io: CommandIo) {
    this.#options = options;
    this.#io = io;
    this.#engine = createDetectionEngine(ruleSet, { limits: { latenessMicros: LATENESS_MICROS } });
    this.#counting = new Set(ruleSet.correlations.map(({ summary }) => summary.id));
    this.#paths = new Map(ruleSet.report.map(({ id, path }) => [id, path]));
  }

  async process(events: readonly Event[]): Promise<void> {
    const byId = new Map(events.map((event) => [event.id, event]));
    await this.#take(this.#engine.process(events, this.#options.now()).changes, byId);
  }

  async end(): Promise<void> {
    await this.#take(this.#engine.finish(this.#options.now()).changes, new Map());
    for (const { finding, event } of this.#open.values()) await this.#print(finding, event);
  }

  async #take(changes: readonly FindingChange[], byId: ReadonlyMap<string, Event>): Promise<void> {
    for (const change of changes) {
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
