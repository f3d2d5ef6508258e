import type { AlarmList, Threats } from "@tyto/domain";
import { useQuery } from "@tanstack/react-query";
import { useApi } from "./context.ts";

/** @param everyMs false while the page is paused. */
export function useThreats(everyMs: number | false) {
  const api = useApi();
  return useQuery({
    // Below `alerts`: a change of one that the stream tells is counted at once.
    queryKey: ["alerts", "threats"],
    queryFn: ({ signal }) => api.request<Threats>("/overview/threats", { signal }),
    refetchInterval: everyMs,
  });
}

/** What is wrong with Tyto itself. */
export function useAlarms(everyMs: number | false) {
  const api = useApi();
  return useQuery({
    queryKey: ["alarms"],
    queryFn: ({ signal }) => api.request<AlarmList>("/alarms", { signal }),
    refetchInterval: everyMs,
  });
}
