import type { LedgerHours } from "@tyto/domain";
import { useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useLedgerHours } from "../../api/index.ts";
import { ErrorNote, formatCount, millisOf, type Series, Skeleton, TimeBars } from "../../ui/index.ts";
import { BalanceMark } from "./BalanceMark.tsx";
import { differenceOf } from "./balance.ts";
import css from "./Sources.module.css";

const HOUR_MS = 3_600_000;
const SERIES: readonly Series[] = [
  { label: "Stored", color: "var(--accent)" },
  { label: "Filtered", color: "var(--muted)" },
  { label: "Quarantined", color: "var(--critical)" },
  { label: "Queued", color: "var(--medium)" },
];

/** What a source sent in each hour of the last day, and what became of it. */
export function SourceHours({ source }: { readonly source: string }): ReactNode {
  const { data, error, refetch } = useLedgerHours(source);
  if (error !== null) return <ErrorNote error={error} onRetry={() => void refetch()} />;
  return data === undefined ? <Skeleton /> : <Hours source={source} books={data} />;
}

function Hours({ source, books }: { readonly source: string; readonly books: LedgerHours }): ReactNode {
  const navigate = useNavigate();
  const open = books.items.find(({ isBalanced }) => !isBalanced);
  return (
    <div className={css["hours"]}>
      <p className="small">
        The last {books.items.length} hours by receipt: {formatCount(books.totals.received)} received,{" "}
        {formatCount(books.totals.stored)} stored ({formatCount(books.totals.unknown)} not understood),{" "}
        {formatCount(books.totals.filtered)} filtered, {formatCount(books.totals.quarantined)} quarantined,{" "}
        {formatCount(books.totals.queued)} queued.{" "}
        <BalanceMark difference={open === undefined ? 0 : differenceOf(open)} />
      </p>
      <TimeBars
        label="Records received by hour"
        series={SERIES}
        buckets={books.items.map(({ start, stored, filtered, quarantined, queued }) => ({
          startMs: millisOf(start),
          values: [stored, filtered, quarantined, queued],
        }))}
        bucketMs={HOUR_MS}
        onPick={(range) => void navigate({ to: "/search", search: { q: `source:"${source}"`, ...range } })}
      />
    </div>
  );
}
