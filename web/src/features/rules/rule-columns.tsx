import { LEVELS, type RuleBody } from "@tyto/domain";
import { type GridColumn, humanise, LogText, Severity } from "../../ui/index.ts";

export const STATUS_TEXT: Readonly<Record<RuleBody["status"], string>> = {
  runnable: "Runs",
  "needs-field": "Needs a field",
  unsupported: "Not supported",
  invalid: "Invalid",
};

export const RULE_COLUMNS: readonly GridColumn<RuleBody>[] = [
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

const LOWEST_FIRST: readonly string[] = LEVELS;

/** The gravest first, then by title: the building blocks of correlations come last. */
export function byGravity(a: RuleBody, b: RuleBody): number {
  return (
    LOWEST_FIRST.indexOf(b.level) - LOWEST_FIRST.indexOf(a.level) || a.title.localeCompare(b.title, "en")
  );
}

/** Whether every word occurs in what the list shows of the rule. */
export function fitsWords(rule: RuleBody, words: string): boolean {
  const text = [rule.title, rule.level, rule.kind, STATUS_TEXT[rule.status], ...rule.tags]
    .join(" ")
    .toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
