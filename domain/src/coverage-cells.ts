import { csvLines } from "./csv-cell.ts";
import type { Coverage, CoverageRule } from "./api/coverage.ts";

/** Which rules are counted; each part that is given must hold. */
export interface CoverageFilter {
  readonly tag?: string | undefined;
  /** Of a source that sends. */
  readonly source?: string | undefined;
  readonly pack?: string | undefined;
  readonly level?: string | undefined;
  readonly onlyEnabled?: boolean;
}

/** 0: no rule runs · 1: one is enabled · 2: and its telemetry arrives · 3: and it is tested. Only 3 is covered. */
export type CoverageScore = 0 | 1 | 2 | 3;

/** A technique with the rules that name it; those of its sub-techniques are its own as well. */
export interface CoverageCell {
  readonly id: string;
  readonly name: string;
  readonly tactics: readonly string[];
  /** Undefined for a technique. */
  readonly parent: string | undefined;
  readonly rules: readonly CoverageRule[];
  readonly enabled: number;
  /** Enabled, with telemetry arriving. */
  readonly arriving: number;
  /** Enabled and tested. */
  readonly tested: number;
  /** All three. */
  readonly covering: number;
  /** In 30 days; a rule that names several techniques counts in each. */
  readonly alerts: number;
  readonly score: CoverageScore;
  /** Sub-techniques, and how many of them are covered. */
  readonly subs: number;
  readonly coveredSubs: number;
}

export function fitsCoverage(rule: CoverageRule, filter: CoverageFilter): boolean {
  return (
    (filter.tag === undefined || rule.tags.includes(filter.tag)) &&
    (filter.source === undefined || rule.sources.includes(filter.source)) &&
    (filter.pack === undefined || rule.pack === filter.pack) &&
    (filter.level === undefined || rule.level === filter.level) &&
    (filter.onlyEnabled !== true || rule.isEnabled)
  );
}

/** Every technique and sub-technique of the matrix, in its order. */
export function coverageCells(
  { techniques, rules }: Pick<Coverage, "techniques" | "rules">,
  filter: CoverageFilter = {},
): readonly CoverageCell[] {
  const byTechnique = new Map<string, Set<CoverageRule>>();
  const note = (id: string, rule: CoverageRule): void => {
    const known = byTechnique.get(id);
    if (known === undefined) byTechnique.set(id, new Set([rule]));
    else known.add(rule);
  };
  for (const rule of rules) {
    if (!fitsCoverage(rule, filter)) continue;
    for (const id of rule.techniques) {
      note(id, rule);
      if (id.includes(".")) note(parentOf(id), rule);
    }
  }
  const cells = techniques.map(({ id, name, tactics }) => cellOf({ id, name, tactics }, byTechnique.get(id)));
  const subs = new Map<string, CoverageCell[]>();
  for (const cell of cells) {
    if (cell.parent !== undefined) subs.set(cell.parent, [...(subs.get(cell.parent) ?? []), cell]);
  }
  return cells.map((cell) => {
    const own = subs.get(cell.id) ?? [];
    return { ...cell, subs: own.length, coveredSubs: own.filter(({ score }) => score === 3).length };
  });
}

function cellOf(
  technique: Pick<CoverageCell, "id" | "name" | "tactics">,
  named: ReadonlySet<CoverageRule> = new Set(),
): CoverageCell {
  const rules = [...named];
  const enabled = rules.filter(({ isEnabled }) => isEnabled);
  const arriving = enabled.filter(({ telemetry }) => telemetry === "arriving");
  const covering = arriving.filter(({ isTested }) => isTested);
  return {
    ...technique,
    parent: technique.id.includes(".") ? parentOf(technique.id) : undefined,
    rules,
    enabled: enabled.length,
    arriving: arriving.length,
    tested: enabled.filter(({ isTested }) => isTested).length,
    covering: covering.length,
    alerts: rules.reduce((sum, { alerts }) => sum + alerts, 0),
    score: covering.length > 0 ? 3 : arriving.length > 0 ? 2 : enabled.length > 0 ? 1 : 0,
    subs: 0,
    coveredSubs: 0,
  };
}

function parentOf(id: string): string {
  return id.slice(0, id.indexOf("."));
}

/** Techniques that rules name and this version of ATT&CK does not have: revoked ones, and mistakes. */
export function unknownTechniques({ techniques, rules }: Coverage): readonly string[] {
  const known = new Set(techniques.map(({ id }) => id));
  return [...new Set(rules.flatMap((rule) => rule.techniques))].filter((id) => !known.has(id)).sort();
}

const SCORES = [
  "no rule runs",
  "enabled",
  "enabled, telemetry arrives",
  "covered: enabled, telemetry arrives, tested",
];

export function scoreInWords(score: CoverageScore): string {
  return SCORES[score] ?? "";
}

/** A layer for ATT&CK Navigator, format 4.5: scores 0 to 3, the three facts and the rules as metadata and comment. */
export function navigatorLayer(coverage: Coverage, cells: readonly CoverageCell[]): unknown {
  return {
    name: "Tyto coverage",
    versions: { attack: coverage.attackVersion.split(".")[0], navigator: "5.1.0", layer: "4.5" },
    domain: "enterprise-attack",
    description: `Rules of this Tyto on ${coverage.at}; telemetry of ${coverage.days} days.`,
    sorting: 3,
    layout: { layout: "side", showID: true, showName: true },
    hideDisabled: false,
    techniques: cells
      .filter(({ rules }) => rules.length > 0)
      .map((cell) => ({
        techniqueID: cell.id,
        score: cell.score,
        comment: cell.rules
          .map(({ title }) => title)
          .join("\n")
          .slice(0, 2_000),
        enabled: true,
        showSubtechniques: false,
        metadata: [
          { name: "rules", value: String(cell.rules.length) },
          { name: "enabled", value: String(cell.enabled) },
          { name: "telemetry arriving", value: String(cell.arriving) },
          { name: "tested", value: String(cell.tested) },
          { name: "alerts in 30 days", value: String(cell.alerts) },
        ],
      })),
    gradient: { colors: ["#ffffff", "#dbe9f8", "#8fbdea", "#0b62c4"], minValue: 0, maxValue: 3 },
    legendItems: ([0, 1, 2, 3] as const).map((score) => ({
      label: scoreInWords(score),
      color: ["#ffffff", "#dbe9f8", "#8fbdea", "#0b62c4"][score],
    })),
    selectTechniquesAcrossTactics: true,
  };
}

/** One line a technique. Spreadsheets take no cell for a formula. */
export function coverageCsv(cells: readonly CoverageCell[]): string {
  const head = [
    "technique",
    "name",
    "tactics",
    "score",
    "rules",
    "enabled",
    "arriving",
    "tested",
    "covering",
    "alerts",
  ];
  const lines = cells.map((cell) => [
    cell.id,
    cell.name,
    cell.tactics.join(" "),
    ...[cell.score, cell.rules.length, cell.enabled, cell.arriving, cell.tested, cell.covering, cell.alerts],
    cell.rules.map(({ title }) => title).join("; "),
  ]);
  return csvLines([[...head, "titles"], ...lines.map((line) => line.map(String))]);
}
