import { IconArrowDown, IconArrowUp, IconChevronDown, IconX } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { RESULT_LIMITS, useFields } from "../../api/index.ts";
import {
  Button,
  formatAmount,
  formatBytes,
  formatCount,
  formatInstant,
  MenuItem,
  millisOf,
  Popover,
  TextInput,
  useZone,
} from "../../ui/index.ts";
import { columnsNamed } from "./columns-named.ts";
import { moved } from "./search-url.ts";
import css from "./SearchPage.module.css";
import type { SearchState } from "./use-search-page.ts";

/** How much was found, what it cost, how far it is, and what else can be done with it. */
export function ResultStatus({ state }: { readonly state: SearchState }): ReactNode {
  const { result, shape, mode } = state;
  return (
    <div className={css["status"]}>
      {result.isFetching ? <Under state={state} /> : <Done state={state} />}
      <span className="grow" />
      {shape?.kind === "events" && state.tab === "events" && <ColumnManager state={state} />}
      {mode === "text" && state.reply !== undefined && (
        <span className={css["kqlWay"]}>
          <Button onClick={state.openAsKql}>Open as KQL</Button>
        </span>
      )}
    </div>
  );
}

/** While it runs: the window, what was read, what it may come to, and the way out. */
function Under({ state }: { readonly state: SearchState }): ReactNode {
  const { progress, reply } = state;
  const zone = useZone();
  const plan = progress?.plan;
  const window = plan?.windows[progress?.window ?? 0];
  const read = (reply?.stats.rowsRead ?? 0) + (progress?.running?.rowsRead ?? 0);
  const share = plan === undefined || plan.rows === 0 ? 0 : Math.min(1, read / plan.rows);
  return (
    <span className={css["under"]} role="status">
      <progress aria-label="How far the search is" value={share} max={1} />
      <span className={css["ellipsis"]}>
        {reply !== undefined && <b>{formatAmount(reply.rows.length, "event")} · </b>}
        {plan !== undefined && plan.windows.length > 1 && window !== undefined && (
          <>
            back to {formatInstant(millisOf(window.from), zone).slice(0, 16)} ({(progress?.window ?? 0) + 1}{" "}
            of {plan.windows.length}) ·{" "}
          </>
        )}
        {formatCount(read)} of {plan === undefined ? "…" : `at most ${formatCount(plan.rows)}`} rows read
      </span>
      <Button onClick={state.cancel}>Cancel</Button>
    </span>
  );
}

function Done({ state }: { readonly state: SearchState }): ReactNode {
  const { reply, shape, histogram, mode, result, search } = state;
  if (reply === undefined || shape === undefined || result.data === undefined) return null;
  // "1,000 of 89,412" says that events were left out; a table that was cut has nothing else that says it.
  const isCounted = shape.kind === "events" && histogram !== undefined && histogram.total > reply.rows.length;
  const { plan, windowsDone, isCut } = result.data;
  const isStopped = !isCut && windowsDone < plan.windows.length;
  return (
    <>
      <span>
        {isCounted && (mode === "text" ? "The newest " : "The first ")}
        <b>{formatAmount(reply.rows.length, shape.kind === "events" ? "event" : "row")}</b>
        {isCounted && <> of {formatCount(histogram.total)}</>}
      </span>
      <span className={css["spent"]}>
        {formatCount(Math.round(reply.stats.elapsedMs))} ms, {formatAmount(reply.stats.rowsRead, "row")} and{" "}
        {formatBytes(reply.stats.bytesRead)} read
      </span>
      {isStopped && (
        <span className={css["partial"]}>
          Stopped after {windowsDone} of {formatAmount(plan.windows.length, "window")}: older events were not
          searched.
        </span>
      )}
      {reply.stats.partial && !isCounted && !isStopped && (
        <span className={css["partial"]}>
          A limit cut this result: narrow the time or the query to see all of it.
        </span>
      )}
      {isCounted && search.more === undefined && (
        <button type="button" className="link" onClick={() => state.change({ more: "1" })}>
          Load {formatCount(RESULT_LIMITS[1])}
        </button>
      )}
    </>
  );
}

const FIXED: ReadonlySet<string> = new Set(["timestamp", "id", "source"]);

/** The columns beside time and event: added, taken away, and put in order. The URL keeps them. */
function ColumnManager({ state }: { readonly state: SearchState }): ReactNode {
  const { columns, shape } = state;
  const { data: fields } = useFields();
  const [words, setWords] = useState("");
  const filled = (shape?.filled ?? []).filter((name) => !FIXED.has(name) && !columns.includes(name));
  const all = (fields?.items ?? []).map(({ name }) => name);
  const offered = words.trim() === "" ? filled : columnsNamed(words.trim(), all, columns);
  return (
    <Popover
      label="Columns"
      align="end"
      trigger={(trigger) => (
        <Button {...trigger}>
          Columns{columns.length > 0 ? ` (${columns.length})` : ""}
          <IconChevronDown size={12} aria-hidden="true" />
        </Button>
      )}
    >
      {() => (
        <div className={css["columns"]}>
          {columns.length > 0 && (
            <ol aria-label="Shown, in order">
              {columns.map((name, at) => (
                <li key={name}>
                  <span className="mono ellipsis">{name}</span>
                  <Button
                    tone="quiet"
                    iconLabel={`Move ${name} to the left`}
                    disabled={at === 0}
                    onClick={() => state.setColumns(moved(columns, at, at - 1))}
                  >
                    <IconArrowUp size={12} />
                  </Button>
                  <Button
                    tone="quiet"
                    iconLabel={`Move ${name} to the right`}
                    disabled={at === columns.length - 1}
                    onClick={() => state.setColumns(moved(columns, at, at + 1))}
                  >
                    <IconArrowDown size={12} />
                  </Button>
                  <Button tone="quiet" iconLabel={`Remove ${name}`} onClick={() => state.toggleColumn(name)}>
                    <IconX size={12} />
                  </Button>
                </li>
              ))}
            </ol>
          )}
          <TextInput
            aria-label="Find a field to add"
            placeholder="Add a field"
            value={words}
            onChange={(event) => setWords(event.target.value)}
          />
          <div className={css["offered"]}>
            {offered.map((name) => (
              <MenuItem key={name} onSelect={() => state.toggleColumn(name)}>
                <span className="mono">{name}</span>
              </MenuItem>
            ))}
            {offered.length === 0 && (
              <p className="muted small">No field with that name holds anything here.</p>
            )}
          </div>
        </div>
      )}
    </Popover>
  );
}
