import { formatMicros } from "@tyto/domain";
import type { SavedSearch, SearchRun } from "@tyto/domain";
import type { SavedSearchRecord, SearchRunRecord } from "../../storage/index.ts";

export function savedSearchView(
  record: SavedSearchRecord,
  { caller, lastRun }: { readonly caller: string; readonly lastRun: SearchRunRecord | undefined },
): SavedSearch {
  const { id, owner, name, mode, query, from, to, schedule } = record;
  return {
    id,
    owner,
    isOwn: owner === caller,
    name,
    shared: record.isShared,
    mode,
    query,
    from,
    to,
    columns: [...record.columns],
    schedule:
      schedule === null
        ? null
        : {
            everyMinutes: schedule.everyMinutes,
            threshold: schedule.threshold,
            enabled: schedule.isEnabled,
          },
    createdAt: formatMicros(record.createdAt),
    updatedAt: formatMicros(record.updatedAt),
    lastRun: lastRun === undefined ? null : searchRunView(lastRun),
  };
}

export function searchRunView({ at, count, elapsedMs, isOver, problem, result }: SearchRunRecord): SearchRun {
  return {
    at: formatMicros(at),
    count,
    elapsedMs,
    isOver,
    problem,
    result:
      result === null ? null : { columns: [...result.columns], rows: result.rows.map((row) => [...row]) },
  };
}
