import type { DashboardPanel } from "@tyto/domain";
import { IconRefresh } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { useDashboardTexts } from "../../api/index.ts";
import {
  ActionMenu,
  Button,
  download,
  Empty,
  ErrorNote,
  failureOf,
  Page,
  Skeleton,
  TimePicker,
  useCommands,
  useToasts,
} from "../../ui/index.ts";
import css from "./Dashboards.module.css";
import { DashboardBar } from "./DashboardBar.tsx";
import { DashboardGrid } from "./DashboardGrid.tsx";
import { fileName } from "./panel-export.ts";
import { newPanel, PanelEditor } from "./PanelEditor.tsx";
import { SaveTools } from "./SaveTools.tsx";
import { SettingsDialog } from "./SettingsDialog.tsx";
import { type DashboardState, useDashboardPage } from "./use-dashboard-page.ts";
import { useDuplicate } from "./use-duplicate.ts";
import { VersionsDialog } from "./VersionsDialog.tsx";

type Open =
  | { readonly kind: "none" | "settings" | "versions" }
  | { readonly kind: "panel"; readonly panel: DashboardPanel };

const NONE: Open = { kind: "none" };

/** One dashboard: to look at, and to build. */
export function DashboardPage(): ReactNode {
  const state = useDashboardPage();
  const [open, setOpen] = useState<Open>(NONE);
  const { dashboard, isEditing } = state;
  const addPanel = () => {
    if (dashboard !== undefined) setOpen({ kind: "panel", panel: newPanel(dashboard.panels) });
  };
  return (
    <Page
      title={dashboard?.title ?? "Dashboard"}
      layout="full"
      note={<Note state={state} />}
      actions={
        dashboard !== undefined && (
          <>
            {isEditing ? (
              <>
                <Button onClick={addPanel}>Add panel</Button>
                <Button onClick={() => setOpen({ kind: "settings" })}>Settings</Button>
                <SaveTools state={state} />
              </>
            ) : (
              <ViewTools state={state} onVersions={() => setOpen({ kind: "versions" })} />
            )}
            <TimePicker value={state.now.range} onChange={state.pickTime} />
          </>
        )
      }
    >
      <Content state={state} onAdd={addPanel} onEdit={(panel) => setOpen({ kind: "panel", panel })} />
      {open.kind === "panel" && dashboard !== undefined && (
        <PanelEditor state={state} panel={open.panel} onClose={() => setOpen(NONE)} />
      )}
      {open.kind === "settings" && dashboard !== undefined && (
        <SettingsDialog state={state} dashboard={dashboard} onClose={() => setOpen(NONE)} />
      )}
      {open.kind === "versions" && <VersionsDialog state={state} onClose={() => setOpen(NONE)} />}
    </Page>
  );
}

function Note({ state }: { readonly state: DashboardState }): ReactNode {
  const { view, isEditing, draft, version } = state;
  if (isEditing) return draft.isChanged ? "changed, not saved" : "editing";
  if (version !== undefined)
    return (
      <>
        version {version}, as it was ·{" "}
        <button type="button" className="link" onClick={() => state.change({ version: undefined })}>
          back to the newest
        </button>
      </>
    );
  if (view === undefined) return "";
  if (view.isIncluded) return "comes with Tyto";
  return `${view.isOwn ? "yours" : `${view.owner}'s`}, ${view.shared ? "shared" : "private"} · version ${view.version}`;
}

function Content({
  state,
  onAdd,
  onEdit,
}: {
  readonly state: DashboardState;
  readonly onAdd: () => void;
  readonly onEdit: (panel: DashboardPanel) => void;
}): ReactNode {
  const { dashboard, error } = state;
  if (error !== null) return <ErrorNote error={error} onRetry={state.reload} />;
  if (dashboard === undefined) return <Skeleton />;
  return (
    <div className={css["page"]}>
      <DashboardBar state={state} />
      {dashboard.panels.length === 0 ? (
        <Empty
          title="No panels yet"
          action={state.isEditing ? <Button onClick={onAdd}>Add panel</Button> : undefined}
        >
          A panel shows what a KQL query finds: a figure, a chart, a table. Search can put its result here
          too.
        </Empty>
      ) : (
        <DashboardGrid state={state} panels={dashboard.panels} onEdit={onEdit} />
      )}
    </div>
  );
}

function ViewTools({
  state,
  onVersions,
}: {
  readonly state: DashboardState;
  readonly onVersions: () => void;
}): ReactNode {
  const { view, id } = state;
  const texts = useDashboardTexts();
  const toasts = useToasts();
  const navigate = useNavigate();
  const duplicate = useDuplicate();
  const edit = () => state.change({ edit: "1", version: undefined });
  useCommands([
    {
      id: "dashboard-refresh",
      label: "Ask all panels again",
      group: "This page",
      keys: ["r"],
      run: state.runAgain,
    },
    ...(view?.isIncluded === false
      ? [{ id: "dashboard-edit", label: "Edit this dashboard", group: "This page" as const, run: edit }]
      : []),
  ]);
  if (view === undefined) return null;
  const save = (format: "yaml" | "json") =>
    texts.exported(id, format).then(
      (text) =>
        download(
          fileName(view.dashboard.title, format === "yaml" ? "yml" : "json"),
          new Blob([text], { type: "text/plain" }),
        ),
      (error: unknown) => toasts.show({ tone: "error", message: failureOf(error).message }),
    );
  return (
    <>
      <Button tone="quiet" iconLabel="Ask all panels again" onClick={state.runAgain}>
        <IconRefresh size={15} />
      </Button>
      <ActionMenu
        label="More"
        actions={[
          { label: "Export as YAML", run: () => void save("yaml") },
          { label: "Export as JSON", run: () => void save("json") },
          { label: "Print", run: () => window.print() },
          !view.isIncluded && { label: "Duplicate", run: () => duplicate(view.dashboard) },
          !view.isIncluded && { label: "Versions…", run: onVersions },
          { label: "All dashboards", run: () => void navigate({ to: "/dashboards" }) },
        ]}
      />
      {view.isIncluded ? (
        <Button onClick={() => duplicate(view.dashboard)}>Duplicate to edit</Button>
      ) : (
        <Button onClick={edit}>Edit</Button>
      )}
    </>
  );
}
