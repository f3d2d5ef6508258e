import type { Coverage, CoverageCell } from "@tyto/domain";
import type { CoverageSearch, CoverageState } from "./coverage-url.ts";
import { STATE_OF } from "./coverage-url.ts";

/** A tactic with what stands under it, from top to bottom. */
export interface MatrixColumn {
  readonly key: string;
  readonly name: string;
  readonly cells: readonly CoverageCell[];
}

export const STATE_NAMES: Readonly<Record<CoverageState, string>> = {
  covered: "Covered",
  arriving: "Not tested",
  enabled: "No telemetry",
  none: "No rule runs",
};

/** What of the matrix is shown. */
export function shownCells(cells: readonly CoverageCell[], search: CoverageSearch): readonly CoverageCell[] {
  const words = (search.q ?? "").toLowerCase().split(/\s+/);
  return cells.filter(
    (cell) =>
      (cell.parent === undefined || search.subs === "shown") &&
      (search.state === undefined || STATE_OF[cell.score] === search.state) &&
      words.every((word) => textOf(cell).includes(word)),
  );
}

function textOf({ id, name, rules }: CoverageCell): string {
  return [id, name, ...rules.map(({ title }) => title)].join(" ").toLowerCase();
}

export function columnsOf(
  { tactics }: Pick<Coverage, "tactics">,
  cells: readonly CoverageCell[],
): readonly MatrixColumn[] {
  return tactics.map(({ key, name }) => ({
    key,
    name,
    cells: cells.filter((cell) => cell.tactics.includes(key)),
  }));
}

/** Techniques, without their sub-techniques, by state. */
export function countStates(cells: readonly CoverageCell[]): Readonly<Record<CoverageState, number>> {
  const counts = { covered: 0, arriving: 0, enabled: 0, none: 0 };
  for (const { parent, score } of cells) if (parent === undefined) counts[STATE_OF[score]]++;
  return counts;
}

/** The three facts of a cell, for those who do not see its shapes. */
export function cellInWords(cell: CoverageCell): string {
  const { id, name, rules, enabled, arriving, tested, score } = cell;
  const facts =
    rules.length === 0
      ? "no rule"
      : `${rules.length} ${rules.length === 1 ? "rule" : "rules"}, ${enabled} enabled, ${arriving} with telemetry, ${tested} tested`;
  return `${name}, ${id}: ${STATE_NAMES[STATE_OF[score]].toLowerCase()}; ${facts}`;
}
