import type { SavedSearch } from "@tyto/domain";
import { IconChevronDown } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { useClearHistory, useMakeLink, useSavedSearches, useSearchHistory } from "../../api/index.ts";
import {
  ActionMenu,
  Button,
  copyText,
  failureOf,
  formatCount,
  LogText,
  MenuHeading,
  Popover,
  Time,
  useCommands,
  useMay,
  useToasts,
} from "../../ui/index.ts";
import { AddToDashboard } from "../dashboards/AddToDashboard.tsx";
import { ExportDialog } from "./ExportDialog.tsx";
import { SaveSearchDialog } from "./SaveSearchDialog.tsx";
import { SearchRunsDialog } from "./SearchRunsDialog.tsx";
import css from "./SearchTools.module.css";
import type { SearchState } from "./use-search-page.ts";

type Open =
  | { readonly kind: "none" }
  | { readonly kind: "save"; readonly saved?: SavedSearch }
  | { readonly kind: "runs"; readonly saved: SavedSearch }
  | { readonly kind: "export" }
  | { readonly kind: "dashboard" };

const NONE: Open = { kind: "none" };

/** What can be done with a search as a whole: kept, asked again, exported, shared, made a rule. */
export function SearchTools({ state }: { readonly state: SearchState }): ReactNode {
  const [open, setOpen] = useState<Open>(NONE);
  const share = useShare();
  const may = useMay();
  const navigate = useNavigate();
  const makeRule = () =>
    void navigate({
      to: "/rules/edit/$ruleId",
      params: { ruleId: "new" },
      search: { mode: state.mode, q: state.query },
    });
  const close = () => setOpen(NONE);
  useCommands([
    {
      id: "save-search",
      label: "Save this search",
      needs: "searches.save",
      group: "This page",
      run: () => setOpen({ kind: "save" }),
    },
    {
      id: "export",
      label: "Export all rows",
      needs: "events.export",
      group: "This page",
      run: () => setOpen({ kind: "export" }),
    },
    { id: "share", label: "Copy a short link", needs: "searches.save", group: "This page", run: share },
    {
      id: "make-rule",
      label: "Make a rule of this search",
      needs: "rules.change",
      group: "This page",
      run: makeRule,
    },
  ]);
  return (
    <>
      <SavedMenu
        state={state}
        onSave={() => setOpen({ kind: "save" })}
        onEdit={(saved) => setOpen({ kind: "save", saved })}
        onRuns={(saved) => setOpen({ kind: "runs", saved })}
      />
      <HistoryMenu state={state} />
      <ActionMenu
        label="More"
        actions={[
          may("events.export") && { label: "Export all rows…", run: () => setOpen({ kind: "export" }) },
          state.reply !== undefined &&
            may("searches.save") && {
              label: "Add to a dashboard…",
              run: () => setOpen({ kind: "dashboard" }),
            },
          may("rules.change") && { label: "Make a rule…", run: makeRule },
          state.mode === "text" &&
            state.reply !== undefined && { label: "Open as KQL", run: state.openAsKql },
          may("searches.save") && { label: "Copy a short link", run: share },
        ]}
      />
      {open.kind === "save" && <SaveSearchDialog state={state} saved={open.saved} onClose={close} />}
      {open.kind === "runs" && <SearchRunsDialog state={state} saved={open.saved} onClose={close} />}
      {open.kind === "export" && (
        <ExportDialog request={state.request} columns={state.columns} onClose={close} />
      )}
      {open.kind === "dashboard" && state.reply !== undefined && (
        <AddToDashboard reply={state.reply} onClose={close} />
      )}
    </>
  );
}

/** A link that fits into a chat, whatever the query's length. */
function useShare(): () => void {
  const make = useMakeLink();
  const toasts = useToasts();
  return () => {
    const path = `${window.location.pathname}${window.location.search}`;
    make.mutate(path, {
      onSuccess: ({ id }) => {
        const url = `${window.location.origin}/s/${id}`;
        void copyText(url).then((isDone) =>
          toasts.show({ message: isDone ? `Copied ${url}` : `The link is ${url}` }),
        );
      },
      onError: (error) => toasts.show({ tone: "error", message: failureOf(error).message }),
    });
  };
}

interface SavedMenuProps {
  readonly state: SearchState;
  readonly onSave: () => void;
  readonly onEdit: (saved: SavedSearch) => void;
  readonly onRuns: (saved: SavedSearch) => void;
}

function SavedMenu({ state, onSave, onEdit, onRuns }: SavedMenuProps): ReactNode {
  return (
    <Popover
      label="Saved searches"
      align="end"
      trigger={(trigger) => (
        <Button {...trigger}>
          Saved <IconChevronDown size={12} aria-hidden="true" />
        </Button>
      )}
    >
      {(close) => (
        <div className={css["list"]}>
          <div className={css["head"]}>
            <MenuHeading>Saved searches</MenuHeading>
            <span className="grow" />
            <Button
              needs="searches.save"
              onClick={() => {
                close();
                onSave();
              }}
            >
              Save this search
            </Button>
          </div>
          <SavedList
            onOpen={(saved) => {
              close();
              openSaved(state, saved);
            }}
            onEdit={(saved) => {
              close();
              onEdit(saved);
            }}
            onRuns={(saved) => {
              close();
              onRuns(saved);
            }}
          />
        </div>
      )}
    </Popover>
  );
}

export function openSaved(state: SearchState, { mode, query, from, to, columns }: SavedSearch): void {
  state.ask(query, {
    mode: mode === "kql" ? "kql" : undefined,
    from,
    to,
    cols: columns.length === 0 ? undefined : columns.join(","),
    event: undefined,
    tab: undefined,
    live: undefined,
  });
}

interface SavedListProps {
  readonly onOpen: (saved: SavedSearch) => void;
  readonly onEdit: (saved: SavedSearch) => void;
  readonly onRuns: (saved: SavedSearch) => void;
}

function SavedList({ onOpen, onEdit, onRuns }: SavedListProps): ReactNode {
  const { data, error } = useSavedSearches();
  if (error !== null) return <p className={css["note"]}>{error.message}</p>;
  if (data === undefined) return <p className={css["note"]}>Loading…</p>;
  if (data.items.length === 0)
    return (
      <p className={css["note"]}>
        None yet. A saved search can run by itself and tell when it finds something.
      </p>
    );
  return (
    <ul>
      {data.items.map((saved) => (
        <li key={saved.id} className={css["item"]}>
          <button type="button" className={css["open"]} onClick={() => onOpen(saved)}>
            <span className={css["name"]}>
              <LogText text={saved.name} limit={120} isExpandable={false} />
            </span>
            <span className="muted small">
              {saved.isOwn ? (saved.shared ? "shared" : "yours") : saved.owner}
              {saved.schedule?.enabled === true && ` · every ${saved.schedule.everyMinutes} min`}
              {saved.lastRun !== null && ` · last found ${formatCount(saved.lastRun.count)}`}
            </span>
          </button>
          {saved.schedule !== null && (
            <Button tone="quiet" onClick={() => onRuns(saved)} aria-label={`Runs of ${saved.name}`}>
              Runs
            </Button>
          )}
          {saved.isOwn && (
            <Button tone="quiet" onClick={() => onEdit(saved)} aria-label={`Edit ${saved.name}`}>
              Edit
            </Button>
          )}
        </li>
      ))}
    </ul>
  );
}

function HistoryMenu({ state }: { readonly state: SearchState }): ReactNode {
  return (
    <Popover
      label="History"
      align="end"
      trigger={(trigger) => (
        <Button {...trigger}>
          History <IconChevronDown size={12} aria-hidden="true" />
        </Button>
      )}
    >
      {(close) => (
        <HistoryList
          onOpen={(entry) => {
            close();
            state.ask(entry.query, {
              mode: entry.mode === "kql" ? "kql" : undefined,
              from: entry.from,
              to: entry.to,
              event: undefined,
              live: undefined,
            });
          }}
        />
      )}
    </Popover>
  );
}

interface HistoryEntry {
  readonly mode: "text" | "kql";
  readonly query: string;
  readonly from: string;
  readonly to: string;
}

function HistoryList({ onOpen }: { readonly onOpen: (entry: HistoryEntry) => void }): ReactNode {
  const { data, error } = useSearchHistory();
  const clear = useClearHistory();
  const items = data?.items ?? [];
  return (
    <div className={css["list"]}>
      <div className={css["head"]}>
        <MenuHeading>What you asked</MenuHeading>
        <span className="grow" />
        {items.length > 0 && (
          <Button tone="quiet" onClick={() => clear.mutate()}>
            Forget
          </Button>
        )}
      </div>
      {error !== null && <p className={css["note"]}>{error.message}</p>}
      {data !== undefined && items.length === 0 && <p className={css["note"]}>Nothing yet.</p>}
      <ul>
        {items.map((entry) => (
          <li key={entry.at} className={css["item"]}>
            <button type="button" className={css["open"]} onClick={() => onOpen(entry)}>
              <span className={`mono ${css["name"] ?? ""}`}>
                <LogText
                  text={entry.query === "" ? "(every event)" : entry.query}
                  limit={120}
                  isExpandable={false}
                />
              </span>
              <span className="muted small">
                <Time value={entry.at} as="relative" /> · {entry.from} to {entry.to}
                {entry.rows !== null && ` · ${formatCount(entry.rows)} rows`}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
