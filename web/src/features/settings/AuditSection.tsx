import type { AuditEntryView, AuditFilter } from "@tyto/domain";
import { IconX } from "@tabler/icons-react";
import { getRouteApi } from "@tanstack/react-router";
import { type ReactNode, useRef } from "react";
import { useAudit } from "../../api/index.ts";
import {
  Button,
  buttonClass,
  CopyButton,
  Empty,
  ErrorNote,
  type GridColumn,
  LogText,
  Page,
  Select,
  Skeleton,
  SplitView,
  TextInput,
  Time,
  useRowKeys,
  VirtualGrid,
} from "../../ui/index.ts";
import { AUDIT_KIND_NAMES, AUDIT_KIND_WORDS } from "./audit-kinds.ts";
import css from "./Settings.module.css";
import type { SettingsSearch } from "./settings-url.ts";

const route = getRouteApi("/settings/$section");

/** Who searched, read, exported and changed what. */
export function AuditSection(): ReactNode {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const change = (next: SettingsSearch) =>
    void navigate({ search: (before) => ({ ...before, ...next }), replace: true });
  const filter: AuditFilter = {
    ...(search.q === undefined ? {} : { text: search.q }),
    ...(search.actor === undefined ? {} : { actor: search.actor }),
    ...(search.kind === undefined ? {} : { kind: search.kind }),
    from: search.from ?? "-30d",
  };
  const audit = useAudit(filter);
  const entries = audit.data?.pages.flatMap(({ items }) => items) ?? [];
  const open = entries.find(({ id }) => id === search.entry);
  const show = (entry: AuditEntryView | undefined) => change({ entry: entry?.id });
  return (
    <Page
      title="Audit log"
      layout="full"
      note="Reading it is written into it"
      actions={
        <a
          className={buttonClass()}
          href={`/api/v1/audit/file?${new URLSearchParams({ ...filter }).toString()}`}
        >
          Export CSV
        </a>
      }
    >
      <div className={css["audit"]}>
        <Filters search={search} onChange={change} />
        {audit.error !== null && audit.data === undefined ? (
          <ErrorNote error={audit.error} onRetry={() => void audit.refetch()} />
        ) : audit.data === undefined ? (
          <Skeleton />
        ) : (
          <SplitView
            isOpen={open !== undefined}
            panelLabel="Entry"
            panel={open !== undefined && <Entry entry={open} onClose={() => show(undefined)} />}
          >
            {entries.length === 0 && !audit.hasNextPage ? (
              <Empty title="Nothing like that was done">Ask for another time, person or kind.</Empty>
            ) : (
              <Entries
                entries={entries}
                open={open}
                onShow={show}
                onEndNear={() => {
                  if (audit.hasNextPage && !audit.isFetchingNextPage) void audit.fetchNextPage();
                }}
              />
            )}
          </SplitView>
        )}
      </div>
    </Page>
  );
}

const TIMES = [
  ["-1d", "Last 24 hours"],
  ["-7d", "Last 7 days"],
  ["-30d", "Last 30 days"],
  ["-365d", "Last year"],
  ["1970-01-01T00:00:00Z", "All there is"],
] as const;

function Filters({
  search,
  onChange,
}: {
  readonly search: SettingsSearch;
  readonly onChange: (change: SettingsSearch) => void;
}): ReactNode {
  const given = (value: string) => (value === "" ? undefined : value);
  const text = useRef<HTMLInputElement>(null);
  return (
    <div className={css["filters"]} role="search">
      <TextInput
        ref={text}
        type="search"
        aria-label="Words in the entry"
        placeholder="Words in the entry…"
        defaultValue={search.q ?? ""}
        onKeyDown={(event) => {
          if (event.key === "Enter") onChange({ q: given(event.currentTarget.value) });
        }}
        onBlur={(event) => onChange({ q: given(event.currentTarget.value) })}
      />
      <TextInput
        aria-label="Who"
        placeholder="Who…"
        defaultValue={search.actor ?? ""}
        onKeyDown={(event) => {
          if (event.key === "Enter") onChange({ actor: given(event.currentTarget.value) });
        }}
        onBlur={(event) => onChange({ actor: given(event.currentTarget.value) })}
      />
      <Select
        aria-label="What"
        value={search.kind ?? ""}
        onChange={(event) => onChange({ kind: AUDIT_KIND_NAMES.find((kind) => kind === event.target.value) })}
      >
        <option value="">Everything</option>
        {AUDIT_KIND_NAMES.map((kind) => (
          <option key={kind} value={kind}>
            {AUDIT_KIND_WORDS[kind]}
          </option>
        ))}
      </Select>
      <Select
        aria-label="When"
        value={search.from ?? "-30d"}
        onChange={(event) => onChange({ from: event.target.value })}
      >
        {TIMES.map(([value, label]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </Select>
    </div>
  );
}

const words = (action: string) => action.replaceAll("-", " ");

const COLUMNS: readonly GridColumn<AuditEntryView>[] = [
  { key: "at", header: "When", track: "184px", cell: ({ at }) => <Time value={at} as="instant" /> },
  { key: "actor", header: "Who", track: "160px", cell: ({ actor }) => <LogText text={actor} /> },
  { key: "action", header: "Did", track: "150px", cell: ({ action }) => words(action) },
  {
    key: "subject",
    header: "What",
    track: "minmax(200px, 1fr)",
    cell: ({ subject }) => (
      <span className="mono">
        <LogText text={subject} />
      </span>
    ),
  },
];

function Entries({
  entries,
  open,
  onShow,
  onEndNear,
}: {
  readonly entries: readonly AuditEntryView[];
  readonly open: AuditEntryView | undefined;
  readonly onShow: (entry: AuditEntryView | undefined) => void;
  readonly onEndNear: () => void;
}): ReactNode {
  useRowKeys({
    rows: entries,
    keyOf: ({ id }) => id,
    activeKey: open?.id,
    noun: "entry",
    group: "This page",
    onMove: onShow,
    onOpen: onShow,
    onEscape: () => onShow(undefined),
  });
  return (
    <VirtualGrid
      label="Audit log"
      rows={entries}
      rowKey={({ id }) => id}
      columns={COLUMNS}
      rowHeight={32}
      activeKey={open?.id}
      onMove={onShow}
      onOpen={onShow}
      onEndNear={onEndNear}
    />
  );
}

function Entry({
  entry,
  onClose,
}: {
  readonly entry: AuditEntryView;
  readonly onClose: () => void;
}): ReactNode {
  const { actor, action, at, subject, changes, detail } = entry;
  return (
    <div className={css["entry"]}>
      <div className={css["entryHead"]}>
        <h2>
          {actor}: {words(action)}
        </h2>
        <span className="grow" />
        <Button tone="quiet" iconLabel="Close the panel (Esc)" onClick={onClose}>
          <IconX size={16} />
        </Button>
      </div>
      <p className="muted">
        <Time value={at} as="exact" />
      </p>
      {subject !== "" && (
        <pre>
          <LogText text={subject} />
        </pre>
      )}
      {changes.length > 0 && (
        <table className={css["table"]}>
          <thead>
            <tr>
              <th scope="col">Field</th>
              <th scope="col">Before</th>
              <th scope="col">After</th>
            </tr>
          </thead>
          <tbody>
            {changes.map(({ field, before, after }) => (
              <tr key={field}>
                <td>{field}</td>
                <td className="mono" style={{ whiteSpace: "normal" }}>
                  <LogText text={plain(before)} />
                </td>
                <td className="mono" style={{ whiteSpace: "normal" }}>
                  <LogText text={plain(after)} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <h3>As it was written down</h3>
      <pre>
        <LogText text={JSON.stringify(detail, null, 2)} layout="block" limit={8_000} />
      </pre>
      <div className={css["actions"]}>
        <CopyButton text={JSON.stringify(entry, null, 2)} label="Copy as JSON" />
      </div>
    </div>
  );
}

function plain(value: unknown): string {
  if (value === null || value === undefined) return "–";
  return typeof value === "string" ? value : JSON.stringify(value);
}
