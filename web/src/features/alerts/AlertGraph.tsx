import type { AlertDetail } from "@tyto/domain";
import { useNavigate } from "@tanstack/react-router";
import { lazy, type ReactNode, Suspense, useMemo } from "react";
import { useEvidence } from "../../api/index.ts";
import { ErrorNote, Skeleton } from "../../ui/index.ts";
import { parseEntitySearch } from "../entities/entity-url.ts";
import { relationGraph } from "../graph/relations.ts";

/** The layout is as large as the rest of the page: it comes when somebody looks. */
const EntityGraph = lazy(async () => ({ default: (await import("../graph/EntityGraph.tsx")).EntityGraph }));

export function AlertGraph({ alert }: { readonly alert: AlertDetail }): ReactNode {
  const evidence = useEvidence(alert.id, alert.updatedAt);
  const navigate = useNavigate();
  const items = evidence.data?.items;
  const graph = useMemo(() => relationGraph(items ?? []), [items]);
  if (evidence.error !== null)
    return <ErrorNote error={evidence.error} onRetry={() => void evidence.refetch()} />;
  if (items === undefined) return <Skeleton lines={4} />;
  return (
    <Suspense fallback={<Skeleton lines={4} />}>
      <EntityGraph
        graph={graph}
        onOpen={({ type, value, members }) => {
          if (members === 1) void navigate({ to: "/entity", search: parseEntitySearch({ type, value }) });
        }}
      />
    </Suspense>
  );
}
