import type { RuleBody } from "@tyto/domain";
import { IconX } from "@tabler/icons-react";
import { getRouteApi, Link } from "@tanstack/react-router";
import { type ReactNode, useMemo, useRef, useState } from "react";
import { useRules } from "../../api/index.ts";
import {
  Button,
  buttonClass,
  CopyButton,
  Empty,
  ErrorNote,
  formatAmount,
  type GridColumn,
  humanise,
  LogText,
  Page,
  Severity,
  Skeleton,
  SplitView,
  TextInput,
  useCommands,
  VirtualGrid,
} from "../../ui/index.ts";
import css from "./Rules.module.css";

const route = getRouteApi("/rules");

const STATUS_TEXT: Readonly<Record<RuleBody["status"], string>> = {
  runnable: "Runs",
  "needs-field": "Needs a field",
  unsupported: "Not supported",
  invalid: "Invalid",
};

const COLUMNS: readonly GridColumn<RuleBody>[] = [
  { key: "level", header: "Level", track: "124px", cell: (rule) => <Severity level={rule.level} /> },
  {
    key: "title",
    header: "Rule",
    track: "minmax(220px, 3fr)",
    cell: (rule) => <LogText text={rule.title} limit={200} isExpandable={false} />,
  },
  {
    key: "kind",
    header: "Kind",
    track: "100px",
    cell: (rule) => <span className="muted">{humanise(rule.kind)}</span>,
  },
  {
    key: "status",
    header: "State",
    track: "120px",
    cell: (rule) => (rule.status === "runnable" ? STATUS_TEXT.runnable : <b>{STATUS_TEXT[rule.status]}</b>),
  },
  {
    key: "tags",
    header: "ATT&CK and tags",
    track: "minmax(140px, 2fr)",
    cell: (rule) => (
      <span className="mono muted">{rule.tags.map((tag) => tag.replace(/^attack\./, "")).join(" ")}</span>
    ),
  },
];

/** Every rule of the packs, and whether it runs. */
export function RulesPage(): ReactNode {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const input = useRef<HTMLInputElement>(null);
  const [cursor, setCursor] = useState<string>();
  const { data, error, refetch } = useRules();
  const words = search.q ?? "";
  const rows = useMemo(() => (data ?? []).filter((rule) => fits(rule, words)), [data, words]);
  const activeKey = search.rule ?? cursor;
  const chosen = data?.find((rule) => rule.id === search.rule);
  const open = (rule: RuleBody) =>
    void navigate({ search: (before) => ({ ...before, rule: rule.id }), replace: search.rule !== undefined });
  const dismiss = () => void navigate({ search: (before) => ({ ...before, rule: undefined }) });
  const move = (rule: RuleBody) => (search.rule === undefined ? setCursor(rule.id) : open(rule));
  const step = (distance: 1 | -1) => {
    const at = rows.findIndex((rule) => rule.id === activeKey);
    const next = rows[Math.max(0, Math.min(rows.length - 1, at + distance))];
    if (next !== undefined) move(next);
  };
  useCommands([
    {
      id: "focus-rules",
      label: "Find a rule",
      group: "This page",
      keys: ["/"],
      run: () => input.current?.focus(),
    },
    { id: "next", label: "Next rule", group: "This page", keys: ["j"], run: () => step(1), isQuiet: true },
    {
      id: "previous",
      label: "Previous rule",
      group: "This page",
      keys: ["k"],
      run: () => step(-1),
      isQuiet: true,
    },
    {
      id: "escape",
      label: "Close the panel",
      group: "This page",
      keys: ["Escape"],
      run: dismiss,
      isQuiet: true,
    },
  ]);
  const running = data?.filter((rule) => rule.status === "runnable").length ?? 0;

  return (
    <Page
      title="Rules"
      layout="full"
      note={data === undefined ? "" : `${formatAmount(data.length, "rule")} · ${running} running`}
    >
      <div className={css["page"]}>
        <div className={css["bar"]}>
          <TextInput
            ref={input}
            aria-label="Find a rule"
            placeholder="Title, tag, level or state"
            value={words}
            onChange={(event) => {
              const q = event.target.value;
              void navigate({
                search: (before) => ({ ...before, q: q === "" ? undefined : q }),
                replace: true,
              });
            }}
          />
        </div>
        <SplitView
          panelLabel="Rule"
          panel={chosen === undefined ? null : <RulePanel rule={chosen} onDismiss={dismiss} />}
        >
          {error !== null ? (
            <ErrorNote error={error} onRetry={() => void refetch()} />
          ) : data === undefined ? (
            <Skeleton />
          ) : rows.length === 0 ? (
            <Empty title={data.length === 0 ? "No rules are loaded" : "No rule fits"}>
              {data.length === 0
                ? "Rules come with packs. Look at the terminal for what kept them from loading."
                : "Other words may find it."}
            </Empty>
          ) : (
            <VirtualGrid
              label="Rules"
              rows={rows}
              rowKey={(rule) => rule.id}
              columns={COLUMNS}
              activeKey={activeKey}
              onMove={move}
              onOpen={open}
            />
          )}
        </SplitView>
      </div>
    </Page>
  );
}

function fits(rule: RuleBody, words: string): boolean {
  const text = [rule.title, rule.level, rule.kind, STATUS_TEXT[rule.status], ...rule.tags]
    .join(" ")
    .toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

function RulePanel({
  rule,
  onDismiss,
}: {
  readonly rule: RuleBody;
  readonly onDismiss: () => void;
}): ReactNode {
  return (
    <div className={css["panel"]}>
      <div className={css["head"]}>
        <Severity level={rule.level} />
        <span className="muted">
          {humanise(rule.kind)} rule · {STATUS_TEXT[rule.status].toLowerCase()}
        </span>
        <span className="grow" />
        <Button tone="quiet" iconLabel="Close the panel (Esc)" onClick={onDismiss}>
          <IconX size={16} />
        </Button>
      </div>
      <h2>{rule.title}</h2>
      <p className="muted">{rule.description}</p>
      {rule.reason !== null && <p className={css["reason"]}>{rule.reason}</p>}
      <div className={`${css["tags"] ?? ""} mono muted`}>
        {rule.tags.map((tag) => (
          <span key={tag}>{tag}</span>
        ))}
      </div>
      <div className={css["tools"]}>
        <Link to="/alerts" search={{ rule: rule.id, status: "all" }} className={buttonClass()}>
          Its alerts
        </Link>
        <CopyButton text={rule.yaml} label="Copy YAML" />
      </div>
      <pre tabIndex={0} aria-label="The rule's YAML">
        <LogText text={rule.yaml} layout="block" limit={60_000} />
      </pre>
      <p className="mono muted">{rule.path}</p>
    </div>
  );
}
