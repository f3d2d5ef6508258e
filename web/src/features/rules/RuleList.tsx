import { LEVELS, type RuleRow } from "@tyto/domain";
import { getRouteApi } from "@tanstack/react-router";
import { type ReactNode, useMemo, useRef, useState } from "react";
import { useRules } from "../../api/index.ts";
import {
  Button,
  Empty,
  ErrorNote,
  humanise,
  Select,
  Skeleton,
  SplitView,
  TextInput,
  useCommands,
  useRowKeys,
  VirtualGrid,
} from "../../ui/index.ts";
import { ruleColumns } from "./rule-columns.tsx";
import { fits, sorted, tacticsOf } from "./rule-filter.ts";
import { RulePanel } from "./RulePanel.tsx";
import type { RulesSearch } from "./rules-url.ts";
import css from "./Rules.module.css";
import { useRuleSwitch } from "./use-rule-switch.ts";

const route = getRouteApi("/rules");

/** The list of rules. */
export function RuleListPart(): ReactNode {
  const { data, error, refetch } = useRules();
  if (data !== undefined) return <RuleList rules={data} />;
  if (error !== null) return <ErrorNote error={error} onRetry={() => void refetch()} />;
  return <Skeleton />;
}

function RuleList({ rules }: { readonly rules: readonly RuleRow[] }): ReactNode {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const [cursor, setCursor] = useState<string>();
  const rows = useMemo(
    () =>
      sorted(
        rules.filter((rule) => fits(rule, search)),
        search.sort,
      ),
    [rules, search],
  );
  const switchOver = useRuleSwitch();
  const activeKey = search.rule ?? cursor;
  const active = rules.find((rule) => rule.id === activeKey);
  const chosen = rules.find((rule) => rule.id === search.rule);
  const change = (next: RulesSearch) =>
    void navigate({ search: (before) => ({ ...before, ...next }), replace: true });
  const open = (rule: RuleRow) =>
    void navigate({ search: (before) => ({ ...before, rule: rule.id }), replace: search.rule !== undefined });
  const move = (rule: RuleRow) => (search.rule === undefined ? setCursor(rule.id) : open(rule));
  const dismiss = () => void navigate({ search: (before) => ({ ...before, rule: undefined }) });
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
  useCommands(
    active === undefined || active.kind === "filter"
      ? []
      : [
          {
            id: "switch-rule",
            label: active.enabled ? "Disable the rule" : "Enable the rule",
            group: "This page",
            keys: ["x"],
            run: () => switchOver(active),
          },
        ],
  );
  return (
    <div className={css["page"]}>
      <RuleFilters rules={rules} search={search} shown={rows.length} onChange={change} />
      <SplitView
        panelLabel="Rule"
        isOpen={chosen !== undefined}
        panel={chosen !== undefined && <RulePanel rule={chosen} onDismiss={dismiss} />}
      >
        {rows.length === 0 ? (
          <NoRules
            isFiltered={rules.length > 0}
            onClear={() => void navigate({ search: {}, replace: true })}
          />
        ) : (
          <VirtualGrid
            label="Rules"
            rows={rows}
            rowKey={(rule) => rule.id}
            columns={ruleColumns(switchOver).filter(({ key }) => chosen === undefined || IN_SHORT.has(key))}
            activeKey={activeKey}
            onMove={move}
            onOpen={open}
          />
        )}
      </SplitView>
    </div>
  );
}

/** Columns that stay while the panel takes half of the page. */
const IN_SHORT: ReadonlySet<string> = new Set(["enabled", "level", "title", "state", "week"]);

interface RuleFiltersProps {
  readonly rules: readonly RuleRow[];
  readonly search: RulesSearch;
  readonly shown: number;
  readonly onChange: (change: RulesSearch) => void;
}

function RuleFilters({ rules, search, shown, onChange }: RuleFiltersProps): ReactNode {
  const input = useRef<HTMLInputElement>(null);
  const focus = () => input.current?.focus();
  useCommands([{ id: "focus-rules", label: "Find a rule", group: "This page", keys: ["/"], run: focus }]);
  const packs = [...new Set(rules.map(({ pack }) => pack))].filter((pack) => pack !== "own").sort();
  const tactics = [...new Set(rules.flatMap(tacticsOf))].sort();
  return (
    <div className={css["bar"]} role="search">
      <TextInput
        ref={input}
        aria-label="Find a rule"
        placeholder="Title, tag, pack or state"
        value={search.q ?? ""}
        onChange={(event) => onChange({ q: event.target.value || undefined })}
      />
      <Choice label="From" value={search.pack} onChange={(pack) => onChange({ pack })}>
        <option value="">All packs</option>
        <option value="own">Own rules</option>
        {packs.map((pack) => (
          <option key={pack}>{pack}</option>
        ))}
      </Choice>
      <Choice
        label="On or off"
        value={search.on}
        onChange={(on) => onChange({ on: on === "yes" || on === "no" ? on : undefined })}
      >
        <option value="">On and off</option>
        <option value="yes">On</option>
        <option value="no">Off</option>
      </Choice>
      <Choice label="Level" value={search.level} onChange={(level) => onChange({ level })}>
        <option value="">Any level</option>
        {[...LEVELS].reverse().map((level) => (
          <option key={level} value={level}>
            {humanise(level)}
          </option>
        ))}
      </Choice>
      <Choice label="Tactic" value={search.tactic} onChange={(tactic) => onChange({ tactic })}>
        <option value="">Any tactic</option>
        {tactics.map((tactic) => (
          <option key={tactic} value={tactic}>
            {humanise(tactic)}
          </option>
        ))}
      </Choice>
      <Choice
        label="Only rules that"
        value={search.only}
        onChange={(only) =>
          onChange({ only: (["missing", "noisy", "broken"] as const).find((one) => one === only) })
        }
      >
        <option value="">All states</option>
        <option value="missing">Missing telemetry</option>
        <option value="noisy">Noisy</option>
        <option value="broken">Cannot run</option>
      </Choice>
      <Choice
        label="Sort by"
        value={search.sort}
        onChange={(sort) =>
          onChange({
            sort: (["title", "alerts", "precision", "last"] as const).find((one) => one === sort),
          })
        }
      >
        <option value="">By level</option>
        <option value="title">By title</option>
        <option value="alerts">Most alerts</option>
        <option value="precision">Worst precision</option>
        <option value="last">Last alert</option>
      </Choice>
      <span className="muted small" role="status">
        {shown === rules.length ? "" : `${shown} of ${rules.length}`}
      </span>
    </div>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly value: string | undefined;
  readonly onChange: (value: string | undefined) => void;
  readonly children: ReactNode;
}

function Choice({ label, value, onChange, children }: ChoiceProps): ReactNode {
  return (
    <Select
      aria-label={label}
      value={value ?? ""}
      onChange={(event) => onChange(event.target.value || undefined)}
    >
      {children}
    </Select>
  );
}

interface NoRulesProps {
  readonly isFiltered: boolean;
  readonly onClear: () => void;
}

function NoRules({ isFiltered, onClear }: NoRulesProps): ReactNode {
  return isFiltered ? (
    <Empty title="No rule fits" action={<Button onClick={onClear}>Show all rules</Button>}>
      Other words or filters may find it.
    </Empty>
  ) : (
    <Empty title="No rules are loaded">
      Rules come with packs, or are written here. Look at the terminal for what kept them from loading.
    </Empty>
  );
}
