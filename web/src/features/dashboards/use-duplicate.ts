import type { Dashboard } from "@tyto/domain";
import { useNavigate } from "@tanstack/react-router";
import { useDashboardChanges } from "../../api/index.ts";
import { failureOf, useToasts } from "../../ui/index.ts";

/** A copy of one's own, private at first, open to be changed. */
export function useDuplicate(): (dashboard: Dashboard) => void {
  const { create } = useDashboardChanges();
  const navigate = useNavigate();
  const toasts = useToasts();
  return (dashboard) =>
    create.mutate(
      { dashboard: { ...dashboard, title: `${dashboard.title} (copy)`.slice(0, 120) }, shared: false },
      {
        onSuccess: ({ id }) =>
          void navigate({
            to: "/dashboards/$dashboardId",
            params: { dashboardId: id },
            search: { edit: "1" },
            ignoreBlocker: true,
          }),
        onError: (error) => toasts.show({ tone: "error", message: failureOf(error).message }),
      },
    );
}
