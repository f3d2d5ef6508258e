import type { Histogram } from "@tyto/domain";
import type { ReactNode } from "react";
import { millisOf, Select, type Series, TimeBars, type TimeRange } from "../../ui/index.ts";
import css from "./SearchPage.module.css";
import type { SearchState } from "./use-search-page.ts";

/** Fields of few values that say something about every event. */
const STACKS = [
  ["", "No stack"],
  ["log.level", "Severity (log.level)"],
  ["event.outcome", "event.outcome"],
  ["event.category", "event.category"],
  ["event.action", "event.action"],
  ["pack", "pack"],
  ["host.name", "host.name"],
  ["user.name", "user.name"],
] as const;

interface EventBarsProps {
  readonly state: SearchState;
  readonly onPick: (range: TimeRange) => void;
}

/** Events over time: drag to search that time, drag with Shift to compare it with the time before. */
export function EventBars({ state, onPick }: EventBarsProps): ReactNode {
  const { histogram, search } = state;
  const { series, valuesAt } = stacksOf(histogram, search.by);
  const by = search.by ?? "";
  return (
    <div className={css["chart"]}>
      <TimeBars
        label="Events over time"
        series={series}
        buckets={(histogram?.buckets ?? []).map(({ start }, at) => ({
          startMs: millisOf(start),
          values: valuesAt(at),
        }))}
        bucketMs={histogram?.bucketMs ?? 0}
        onPick={onPick}
        onCompare={({ from, to }) => state.change({ cf: from, ct: to, tab: "compare", event: undefined })}
        {...(search.cf === undefined || search.ct === undefined
          ? {}
          : { chosen: { fromMs: millisOf(search.cf), toMs: millisOf(search.ct) } })}
      />
      <div className={css["chartFoot"]}>
        {series.length > 1 && <Legend series={series} />}
        <span className="grow" />
        <label className={css["stackBy"]}>
          <span className="muted">Stack by</span>
          <Select value={by} onChange={(event) => state.change({ by: event.target.value || undefined })}>
            {STACKS.map(([field, label]) => (
              <option key={field} value={field}>
                {label}
              </option>
            ))}
            {!STACKS.some(([field]) => field === by) && <option value={by}>{by}</option>}
          </Select>
        </label>
      </div>
    </div>
  );
}

function Legend({ series }: { readonly series: readonly Series[] }): ReactNode {
  return (
    <ul className={css["legend"]} aria-label="Colours">
      {series.map(({ label, color }) => (
        <li key={label}>
          <span className={css["swatch"]} style={{ background: color }} aria-hidden="true" />
          {label}
        </li>
      ))}
    </ul>
  );
}

const PLAIN: Series = { label: "Events", color: "var(--informational)" };
const COLORS = [1, 2, 3, 4, 5, 6, 7].map((number) => `var(--series-${number})`);
const OTHER = "var(--border-strong)";

/** Syslog's words, and those of products, for how bad a record says that it is; low first. */
const LEVELS: readonly (readonly [string, RegExp])[] = [
  ["informational", /^(info|informational|information|debug|trace|verbose)$/i],
  ["low", /^(notice|low)$/i],
  ["medium", /^(warn|warning|medium)$/i],
  ["high", /^(err|error|high)$/i],
  ["critical", /^(crit|critical|alert|emerg|emergency|fatal|panic)$/i],
];

interface Stacks {
  readonly series: readonly Series[];
  readonly valuesAt: (bucket: number) => readonly number[];
}

/** Severities have their own colours and stand in their order, low first; other values are told apart by the order of their counts. */
function stacksOf(histogram: Histogram | undefined, by: string | undefined): Stacks {
  const buckets = histogram?.buckets ?? [];
  const found = histogram?.series;
  if (found === undefined || found.length === 0 || by === undefined) {
    return { series: [PLAIN], valuesAt: (at) => [buckets[at]?.count ?? 0] };
  }
  const shown =
    by === "log.level" ? byLevel(found) : found.map((one, at) => ({ ...one, color: COLORS[at] ?? OTHER }));
  const series = shown.map(({ value, color }): Series => ({ label: nameOf(value), color }));
  return {
    series: [...series, { label: "Other or none", color: OTHER }],
    valuesAt: (at) => {
      const values = shown.map(({ counts }) => counts[at] ?? 0);
      const rest = (buckets[at]?.count ?? 0) - values.reduce((sum, value) => sum + value, 0);
      return [...values, Math.max(0, rest)];
    },
  };
}

/** One series for each severity, whatever words products have for it; low first. */
function byLevel(
  found: NonNullable<Histogram["series"]>,
): readonly { readonly value: string; readonly counts: readonly number[]; readonly color: string }[] {
  return LEVELS.flatMap(([level, words]) => {
    const own = found.filter(({ value }) => words.test(value));
    const [first] = own;
    if (first === undefined) return [];
    const counts = first.counts.map((_, at) => own.reduce((sum, one) => sum + (one.counts[at] ?? 0), 0));
    return [{ value: level, counts, color: `var(--${level})` }];
  });
}

/** A list's value comes as JSON. */
function nameOf(value: string): string {
  const list = /^\["(.*)"\]$/.exec(value)?.[1];
  return (list?.replaceAll('","', ", ") ?? value) || "(empty)";
}
