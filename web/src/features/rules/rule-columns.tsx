import type { RuleRow } from "@tyto/domain";
import {
  formatCompact,
  formatCount,
  type GridColumn,
  humanise,
  LogText,
  Severity,
  Time,
} from "../../ui/index.ts";
import { isNoisy, precisionOf } from "./rule-filter.ts";
import { STATUS_TEXT } from "./rule-words.ts";
import { Switch } from "./Switch.tsx";

/** @param onSwitch of a row, to the other side */
export function ruleColumns(onSwitch: (rule: RuleRow) => void): readonly GridColumn<RuleRow>[] {
  return [
    {
      key: "enabled",
      header: "On",
      track: "52px",
      cell: (rule) =>
        rule.kind === "filter" ? null : (
          <Switch isOn={rule.enabled} label={`${rule.title} runs`} onToggle={() => onSwitch(rule)} />
        ),
    },
    { key: "level", header: "Level", track: "118px", cell: (rule) => <Severity level={rule.level} /> },
    {
      key: "title",
      header: "Rule",
      track: "minmax(220px, 4fr)",
      cell: (rule) => <LogText text={rule.title} limit={200} isExpandable={false} />,
    },
    {
      key: "kind",
      header: "Type",
      track: "92px",
      cell: (rule) => <span className="muted">{humanise(rule.kind)}</span>,
    },
    {
      key: "pack",
      header: "From",
      track: "minmax(90px, 1fr)",
      cell: (rule) =>
        rule.origin === "own" ? <b>Own</b> : <span className="muted ellipsis">{rule.pack}</span>,
    },
    {
      key: "state",
      header: "State",
      track: "minmax(110px, 1.2fr)",
      cell: (rule) => <State rule={rule} />,
    },
    {
      key: "week",
      header: "7 days",
      track: "68px",
      align: "end",
      cell: (rule) => <Amount count={rule.alerts.week} isBold={isNoisy(rule)} />,
    },
    {
      key: "month",
      header: "30 days",
      track: "80px",
      align: "end",
      cell: (rule) => <Amount count={rule.alerts.month} />,
    },
    {
      key: "precision",
      header: "Precision",
      track: "84px",
      align: "end",
      cell: (rule) => {
        const precision = precisionOf(rule);
        if (precision === null) return <span className="muted">–</span>;
        const { truePositives, total } = rule.closed;
        return (
          <span title={`${formatCount(truePositives)} true positives of ${formatCount(total)} closed`}>
            {Math.round(precision * 100)} %
          </span>
        );
      },
    },
    {
      key: "last",
      header: "Last alert",
      track: "104px",
      cell: (rule) =>
        rule.lastAlertAt === null ? <span className="muted">–</span> : <Time value={rule.lastAlertAt} />,
    },
  ];
}

function Amount({ count, isBold = false }: { readonly count: number; readonly isBold?: boolean }) {
  if (count === 0) return <span className="muted">–</span>;
  return isBold ? <b title="Noisy">{formatCompact(count)}</b> : <span>{formatCompact(count)}</span>;
}

function State({ rule }: { readonly rule: RuleRow }) {
  if (rule.status === "invalid" || rule.status === "unsupported") return <b>{STATUS_TEXT[rule.status]}</b>;
  if (rule.missing !== null)
    return (
      <span className="ellipsis" title={rule.missing}>
        Missing telemetry
      </span>
    );
  const isBehind = rule.own !== null && rule.own.running !== null && rule.own.running !== rule.own.version;
  if (isBehind) return <span>Newer saved</span>;
  return <span className="muted">{rule.enabled ? "Runs" : "Off"}</span>;
}
