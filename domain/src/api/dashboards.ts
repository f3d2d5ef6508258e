import Type from "typebox";
import { InstantSchema, page } from "./basics.ts";

/** The limits of a dashboard; beyond them it is no page that anybody reads. */
export const DASHBOARD_LIMITS = {
  columns: 12,
  rows: 400,
  panelHeight: 24,
  panels: 40,
  variables: 12,
  options: 200,
  queryCharacters: 8_000,
  markdownCharacters: 8_000,
  valueCharacters: 500,
  /** Values of one variable, or of one filter. */
  values: 50,
  filters: 20,
} as const;

const closed = { additionalProperties: false } as const;
const limits = DASHBOARD_LIMITS;
const Query = Type.String({ minLength: 1, maxLength: limits.queryCharacters });
const Label = Type.String({ minLength: 1, maxLength: 120 });
const ColumnName = Type.String({ minLength: 1, maxLength: 200 });
const Value = Type.String({ maxLength: limits.valueCharacters });
const Values = Type.Array(Value, { maxItems: limits.values });
const TimeText = Type.String({ minLength: 1, maxLength: 40 });

/** `-24h`, `now`, or RFC 3339; relative ones stay relative. */
export const DashboardTimeSchema = Type.Object({ from: TimeText, to: TimeText }, closed);
export type DashboardTime = Type.Static<typeof DashboardTimeSchema>;

const variableBase = {
  /** Queries write it with an underscore before it: `_host`. */
  name: Type.String({ pattern: "^[a-z][a-z0-9_]{0,31}$" }),
  label: Type.Optional(Label),
};
const choiceBase = {
  /** With `multi` queries see a list (`dynamic`), else a text. Nothing chosen is an empty list, or "". */
  multi: Type.Optional(Type.Boolean()),
  default: Type.Optional(Type.Union([Value, Values])),
};

/** The kinds of variables, by name. */
export const VARIABLE_SCHEMAS = {
  text: Type.Object({ ...variableBase, kind: Type.Literal("text"), default: Type.Optional(Value) }, closed),
  choice: Type.Object(
    {
      ...variableBase,
      ...choiceBase,
      kind: Type.Literal("choice"),
      options: Type.Array(Value, { minItems: 1, maxItems: limits.options }),
    },
    closed,
  ),
  /** Choices are the first column of what the query finds. */
  query: Type.Object({ ...variableBase, ...choiceBase, kind: Type.Literal("query"), query: Query }, closed),
} as const;
export const DashboardVariableSchema = Type.Union([
  VARIABLE_SCHEMAS.text,
  VARIABLE_SCHEMAS.choice,
  VARIABLE_SCHEMAS.query,
]);
export type DashboardVariable = Type.Static<typeof DashboardVariableSchema>;

/** Where a panel stands: columns and rows from 0. */
export const PanelPlaceSchema = Type.Object(
  {
    x: Type.Integer({ minimum: 0, maximum: limits.columns - 1 }),
    y: Type.Integer({ minimum: 0, maximum: limits.rows }),
    w: Type.Integer({ minimum: 1, maximum: limits.columns }),
    h: Type.Integer({ minimum: 1, maximum: limits.panelHeight }),
  },
  closed,
);
export type PanelPlace = Type.Static<typeof PanelPlaceSchema>;

const panelBase = {
  id: Type.String({ pattern: "^[a-z0-9][a-z0-9-]{0,39}$" }),
  title: Label,
  description: Type.Optional(Type.String({ maxLength: 500 })),
  place: PanelPlaceSchema,
};
const askingBase = {
  ...panelBase,
  query: Query,
  /** In place of the dashboard's time. */
  time: Type.Optional(DashboardTimeSchema),
  /** Where a click on "open" leads; the events behind the panel, in Search, without. */
  drilldown: Type.Optional(
    Type.Union([
      /** This query, with the same values, filters and time. */
      Type.Object({ query: Query }, closed),
      /** Another dashboard, with the same filters and time. */
      Type.Object({ dashboard: Type.String({ pattern: "^[a-z0-9-]{1,64}$" }) }, closed),
    ]),
  ),
};
const column = Type.Optional(ColumnName);
const asking = <Kind extends string, Own extends Record<string, Type.TSchema>>(kind: Kind, own: Own) =>
  Type.Object({ ...askingBase, kind: Type.Literal(kind), ...own }, closed);

/** The kinds of panels, by name. Columns that are not named: the first that fit. */
export const PANEL_SCHEMAS = {
  /** The first number of the first row. */
  stat: asking("stat", {
    value: column,
    unit: Type.Optional(Type.String({ maxLength: 20 })),
    /** Also asks about the window before. */
    compare: Type.Optional(Type.Boolean()),
  }),
  /** Rows of a time and a number; `stack` tells series apart. */
  time: asking("time", {
    draw: Type.Optional(Type.Union([Type.Literal("bars"), Type.Literal("lines")])),
    stack: column,
  }),
  bar: asking("bar", { label: column, value: column }),
  table: asking("table", {}),
  /** Of two columns and a number, or of a time and a number by weekday and hour. */
  heatmap: asking("heatmap", { row: column, column: column, value: column }),
  /** Of ISO 3166-1 codes and a number. */
  map: asking("map", { country: column, value: column }),
  sankey: asking("sankey", { source: column, target: column, value: column }),
  markdown: Type.Object(
    {
      ...panelBase,
      kind: Type.Literal("markdown"),
      text: Type.String({ maxLength: limits.markdownCharacters }),
    },
    closed,
  ),
  /** A saved search as a table; what it asks may change without the dashboard. */
  search: Type.Object(
    {
      ...panelBase,
      kind: Type.Literal("search"),
      savedSearch: Type.String({ pattern: "^[0-9a-f]{16}$" }),
      time: Type.Optional(DashboardTimeSchema),
    },
    closed,
  ),
} as const;
export type PanelKind = keyof typeof PANEL_SCHEMAS;
export const PANEL_KINDS = [
  "stat",
  "time",
  "bar",
  "table",
  "heatmap",
  "map",
  "sankey",
  "markdown",
  "search",
] as const satisfies readonly PanelKind[];

export const DashboardPanelSchema = Type.Union([
  PANEL_SCHEMAS.stat,
  PANEL_SCHEMAS.time,
  PANEL_SCHEMAS.bar,
  PANEL_SCHEMAS.table,
  PANEL_SCHEMAS.heatmap,
  PANEL_SCHEMAS.map,
  PANEL_SCHEMAS.sankey,
  PANEL_SCHEMAS.markdown,
  PANEL_SCHEMAS.search,
]);
export type DashboardPanel = Type.Static<typeof DashboardPanelSchema>;
export type AskingPanel = Extract<DashboardPanel, { readonly query: string }>;

/** Everything but variables and panels, whose kinds have schemas of their own. */
export const DASHBOARD_HEAD = {
  /** Of the document's form. */
  version: Type.Literal(1),
  title: Label,
  description: Type.Optional(Type.String({ maxLength: 1_000 })),
  time: DashboardTimeSchema,
  /** 0 or left out: only when somebody asks. */
  refreshSeconds: Type.Optional(
    Type.Union([Type.Literal(0), Type.Literal(30), Type.Literal(60), Type.Literal(300), Type.Literal(900)]),
  ),
} as const;

/** A dashboard as a document: what is stored, exported as YAML or JSON, and read again. */
export const DashboardSchema = Type.Object(
  {
    ...DASHBOARD_HEAD,
    variables: Type.Array(DashboardVariableSchema, { maxItems: limits.variables }),
    panels: Type.Array(DashboardPanelSchema, { maxItems: limits.panels }),
  },
  closed,
);
export type Dashboard = Type.Static<typeof DashboardSchema>;

export const DashboardBodySchema = Type.Object(
  { dashboard: DashboardSchema, shared: Type.Boolean() },
  closed,
);
export type DashboardBody = Type.Static<typeof DashboardBodySchema>;

/** `version`: the one that was changed. When it is not the newest any more, nothing is saved (409). */
export const DashboardChangeSchema = Type.Object(
  { ...DashboardBodySchema.properties, version: Type.Integer({ minimum: 1 }) },
  closed,
);
export type DashboardChange = Type.Static<typeof DashboardChangeSchema>;

const dashboardHead = {
  id: Type.String(),
  owner: Type.String({ description: "Empty for those that come with Tyto" }),
  isOwn: Type.Boolean(),
  isIncluded: Type.Boolean({ description: "Comes with a pack: to be duplicated, not changed" }),
  shared: Type.Boolean(),
  version: Type.Integer(),
  createdAt: Type.Union([InstantSchema, Type.Null()]),
  updatedAt: Type.Union([InstantSchema, Type.Null()]),
  updatedBy: Type.String(),
};

export const DashboardViewSchema = Type.Object({ ...dashboardHead, dashboard: DashboardSchema });
export type DashboardView = Type.Static<typeof DashboardViewSchema>;

export const DashboardListSchema = page(
  Type.Object({
    ...dashboardHead,
    title: Type.String(),
    description: Type.String(),
    panels: Type.Integer(),
  }),
);
export type DashboardList = Type.Static<typeof DashboardListSchema>;

export const DashboardVersionListSchema = page(
  Type.Object({
    version: Type.Integer(),
    at: InstantSchema,
    by: Type.String(),
    title: Type.String(),
    panels: Type.Integer(),
  }),
);
export type DashboardVersionList = Type.Static<typeof DashboardVersionListSchema>;

export const DashboardTextBodySchema = Type.Object(
  { text: Type.String({ maxLength: 500_000, description: "YAML or JSON" }) },
  closed,
);
export type DashboardTextBody = Type.Static<typeof DashboardTextBodySchema>;

/** What a text says, and everything that is wrong with it; no dashboard where something is. */
export const DashboardCheckSchema = Type.Object({
  dashboard: Type.Union([DashboardSchema, Type.Null()]),
  problems: Type.Array(
    Type.Object({
      severity: Type.Union([Type.Literal("error"), Type.Literal("warning")]),
      code: Type.String(),
      message: Type.String(),
      line: Type.Union([Type.Integer(), Type.Null()]),
      column: Type.Union([Type.Integer(), Type.Null()]),
      hint: Type.Union([Type.String(), Type.Null()]),
    }),
  ),
});
export type DashboardCheck = Type.Static<typeof DashboardCheckSchema>;

export const DashboardFilterSchema = Type.Object(
  {
    field: ColumnName,
    /** One of these; "" is a field without a value. */
    values: Type.Array(Value, { minItems: 1, maxItems: limits.values }),
    not: Type.Optional(Type.Boolean()),
  },
  closed,
);
export type DashboardFilter = Type.Static<typeof DashboardFilterSchema>;

const question = {
  /** Exactly one of the two. */
  kql: Type.Optional(Query),
  savedSearch: Type.Optional(Type.String({ pattern: "^[0-9a-f]{16}$" })),
  from: TimeText,
  to: TimeText,
  /** By name without the underscore. Bound as values: nothing in them can change the query. */
  variables: Type.Optional(
    Type.Record(Type.String({ pattern: "^[a-z][a-z0-9_]{0,31}$" }), Type.Union([Value, Values]), {
      maxProperties: limits.variables,
    }),
  ),
  /** Stand on every table of the query that has their field. */
  filters: Type.Optional(Type.Array(DashboardFilterSchema, { maxItems: limits.filters })),
};

export const PanelQuestionSchema = Type.Object(
  {
    ...question,
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 5_000 })),
    /** Also asks about the window of the same width before. */
    compare: Type.Optional(Type.Boolean()),
    /** For the audit: what is looked at. */
    dashboard: Type.Optional(Type.String({ maxLength: 64 })),
    panel: Type.Optional(Type.String({ maxLength: 40 })),
  },
  closed,
);
export type PanelQuestion = Type.Static<typeof PanelQuestionSchema>;

const Rows = Type.Array(Type.Array(Type.Unknown()));

export const PanelAnswerSchema = Type.Object({
  columns: Type.Array(
    Type.Object({
      name: Type.String(),
      type: Type.String(),
      field: Type.Union([Type.String(), Type.Null()], {
        description: "The event's field whose values it holds unchanged, to filter by",
      }),
    }),
  ),
  rows: Rows,
  /** Of the window before. */
  previous: Type.Union([Rows, Type.Null()]),
  /** Fields of filters that no table of the query has. */
  ignoredFilters: Type.Array(Type.String()),
  stats: Type.Object({
    rowsRead: Type.Integer(),
    bytesRead: Type.Integer(),
    elapsedMs: Type.Number(),
    partial: Type.Boolean(),
  }),
  from: InstantSchema,
  to: InstantSchema,
});
export type PanelAnswer = Type.Static<typeof PanelAnswerSchema>;

export const DrillBodySchema = Type.Object(question, closed);
export type DrillBody = Type.Static<typeof DrillBodySchema>;

/** The rows behind a panel, as a query of its own for Search. */
export const DrillSchema = Type.Object({ kql: Type.String() });
export type Drill = Type.Static<typeof DrillSchema>;
