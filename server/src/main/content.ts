import { formatDiagnostic } from "@tyto/domain";
import type { Diagnostic, RuleBody, SourceId } from "@tyto/domain";
import type { ContentSnapshot, RuleText } from "../content/index.ts";
import { createDetectionEngine, loadRuleSet, switchRules } from "../detection/index.ts";
import type {
  CaseProofs,
  LoadedRuleSet,
  RuleException,
  RuleReport,
  RuleSet,
  RuleSwitches,
  SigmaEngine,
} from "../detection/index.ts";
import { createNormaliser } from "../pipeline/index.ts";
import type { EnrichmentOptions, SourceSettings, WatchedNormaliser } from "../pipeline/index.ts";
import type { Log } from "../telemetry/index.ts";
import { OWN_FOLDER } from "./rule-shelf.ts";

/** Packs and rules, compiled. */
export interface LoadedContent {
  readonly normaliser: WatchedNormaliser;
  readonly detection: SigmaEngine;
  readonly rules: readonly RuleBody[];
  readonly ruleSet: LoadedRuleSet;
  /** The files that they were read from, with their cases. */
  readonly files: readonly RuleText[];
  /** Vendor namespaces that the packs fill. */
  readonly namespaces: readonly string[];
  /** Ids of the packs. */
  readonly packs: readonly string[];
  /** That its rules were compiled with. */
  readonly exceptions: readonly RuleException[];
  /** Whether a sender's `?source=NAME` names a pack, one of its parsers, or a type that it declares. */
  readonly knownPack: (name: string) => boolean;
}

/** What people add to packs and decide of their rules. */
export interface HouseRules {
  readonly files: readonly RuleText[];
  readonly switches: RuleSwitches;
}

/** A bad pack or rule costs only itself: it is logged with its place, and everything else runs. */
export function compileContent(
  snapshot: ContentSnapshot,
  options: {
    readonly keySecret: string;
    readonly enrichment?: EnrichmentOptions;
    readonly settingsOf?: (source: SourceId) => SourceSettings;
    readonly proofs?: CaseProofs;
    readonly house?: () => HouseRules;
    readonly exceptions?: () => readonly RuleException[];
    /** What read records before and goes on to: packs are the same. */
    readonly normaliser?: WatchedNormaliser;
    readonly clockMs: () => number;
    readonly log: Log;
  },
): LoadedContent {
  const { keySecret, enrichment, settingsOf, proofs, clockMs, log } = options;
  const house = options.house?.() ?? NO_HOUSE_RULES;
  const exceptions = options.exceptions?.() ?? [];
  const namespaces = snapshot.packs.flatMap((pack) => pack.namespaces);
  const files = [...snapshot.rules, ...house.files];
  const ruleSet = loadRuleSet(files, {
    namespaces,
    needsCases: true,
    freePaths: OWN_FOLDER,
    exceptions,
    ...(proofs === undefined ? {} : { proofs }),
  });
  report(log.of("content"), [...snapshot.diagnostics, ...ruleSet.diagnostics]);
  const names = packNames(snapshot);
  const detection = createDetectionEngine(switchRules(ruleSet, house.switches), { keySecret });
  // Indexes are built now, so that no batch waits for them.
  detection.prepare();
  return {
    normaliser:
      options.normaliser ??
      createNormaliser({
        snapshot,
        guard: {
          clockMs,
          onSwitchedOff: ({ pack, reason }) =>
            log.of("pipeline").error(`pack ${pack} is switched off until it is reloaded: ${reason}`),
        },
        ...(enrichment === undefined ? {} : { enrichment }),
        ...(settingsOf === undefined ? {} : { settingsOf: ({ source }) => settingsOf(source) }),
      }),
    detection,
    rules: ruleBodies(ruleSet),
    ruleSet,
    files,
    namespaces,
    packs: snapshot.packs.map(({ id }) => id),
    exceptions,
    knownPack: (name) => names.has(name),
  };
}

const NO_HOUSE_RULES: HouseRules = { files: [], switches: { silent: new Set(), levels: new Map() } };

function report(log: Log, diagnostics: readonly Diagnostic[]): void {
  for (const diagnostic of diagnostics) {
    const text = formatDiagnostic(diagnostic);
    if (diagnostic.severity === "error") log.error(text);
    else log.warn(text);
  }
}

/** What `--source` and `?source=` may name: packs, their parsers, and the types that they declare. */
export function packNames(snapshot: ContentSnapshot): ReadonlySet<string> {
  return new Set(
    snapshot.packs.flatMap((pack) => [
      pack.id,
      ...[...pack.parsers.keys()].map((parser) => `${pack.id}/${parser}`),
      ...pack.types.keys(),
    ]),
  );
}

function ruleBodies(ruleSet: RuleSet): readonly RuleBody[] {
  return ruleSet.report.map(ruleBody);
}

export function ruleBody(rule: RuleReport): RuleBody {
  return {
    id: rule.id,
    title: rule.title,
    level: rule.level ?? "informational",
    kind: rule.kind === "unknown" ? "event" : rule.kind,
    status: rule.status,
    reason: rule.reason ?? null,
    path: rule.path,
    description: rule.description,
    tags: [...rule.tags],
    response: [...rule.response],
    yaml: rule.yaml,
    cases: { ...rule.cases },
  };
}
