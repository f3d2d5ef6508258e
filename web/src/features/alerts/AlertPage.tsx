import { getRouteApi } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { useAlert } from "../../api/index.ts";
import { Page, useCommands } from "../../ui/index.ts";
import { CloseDialog, NoteDialog } from "./AlertDialogs.tsx";
import { AlertView } from "./AlertView.tsx";
import { useAlertActions } from "./use-alert-actions.ts";

const route = getRouteApi("/alerts/$alertId");

/** One alert on a page of its own: what a link in a ticket leads to. */
export function AlertPage(): ReactNode {
  const { alertId } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const actions = useAlertActions();
  const { data: alert } = useAlert(alertId);
  const [dialog, setDialog] = useState<"none" | "close" | "note">("none");
  const targets = alert === undefined ? [] : [alert];
  useCommands([
    {
      id: "acknowledge",
      label: "Acknowledge",
      group: "Alert",
      keys: ["e"],
      run: () => actions.acknowledge(targets),
    },
    {
      id: "assign",
      label: "Assign to me",
      group: "Alert",
      keys: ["a"],
      run: () => actions.assignToMe(targets),
    },
    { id: "close", label: "Close with a reason", group: "Alert", keys: ["c"], run: () => setDialog("close") },
    { id: "note", label: "Add a note", group: "Alert", keys: ["n"], run: () => setDialog("note") },
  ]);
  return (
    <Page title="Alert" layout="full" note={<route.Link to="/alerts">Back to the queue</route.Link>}>
      <AlertView
        alertId={alertId}
        tab={search.tab ?? "summary"}
        onTab={(tab) => void navigate({ search: { tab }, replace: true })}
        actions={actions}
        onClose={() => setDialog("close")}
        place={{ kind: "page" }}
      />
      {dialog === "close" && (
        <CloseDialog alerts={targets} actions={actions} onDone={() => setDialog("none")} />
      )}
      {dialog === "note" && alert !== undefined && (
        <NoteDialog alert={alert} actions={actions} onDone={() => setDialog("none")} />
      )}
    </Page>
  );
}
