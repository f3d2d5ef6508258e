import type { AlertSummary } from "@tyto/domain";
import { useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { EntityChip } from "../../ui/index.ts";
import { searchForEntity } from "./entity-query.ts";

interface EntityProps {
  readonly entity: AlertSummary["entities"][number];
  /** When it mattered; without it, the last day. */
  readonly time?: { readonly first: string; readonly last: string };
}

/** A thing that alerts are about, and the ways from it to its events and its alerts. */
export function Entity({ entity, time }: EntityProps): ReactNode {
  const navigate = useNavigate();
  return (
    <EntityChip
      entity={entity}
      actions={[
        {
          label: "Open its page",
          run: () => void navigate({ to: "/entity", search: { type: entity.type, value: entity.value } }),
        },
        {
          label: "Search its events",
          run: () => void navigate({ to: "/search", search: searchForEntity(entity, time) }),
        },
        {
          label: "Show its alerts",
          run: () => void navigate({ to: "/alerts", search: { entity: entity.value, status: "all" } }),
        },
      ]}
    />
  );
}
