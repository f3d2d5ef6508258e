import type { AlertSummary } from "@tyto/domain";
import { formatCount } from "../../ui/text/format.ts";
import type { AlertsSearch } from "./alerts-url.ts";

/** `23 open · 4 unassigned`; the second part only when every alert is here to be counted. */
export function countLine(
  search: AlertsSearch,
  total: number | undefined,
  rows: readonly AlertSummary[],
  hasMore: boolean,
): string {
  if (total === undefined) return "";
  const status = search.status ?? "open";
  const word = status === "all" ? "in all" : status.replaceAll(",", " or ");
  const first = `${formatCount(total)} ${word}`;
  const unassigned = rows.filter((alert) => alert.assignee === null && alert.status !== "closed").length;
  return hasMore || unassigned === 0 ? first : `${first} · ${formatCount(unassigned)} unassigned`;
}
