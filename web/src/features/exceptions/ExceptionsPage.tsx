import type { ExceptionHidden, RuleExceptionView } from "@tyto/domain";
import { getRouteApi, Link } from "@tanstack/react-router";
import { type ReactNode, useRef, useState } from "react";
import { useExceptions, useHiddenCounts } from "../../api/index.ts";
import {
  Empty,
  ErrorNote,
  formatAmount,
  formatCount,
  type GridColumn,
  LogText,
  Page,
  Skeleton,
  SplitView,
  Tabs,
  TextInput,
  Time,
  useCommands,
  useNow,
  useRowKeys,
  VirtualGrid,
} from "../../ui/index.ts";
import { ExceptionDialog } from "./ExceptionDialog.tsx";
import { ExceptionPanel } from "./ExceptionPanel.tsx";
import css from "./Exceptions.module.css";
import { conditionInWords, daysLeft, isEndingSoon, scopeInWords } from "./exception-words.ts";
import { type ExceptionsSearch, type ExceptionsView } from "./exceptions-url.ts";

const route = getRouteApi("/exceptions");
/** Counted in the list; each is a search of its own. */
const COUNTED = 20;

/** What is kept from rules, by whom, and for how long. */
export function ExceptionsPage(): ReactNode {
  const { data, error, refetch } = useExceptions();
  const active = data?.filter(({ state }) => state === "active").length ?? 0;
  return (
    <Page
      title="Exceptions"
      layout="full"
      note={
        <>
          {data !== undefined && `${formatCount(active)} in force · `}
          <Link to="/rules" search={{}}>
            Rules
          </Link>
        </>
      }
    >
      {data !== undefined ? (
        <List exceptions={data} />
      ) : error !== null ? (
        <ErrorNote error={error} onRetry={() => void refetch()} />
      ) : (
        <Skeleton />
      )}
    </Page>
  );
}

function List({ exceptions }: { readonly exceptions: readonly RuleExceptionView[] }): ReactNode {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const now = useNow();
  const input = useRef<HTMLInputElement>(null);
  const [cursor, setCursor] = useState<string>();
  const [edited, setEdited] = useState<RuleExceptionView>();
  const change = (next: ExceptionsSearch) =>
    void navigate({ search: (before) => ({ ...before, ...next }), replace: true });
  const view = search.show ?? "active";
  const of = (one: ExceptionsView) => exceptions.filter((exception) => belongs(exception, one, now));
  const words = (search.q ?? "").toLowerCase();
  const rows = of(view).filter((one) => textOf(one).includes(words));
  const counted = of("active")
    .slice(0, COUNTED)
    .map(({ id }) => id);
  const hidden = useHiddenCounts(counted);
  const chosen = exceptions.find(({ id }) => id === search.exception);
  const open = ({ id }: RuleExceptionView) => change({ exception: id });
  const dismiss = () => change({ exception: undefined });
  const activeKey = search.exception ?? cursor;
  const move = (one: RuleExceptionView) => (search.exception === undefined ? setCursor(one.id) : open(one));
  useCommands([
    {
      id: "focus-exceptions",
      label: "Find an exception",
      group: "This page",
      keys: ["/"],
      run: () => input.current?.focus(),
    },
  ]);
  useRowKeys({
    rows,
    keyOf: ({ id }) => id,
    activeKey,
    noun: "exception",
    group: "This page",
    onMove: move,
    onOpen: open,
    onEscape: dismiss,
  });
  return (
    <div className={css["page"]}>
      <div className={css["bar"]}>
        <Tabs
          label="Exceptions"
          value={view}
          onChange={(show) => change({ show: show === "active" ? undefined : show, exception: undefined })}
          tabs={[
            { key: "active", label: "In force", count: of("active").length },
            { key: "soon", label: "Ending soon", count: of("soon").length },
            { key: "over", label: "Over", count: of("over").length },
          ]}
        />
        <TextInput
          ref={input}
          aria-label="Find an exception"
          placeholder="Name, field, value, rule or person"
          value={search.q ?? ""}
          onChange={(event) => change({ q: event.target.value === "" ? undefined : event.target.value })}
        />
      </div>
      <SplitView
        panelLabel="Exception"
        isOpen={chosen !== undefined}
        panel={
          chosen !== undefined && (
            <ExceptionPanel exception={chosen} onEdit={() => setEdited(chosen)} onDismiss={dismiss} />
          )
        }
      >
        {rows.length === 0 ? (
          <NoExceptions isFiltered={words !== ""} view={view} />
        ) : (
          <VirtualGrid
            label="Exceptions"
            rows={rows}
            rowKey={({ id }) => id}
            columns={columnsFor(hidden.data, now)}
            activeKey={activeKey}
            onMove={move}
            onOpen={open}
          />
        )}
      </SplitView>
      {edited !== undefined && (
        <ExceptionDialog start={{ kind: "edit", exception: edited }} onDone={() => setEdited(undefined)} />
      )}
    </div>
  );
}

function belongs(exception: RuleExceptionView, view: ExceptionsView, now: number): boolean {
  if (view === "over") return exception.state !== "active";
  return exception.state === "active" && (view === "active" || isEndingSoon(exception, now));
}

function textOf({ title, conditions, scope, rules, createdBy, reason }: RuleExceptionView): string {
  return [title, ...conditions.map(conditionInWords), scopeInWords(scope, rules), createdBy, reason]
    .join(" ")
    .toLowerCase();
}

function columnsFor(
  hidden: ReadonlyMap<string, ExceptionHidden> | undefined,
  now: number,
): readonly GridColumn<RuleExceptionView>[] {
  return [
    {
      key: "title",
      header: "Exception",
      track: "minmax(160px, 2fr)",
      cell: ({ title }) => <LogText text={title} limit={160} isExpandable={false} />,
    },
    {
      key: "conditions",
      header: "Events that have",
      track: "minmax(200px, 3fr)",
      cell: ({ conditions }) => (
        <span className="mono">
          <LogText text={conditions.map(conditionInWords).join(" and ")} limit={300} isExpandable={false} />
        </span>
      ),
    },
    {
      key: "scope",
      header: "Kept from",
      track: "minmax(140px, 2fr)",
      cell: ({ scope, rules, problem }) => (
        <>
          {problem !== null && <b>Does nothing: </b>}
          <LogText text={scopeInWords(scope, rules)} limit={120} isExpandable={false} />
        </>
      ),
    },
    {
      key: "hidden",
      header: "Hidden",
      track: "90px",
      align: "end",
      cell: ({ id }) => {
        const count = hidden?.get(id);
        return count === undefined ? (
          <span className="muted">–</span>
        ) : (
          `${count.isExact ? "" : "≥ "}${formatCount(count.matches)}`
        );
      },
    },
    {
      key: "ends",
      header: "Ends",
      track: "130px",
      cell: (exception) => <Ends exception={exception} now={now} />,
    },
    {
      key: "by",
      header: "By",
      track: "110px",
      cell: ({ createdBy }) => <LogText text={createdBy} limit={40} isExpandable={false} />,
    },
  ];
}

function Ends({
  exception,
  now,
}: {
  readonly exception: RuleExceptionView;
  readonly now: number;
}): ReactNode {
  const { state, expiresAt, endedAt } = exception;
  const days = daysLeft(exception, now);
  if (state === "ended" && endedAt !== null)
    return (
      <span className="muted">
        ended <Time value={endedAt} />
      </span>
    );
  if (state === "expired" && expiresAt !== null)
    return (
      <span className="muted">
        expired <Time value={expiresAt} />
      </span>
    );
  if (days === undefined) return "never";
  const text = `in ${formatAmount(days, "day")}`;
  return isEndingSoon(exception, now) ? <b>{text}</b> : text;
}

function NoExceptions({
  isFiltered,
  view,
}: {
  readonly isFiltered: boolean;
  readonly view: ExceptionsView;
}): ReactNode {
  if (isFiltered) return <Empty title="No exception fits">Other words may find it.</Empty>;
  if (view !== "active")
    return (
      <Empty title={view === "soon" ? "None ends within a week" : "None is over"}>
        They come here by themselves.
      </Empty>
    );
  return (
    <Empty title="No exception is in force">
      When an alert is expected, open it and choose Exception…: what its events have in common is proposed,
      with what that would have hidden.
    </Empty>
  );
}
