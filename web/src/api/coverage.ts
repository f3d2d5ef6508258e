import type { Coverage } from "@tyto/domain";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useApi } from "./context.ts";

/** @param days over which telemetry is looked for. */
export function useCoverage(days: number) {
  const api = useApi();
  return useQuery({
    queryKey: ["coverage", days],
    queryFn: ({ signal }) => api.request<Coverage>("/coverage", { signal, query: { days } }),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
    retry: false,
  });
}
