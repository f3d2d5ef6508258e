import type { AlertDetail } from "@tyto/domain";
import { millisOf } from "../../ui/index.ts";

/** The alert's own time and so many minutes around it. */
export function windowAround(
  { firstSeen, lastSeen }: Pick<AlertDetail, "firstSeen" | "lastSeen">,
  minutes: number,
): { readonly from: string; readonly to: string } {
  const margin = minutes * 60_000;
  return {
    from: new Date(millisOf(firstSeen) - margin).toISOString(),
    to: new Date(millisOf(lastSeen) + margin + 1).toISOString(),
  };
}
