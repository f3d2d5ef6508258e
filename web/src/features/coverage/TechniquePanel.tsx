import type { Coverage, CoverageCell, CoverageRule } from "@tyto/domain";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { DetailPanel, buttonClass, formatAmount, humanise, LogText, Severity } from "../../ui/index.ts";
import { CellMark } from "./CellMark.tsx";
import { STATE_NAMES } from "./cells.ts";
import css from "./Coverage.module.css";
import { STATE_OF } from "./coverage-url.ts";

interface TechniquePanelProps {
  readonly cell: CoverageCell;
  /** Of all cells, those of its sub-techniques. */
  readonly subs: readonly CoverageCell[];
  readonly coverage: Coverage;
  readonly onOpen: (cell: CoverageCell) => void;
  readonly onDismiss: () => void;
}

const TELEMETRY: Readonly<Record<CoverageRule["telemetry"], string>> = {
  arriving: "telemetry arrives",
  silent: "no telemetry arrives",
  impossible: "no loaded pack fills its fields",
};

/** One technique: its rules, what could be switched on, and what should be connected. */
export function TechniquePanel({ cell, subs, coverage, onOpen, onDismiss }: TechniquePanelProps): ReactNode {
  const running = cell.rules.filter(({ isEnabled }) => isEnabled);
  const resting = cell.rules.filter(({ isEnabled }) => !isEnabled);
  const waiting = running.filter(({ telemetry }) => telemetry === "silent");
  return (
    <DetailPanel
      lead={
        <>
          <span className="mono muted">{cell.id}</span>
          <span className="muted">{cell.tactics.map(humanise).join(", ")}</span>
        </>
      }
      title={cell.name}
      onDismiss={onDismiss}
    >
      <p className={css["state"]}>
        {cell.rules.length > 0 && <CellMark cell={cell} />}
        <b>{STATE_NAMES[STATE_OF[cell.score]]}</b>
        <span className="muted">
          {formatAmount(cell.rules.length, "rule")}: {cell.enabled} enabled, {cell.arriving} with telemetry,{" "}
          {cell.tested} tested
        </span>
      </p>
      {cell.rules.length === 0 && (
        <p className="muted">
          No rule of yours names this technique. Write one, or load rules of others into a pack; tags such as{" "}
          <code>attack.{cell.id.toLowerCase()}</code> put them here.
        </p>
      )}
      {running.length > 0 && <RuleLines title="Rules that run" rules={running} coverage={coverage} />}
      {resting.length > 0 && <RuleLines title="Could be enabled" rules={resting} coverage={coverage} />}
      {waiting.length > 0 && <ToConnect rules={waiting} />}
      {subs.length > 0 && (
        <section className={css["part"]} aria-label="Sub-techniques">
          <h3>
            Sub-techniques, {cell.coveredSubs} of {cell.subs} covered
          </h3>
          <ul>
            {subs.map((sub) => (
              <li key={sub.id} className={css["sub"]}>
                <button type="button" className="link" onClick={() => onOpen(sub)}>
                  {sub.name}
                </button>
                <span className="mono muted">{sub.id}</span>
                <span className={sub.score === 0 ? "muted" : undefined}>
                  {STATE_NAMES[STATE_OF[sub.score]]}
                </span>
              </li>
            ))}
          </ul>
        </section>
      )}
    </DetailPanel>
  );
}

interface RuleLinesProps {
  readonly title: string;
  readonly rules: readonly CoverageRule[];
  readonly coverage: Coverage;
}

function RuleLines({ title, rules, coverage }: RuleLinesProps): ReactNode {
  const names = new Map(coverage.sources.map(({ id, name }) => [id, name]));
  return (
    <section className={css["part"]} aria-label={title}>
      <h3>{title}</h3>
      <ul>
        {rules.map((rule) => (
          <li key={rule.id} className={css["rule"]}>
            <Severity level={rule.level} />
            <div>
              <Link to="/rules" search={{ rule: rule.id }}>
                <LogText text={rule.title} limit={200} isExpandable={false} />
              </Link>
              <p className="muted small">
                {rule.isEnabled ? TELEMETRY[rule.telemetry] : "does not run"}
                {rule.sources.length > 0 && ` from ${namesOf(rule.sources, names)}`}
                {rule.isTested ? " · its cases pass" : " · no cases of its own"} · {rule.pack}
              </p>
              {rule.reason !== null && (
                <p className="small">
                  <LogText text={rule.reason} limit={300} />
                </p>
              )}
            </div>
            <Link
              to="/alerts"
              search={{ rule: rule.id, status: "all", from: "-30d", to: "now" }}
              className="small"
            >
              {formatAmount(rule.alerts, "alert")}
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}

const SHOWN_NAMES = 3;

function namesOf(ids: readonly string[], names: ReadonlyMap<string, string>): string {
  const shown = ids.slice(0, SHOWN_NAMES).map((id) => names.get(id) ?? id);
  return ids.length > SHOWN_NAMES
    ? `${shown.join(", ")} and ${ids.length - SHOWN_NAMES} more`
    : shown.join(", ");
}

/** What rules wait for, and the packs that would read it. */
function ToConnect({ rules }: { readonly rules: readonly CoverageRule[] }): ReactNode {
  const wanted = new Map<string, { readonly packs: Set<string>; count: number }>();
  for (const { logsources, packs } of rules) {
    const key = logsources.join(" or ");
    const known = wanted.get(key) ?? { packs: new Set<string>(), count: 0 };
    for (const pack of packs) known.packs.add(pack);
    known.count++;
    wanted.set(key, known);
  }
  return (
    <section className={css["part"]} aria-label="To connect">
      <h3>To connect</h3>
      <ul>
        {[...wanted].map(([logsource, { packs, count }]) => (
          <li key={logsource} className={css["connect"]}>
            <span>
              <b>{logsource}</b> <span className="muted">{formatAmount(count, "rule")} would see</span>
            </span>
            {packs.size > 0 && (
              <span className="muted small">read by {[...packs].slice(0, 8).join(", ")}</span>
            )}
          </li>
        ))}
      </ul>
      <Link to="/sources" search={{ tab: "connect" }} className={buttonClass()}>
        Connect a source
      </Link>
    </section>
  );
}
