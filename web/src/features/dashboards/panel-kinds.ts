import type { DashboardPanel, PanelKind } from "@tyto/domain";

interface OwnField {
  readonly name: string;
  readonly label: string;
  readonly value: string;
  readonly choices?: readonly (readonly [string, string])[];
}

const COLUMNS: Readonly<Partial<Record<PanelKind, readonly (readonly [string, string])[]>>> = {
  time: [["stack", "Told apart by"]],
  bar: [
    ["label", "Names from"],
    ["value", "Values from"],
  ],
  heatmap: [
    ["row", "Rows from"],
    ["column", "Columns from"],
  ],
  map: [["country", "Countries from"]],
  sankey: [
    ["source", "From"],
    ["target", "To"],
  ],
};

/** What a kind of panel has of its own, for its form. */
export function ownFields(panel: DashboardPanel): readonly OwnField[] {
  const given = new Map<string, unknown>(Object.entries(panel));
  const text = (name: string): string => {
    const value = given.get(name);
    return typeof value === "string" ? value : "";
  };
  const columns = (COLUMNS[panel.kind] ?? []).map(([name, label]) => ({ name, label, value: text(name) }));
  if (panel.kind === "stat")
    return [
      {
        name: "compare",
        label: "Compared with",
        value: panel.compare === true ? "true" : "",
        choices: [
          ["", "nothing"],
          ["true", "the window before"],
        ],
      },
    ];
  if (panel.kind !== "time") return columns;
  const draw: OwnField = {
    name: "draw",
    label: "Drawn as",
    value: panel.draw ?? "bars",
    choices: [
      ["bars", "bars, for counts"],
      ["lines", "lines, for rates"],
    ],
  };
  return [draw, ...columns];
}

/** The same panel shown in another way. What the new way has no use for is left behind. */
export function withKind(panel: DashboardPanel, kind: PanelKind): DashboardPanel {
  const { id, title, place } = panel;
  const base = {
    id,
    title,
    place,
    ...(panel.description === undefined ? {} : { description: panel.description }),
  };
  if (kind === "markdown") return { ...base, kind, text: "" };
  const time = "time" in panel && panel.time !== undefined ? { time: panel.time } : {};
  if (kind === "search") return { ...base, ...time, kind, savedSearch: "" };
  const query = "query" in panel ? panel.query : "Events\n| summarize events = count() by bin(timestamp, 1h)";
  const drilldown =
    "drilldown" in panel && panel.drilldown !== undefined ? { drilldown: panel.drilldown } : {};
  return { ...base, ...time, ...drilldown, kind, query };
}
