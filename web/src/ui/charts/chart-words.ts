import { segmentHostileText } from "../text/hostile-text.ts";

/** For places that hold plain text only: what would hide or reorder becomes its name. */
export function visibleText(text: string): string {
  return segmentHostileText(text)
    .map((segment) => (segment.kind === "text" ? segment.text : `[${segment.label}]`))
    .join("");
}

/** Of the font that charts are set in, at 11 px. */
const CHARACTER_PX = 6.7;

/** As much of a text as fits into a width, in one line. */
export function fitted(text: string, widthPx: number): string {
  const visible = visibleText(text);
  const most = Math.max(1, Math.floor(widthPx / CHARACTER_PX));
  return visible.length <= most ? visible : `${visible.slice(0, Math.max(1, most - 1))}…`;
}

const SEVERITIES = ["informational", "low", "medium", "high", "critical"] as const;
const isSeverity = (name: string): boolean => SEVERITIES.some((one) => one === name.toLowerCase());

/** Series from the bottom up with their colours: severities in their own order and colours, others as they come. */
export function colouredSeries<Series extends { readonly name: string }>(
  series: readonly Series[],
): readonly (Series & { readonly color: string })[] {
  if (series.length > 0 && series.every(({ name }) => isSeverity(name))) {
    const rank = (name: string) => SEVERITIES.findIndex((one) => one === name.toLowerCase());
    return [...series]
      .sort((a, b) => rank(a.name) - rank(b.name))
      .map((one) => ({ ...one, color: `var(--${one.name.toLowerCase()})` }));
  }
  return series.map((one, at) => ({ ...one, color: `var(--series-${(at % 7) + 1})` }));
}

export function colourOf(name: string): string {
  return isSeverity(name) ? `var(--${name.toLowerCase()})` : "var(--series-1)";
}

/** Short enough for an axis, exact where it is small. */
export function shareOf(value: number, most: number): number {
  return most <= 0 ? 0 : Math.max(0, Math.min(1, value / most));
}
