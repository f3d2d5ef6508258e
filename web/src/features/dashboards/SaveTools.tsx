import type { Dashboard, DashboardView } from "@tyto/domain";
import { useBlocker, useNavigate } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { ApiError, useDashboardChanges, useDashboardTexts } from "../../api/index.ts";
import { Button, Dialog, DialogFoot, failureOf, useCommands, useToasts } from "../../ui/index.ts";
import type { DashboardState } from "./use-dashboard-page.ts";

/** Saving, giving up, and what happens when somebody else was faster or the person leaves. */
export function SaveTools({ state }: { readonly state: DashboardState }): ReactNode {
  const { draft, view, isNew, dashboard } = state;
  const { create, save } = useDashboardChanges();
  const texts = useDashboardTexts();
  const navigate = useNavigate();
  const toasts = useToasts();
  const [conflict, setConflict] = useState<string>();
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => draft.isChanged && current.pathname !== next.pathname,
    enableBeforeUnload: () => draft.isChanged,
    withResolver: true,
  });

  const done = ({ id }: DashboardView) => {
    setConflict(undefined);
    draft.reset();
    toasts.show({ message: "Saved" });
    void navigate({
      to: "/dashboards/$dashboardId",
      params: { dashboardId: id },
      search: (before) => ({ ...before, edit: undefined }),
      ignoreBlocker: true,
    });
  };
  const failed = (error: Error) => {
    if (error instanceof ApiError && error.status === 409) setConflict(error.message);
    else {
      const { message, hint } = failureOf(error);
      toasts.show({ tone: "error", message: hint === undefined ? message : `${message}. ${hint}` });
    }
  };
  const createNew = (one: Dashboard) =>
    create.mutate({ dashboard: one, shared: false }, { onSuccess: done, onError: failed });
  const saveOver = (version: number) => {
    if (dashboard === undefined || view === undefined) return;
    const body = { dashboard, shared: view.shared, version };
    save.mutate({ id: view.id, body }, { onSuccess: done, onError: failed });
  };
  const submit = () => {
    if (dashboard === undefined || create.isPending || save.isPending) return;
    if (isNew) createNew(dashboard);
    else if (view !== undefined) saveOver(view.version);
  };
  const cancel = () => {
    draft.reset();
    if (isNew) void navigate({ to: "/dashboards", ignoreBlocker: true });
    else state.change({ edit: undefined });
  };
  useCommands([
    {
      id: "dashboard-save",
      label: "Save this dashboard",
      group: "This page",
      keys: ["Mod+s"],
      run: submit,
      isForTyping: true,
    },
  ]);
  return (
    <>
      <Button onClick={cancel}>{draft.isChanged ? "Give up" : "Done"}</Button>
      <Button tone="primary" onClick={submit} disabled={!isNew && !draft.isChanged}>
        Save
      </Button>
      {conflict !== undefined && dashboard !== undefined && (
        <Dialog title="Somebody else saved this dashboard" onClose={() => setConflict(undefined)}>
          <p>{conflict}.</p>
          <DialogFoot>
            <Button
              onClick={() => {
                setConflict(undefined);
                draft.reset();
                state.reload();
              }}
            >
              Take theirs
            </Button>
            <Button
              onClick={() => createNew({ ...dashboard, title: `${dashboard.title} (mine)`.slice(0, 120) })}
            >
              Save mine as new
            </Button>
            <Button
              tone="danger"
              onClick={() => void texts.one(state.id).then(({ version }) => saveOver(version), failed)}
            >
              Save mine over it
            </Button>
          </DialogFoot>
        </Dialog>
      )}
      {blocker.status === "blocked" && (
        <Dialog title="Leave without saving?" onClose={() => blocker.reset()}>
          <p>What you changed in this dashboard is not saved.</p>
          <DialogFoot>
            <Button onClick={() => blocker.reset()}>Stay</Button>
            <Button tone="danger" onClick={() => blocker.proceed()}>
              Leave
            </Button>
          </DialogFoot>
        </Dialog>
      )}
    </>
  );
}
