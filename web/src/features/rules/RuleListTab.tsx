import type { RuleBody } from "@tyto/domain";
import { getRouteApi } from "@tanstack/react-router";
import { type ReactNode, useMemo, useRef, useState } from "react";
import { useRules } from "../../api/index.ts";
import {
  Empty,
  ErrorNote,
  Skeleton,
  SplitView,
  TextInput,
  useCommands,
  useRowKeys,
  VirtualGrid,
} from "../../ui/index.ts";
import { byGravity, fitsWords, RULE_COLUMNS } from "./rule-columns.tsx";
import { RulePanel } from "./RulePanel.tsx";
import css from "./Rules.module.css";

const route = getRouteApi("/rules");

/** The list of rules. */
export function RuleListTab(): ReactNode {
  const { data, error, refetch } = useRules();
  if (data !== undefined) return <RuleList rules={data} />;
  if (error !== null) return <ErrorNote error={error} onRetry={() => void refetch()} />;
  return <Skeleton />;
}

function RuleList({ rules }: { readonly rules: readonly RuleBody[] }): ReactNode {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const [cursor, setCursor] = useState<string>();
  const words = search.q ?? "";
  const rows = useMemo(() => rules.filter((rule) => fitsWords(rule, words)).sort(byGravity), [rules, words]);
  const activeKey = search.rule ?? cursor;
  const chosen = rules.find((rule) => rule.id === search.rule);
  const open = (rule: RuleBody) =>
    void navigate({ search: (before) => ({ ...before, rule: rule.id }), replace: search.rule !== undefined });
  const move = (rule: RuleBody) => (search.rule === undefined ? setCursor(rule.id) : open(rule));
  const dismiss = () => void navigate({ search: (before) => ({ ...before, rule: undefined }) });
  const find = (q: string) =>
    void navigate({ search: (before) => ({ ...before, q: q === "" ? undefined : q }), replace: true });
  useRowKeys({
    rows,
    keyOf: (rule) => rule.id,
    activeKey,
    noun: "rule",
    group: "This page",
    onMove: move,
    onOpen: open,
    onEscape: dismiss,
  });
  return (
    <div className={css["page"]}>
      <RuleFilter words={words} onChange={find} />
      <SplitView
        panelLabel="Rule"
        isOpen={chosen !== undefined}
        panel={chosen !== undefined && <RulePanel rule={chosen} onDismiss={dismiss} />}
      >
        {rows.length === 0 ? (
          <NoRules isFiltered={rules.length > 0} />
        ) : (
          <VirtualGrid
            label="Rules"
            rows={rows}
            rowKey={(rule) => rule.id}
            columns={RULE_COLUMNS}
            activeKey={activeKey}
            onMove={move}
            onOpen={open}
          />
        )}
      </SplitView>
    </div>
  );
}

interface RuleFilterProps {
  readonly words: string;
  readonly onChange: (words: string) => void;
}

function RuleFilter({ words, onChange }: RuleFilterProps): ReactNode {
  const input = useRef<HTMLInputElement>(null);
  const focus = () => input.current?.focus();
  useCommands([{ id: "focus-rules", label: "Find a rule", group: "This page", keys: ["/"], run: focus }]);
  return (
    <div className={css["bar"]} role="search">
      <TextInput
        ref={input}
        aria-label="Find a rule"
        placeholder="Title, tag, level or state"
        value={words}
        onChange={(event) => onChange(event.target.value)}
      />
    </div>
  );
}

function NoRules({ isFiltered }: { readonly isFiltered: boolean }): ReactNode {
  return isFiltered ? (
    <Empty title="No rule fits">Other words may find it.</Empty>
  ) : (
    <Empty title="No rules are loaded">
      Rules come with packs. Look at the terminal for what kept them from loading.
    </Empty>
  );
}
