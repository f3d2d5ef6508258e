import type { DashboardPanel, DashboardVariable, PanelAnswer } from "@tyto/domain";
import { describe, expect, it } from "vitest";
import { Turns } from "../../api/panel-turns.ts";
import { layFlows } from "../../ui/charts/flow-layout.ts";
import { colouredSeries } from "../../ui/charts/chart-words.ts";
import {
  filtersIn,
  filtersText,
  parseDashboardSearch,
  toggledFilter,
  valueOf,
  valueText,
} from "./dashboards-url.ts";
import { compacted, freePlace, newPanelId, onGrid, overlaps, placed } from "./layout.ts";
import { readMarkdown } from "./markdown.ts";
import { panelCsv } from "./panel-export.ts";
import { withKind } from "./panel-kinds.ts";
import { shapeOf } from "./panel-shape.ts";

const at = (id: string, x: number, y: number, w: number, h: number) => ({ id, place: { x, y, w, h } });
const places = (panels: readonly ReturnType<typeof at>[]) =>
  panels.map(({ id, place: { x, y, w, h } }) => `${id} ${x},${y} ${w}x${h}`);

describe("the grid", () => {
  const PANELS = [at("a", 0, 0, 6, 4), at("b", 6, 0, 6, 4), at("c", 0, 4, 12, 2)];

  it("makes room below for what is moved onto others, and closes gaps", () => {
    expect(places(placed(PANELS, "c", { x: 0, y: 0, w: 12, h: 2 }))).toEqual([
      "a 0,2 6x4",
      "b 6,2 6x4",
      "c 0,0 12x2",
    ]);
    expect(places(placed(PANELS, "a", { x: 0, y: 0, w: 8, h: 4 }))).toEqual([
      "a 0,0 8x4",
      "b 6,4 6x4",
      "c 0,8 12x2",
    ]);
    expect(places(compacted(PANELS.slice(1)))).toEqual(["b 6,0 6x4", "c 0,4 12x2"]);
  });

  it("never lets two panels stand on each other, wherever one is put", () => {
    for (let x = -3; x < 15; x += 1)
      for (let y = -2; y < 9; y += 1) {
        const moved = placed(PANELS, "b", { x, y, w: 5, h: 3 });
        for (const one of moved)
          for (const other of moved) expect(one !== other && overlaps(one.place, other.place)).toBe(false);
      }
  });

  it("keeps everything on it", () => {
    expect(onGrid({ x: 11, y: -3, w: 30, h: 0 })).toEqual({ x: 0, y: 0, w: 12, h: 1 });
    expect(freePlace(PANELS, { w: 3, h: 2 })).toEqual({ x: 0, y: 6, w: 3, h: 2 });
    expect(newPanelId("Failed logons!", [{ id: "failed-logons" }])).toBe("failed-logons-2");
    expect(newPanelId("日本", [])).toBe("panel");
  });
});

describe("the URL", () => {
  const HOSTILE = ["a,b", "x:y|z", "-5%", "50%25", "", "ü ☃", '"; drop', "a&b=c"];

  it.each(HOSTILE)("brings a filter's value back as it was: %j", (value) => {
    const filters = [
      { field: "user.name", values: [value, "other"] },
      { field: "odd:field,name", values: [value], not: true },
    ];
    expect(filtersIn(filtersText(filters))).toEqual(filters);
  });

  it.each(HOSTILE)("brings a variable's value back as it was: %j", (value) => {
    const text: DashboardVariable = { name: "user", kind: "text", default: "ana" };
    const multi: DashboardVariable = { name: "hosts", kind: "query", query: "Events", multi: true };
    const through = (variable: DashboardVariable, own: string | readonly string[]) =>
      valueOf(variable, { [`v.${variable.name}`]: valueText(variable, own) });
    expect(through(text, value)).toEqual(value);
    expect(through(multi, ["b", value])).toEqual(["b", value]);
    expect(through(multi, [])).toEqual([]);
    expect(valueText(text, "ana")).toBeUndefined();
  });

  it("keeps what it knows", () => {
    expect(
      parseDashboardSearch({ from: "-1h", "v.user": "x", "v.Bad Name": "y", other: "z", edit: "2" }),
    ).toEqual({
      from: "-1h",
      "v.user": "x",
    });
    expect(filtersIn("nonsense,,:x,%E0%A4%A:b")).toEqual([{ field: "%E0%A4%A", values: ["b"] }]);
  });

  it("takes a filter that is clicked twice away again", () => {
    const once = toggledFilter([], "user.name", "root");
    expect(once).toEqual([{ field: "user.name", values: ["root"] }]);
    expect(toggledFilter(once, "user.name", "ana")).toEqual([{ field: "user.name", values: ["ana"] }]);
    expect(toggledFilter(once, "user.name", "root")).toEqual([]);
  });
});

const answer = (
  columns: readonly (readonly [string, string, string?])[],
  ...rows: unknown[][]
): PanelAnswer => ({
  columns: columns.map(([name, type, field]) => ({ name, type, field: field ?? null })),
  rows,
  previous: null,
  ignoredFilters: [],
  stats: { rowsRead: 0, bytesRead: 0, elapsedMs: 0, partial: false },
  from: "2026-01-01T00:00:00Z",
  to: "2026-01-02T00:00:00Z",
});
const BASE = { id: "p", title: "P", place: { x: 0, y: 0, w: 6, h: 6 }, query: "Events" };
const panel = (kind: "stat" | "time" | "bar" | "heatmap" | "map" | "sankey" | "table"): DashboardPanel => ({
  ...BASE,
  kind,
});
const utc = (ms: number) => ms;

describe("what a panel draws", () => {
  it("is the first number, beside the one of the window before", () => {
    const shown = answer(
      [
        ["name", "string"],
        ["n", "long"],
      ],
      ["x", 5],
    );
    expect(shapeOf(panel("stat"), { ...shown, previous: [["x", 3]] }, utc)).toEqual({
      kind: "stat",
      name: "n",
      value: 5,
      previous: 3,
    });
    expect(shapeOf(panel("stat"), { ...shown, rows: [] }, utc)).toMatchObject({
      value: null,
      previous: null,
    });
  });

  it("is at most seven series over time, the rest together, each with what it filters by", () => {
    const rows = Array.from({ length: 10 }, (_, n) => ["2026-01-01T00:00:00Z", `s${n}`, 10 - n]);
    const shape = shapeOf(
      panel("time"),
      answer(
        [
          ["t", "datetime"],
          ["user", "string", "user.name"],
          ["n", "long"],
        ],
        ...rows,
        ["2026-01-01T00:30:00Z", "s0", 1],
      ),
      utc,
    );
    if (shape.kind !== "time") throw new Error(shape.kind);
    expect(shape.bucketMs).toBe(1_800_000);
    expect(shape.series.map(({ name }) => name)).toEqual(["s0", "s1", "s2", "s3", "s4", "s5", "(others)"]);
    expect(shape.series[0]?.pick).toEqual({ field: "user.name", value: "s0" });
    expect(shape.series[6]?.points).toEqual([{ atMs: Date.UTC(2026, 0, 1), value: 4 + 3 + 2 + 1 }]);
  });

  it("is bars by name, also where the name is a number or missing", () => {
    const shape = shapeOf(
      panel("bar"),
      answer(
        [
          ["port", "long", "destination.port"],
          ["n", "long"],
        ],
        [443, 7],
        [null, 2],
      ),
      utc,
    );
    expect(shape).toMatchObject({
      bars: [
        { label: "443", value: 7, pick: { field: "destination.port", value: "443" } },
        { label: "(empty)", value: 2, pick: { field: "destination.port", value: "" } },
      ],
    });
  });

  it("is a week in the reader's own hours, or two columns", () => {
    const week = shapeOf(
      panel("heatmap"),
      answer(
        [
          ["t", "datetime"],
          ["n", "long"],
        ],
        ["2026-01-05T23:10:00Z", 3],
      ),
      (ms) => ms + 3_600_000,
    );
    expect(week).toMatchObject({ kind: "heatmap", cells: [{ row: 1, column: 0, value: 3 }] });
    const pairs = shapeOf(
      panel("heatmap"),
      answer(
        [
          ["a", "string"],
          ["b", "string"],
          ["n", "long"],
        ],
        ["x", "y", 3],
        ["x", "z", 9],
      ),
      utc,
    );
    expect(pairs).toMatchObject({ rows: ["x"], columns: ["z", "y"] });
  });

  it("is countries by their two letters, and says so when there are none", () => {
    const columns = [
      ["c", "string", "source.geo.country_iso_code"],
      ["n", "long"],
    ] as const;
    expect(shapeOf(panel("map"), answer(columns, ["de", 4], ["Germany", 1]), utc)).toMatchObject({
      countries: [{ label: "DE", value: 4, pick: { value: "de" } }],
    });
    expect(shapeOf(panel("map"), answer(columns, ["", 4]), utc).kind).toBe("none");
  });

  it("says why there is nothing to draw", () => {
    expect(shapeOf(panel("bar"), answer([["a", "string"]], ["x"]), utc)).toEqual({
      kind: "none",
      reason: "No column holds a number.",
    });
    expect(
      shapeOf(
        panel("time"),
        answer(
          [
            ["a", "string"],
            ["n", "long"],
          ],
          ["x", 1],
        ),
        utc,
      ).kind,
    ).toBe("none");
    expect(
      shapeOf(
        panel("sankey"),
        answer(
          [
            ["a", "string"],
            ["n", "long"],
          ],
          ["x", 1],
        ),
        utc,
      ).kind,
    ).toBe("none");
    expect(shapeOf(panel("table"), answer([["a", "string"]]), utc).kind).toBe("none");
  });

  it("in another kind keeps its query and leaves the other kind's settings behind", () => {
    const time: DashboardPanel = {
      ...BASE,
      kind: "time",
      stack: "user.name",
      time: { from: "-7d", to: "now" },
    };
    expect(withKind(time, "bar")).toEqual({ ...BASE, kind: "bar", time: { from: "-7d", to: "now" } });
    expect(withKind(time, "markdown")).not.toHaveProperty("query");
  });
});

describe("charts", () => {
  it("stack severities in their own order and colours", () => {
    const names = (series: readonly string[]) =>
      colouredSeries(series.map((name) => ({ name }))).map(({ name, color }) => `${name} ${color}`);
    expect(names(["critical", "low", "high"])).toEqual([
      "low var(--low)",
      "high var(--high)",
      "critical var(--critical)",
    ]);
    expect(names(["high", "other"])).toEqual(["high var(--series-1)", "other var(--series-2)"]);
  });

  it("lay flows so that heights compare and nothing runs over", () => {
    const { nodes, bands } = layFlows(
      [
        { source: "a", target: "x", value: 3 },
        { source: "a", target: "y", value: 1 },
        { source: "b", target: "x", value: 2 },
      ],
      200,
    );
    expect(nodes.map(({ name }) => name)).toEqual(["a", "b", "x", "y"]);
    for (const { y, height } of nodes) expect(y + height).toBeLessThanOrEqual(200.001);
    expect((bands[0]?.height ?? 0) / (bands[2]?.height ?? 1)).toBeCloseTo(3);
  });
});

describe("Markdown", () => {
  it("knows headings, lists, code and emphasis, and takes everything else for text", () => {
    expect(
      readMarkdown(
        "# Hi\n\na **b** *c* `d`\n- one\n- two\n```\n<b>x</b>\n```\n<script>alert(1)</script> [a](javascript:b)",
      ),
    ).toEqual([
      { kind: "heading", parts: [{ kind: "text", text: "Hi" }] },
      {
        kind: "paragraph",
        parts: [
          { kind: "text", text: "a " },
          { kind: "strong", text: "b" },
          { kind: "text", text: " " },
          { kind: "emphasis", text: "c" },
          { kind: "text", text: " " },
          { kind: "code", text: "d" },
        ],
      },
      {
        kind: "list",
        isOrdered: false,
        items: [[{ kind: "text", text: "one" }], [{ kind: "text", text: "two" }]],
      },
      { kind: "code", text: "<b>x</b>" },
      { kind: "paragraph", parts: [{ kind: "text", text: "<script>alert(1)</script> [a](javascript:b)" }] },
    ]);
  });

  it.each(["```", "*", "**", "`", "#", "- ", "1. ", "\n\n\n", "a\r\nb"])("ends on %j", (text) => {
    expect(readMarkdown(text)).toBeDefined();
  });
});

it("CSV holds what a spreadsheet would run as text", () => {
  const csv = panelCsv(
    answer(
      [
        ["a", "string"],
        ["n", "long"],
      ],
      ["=1+1", -5],
      ['x,"y"', null],
    ),
  );
  expect(csv).toBe('a,n\r\n\'=1+1,-5\r\n"x,""y""",\r\n');
});

describe("turns", () => {
  it("are given to a few at a time, and not to those who have left", async () => {
    const turns = new Turns(2);
    const stay = new AbortController().signal;
    const leaving = new AbortController();
    const ends: (() => void)[] = [];
    let running = 0;
    const work = () => {
      running += 1;
      return new Promise<void>((resolve) => ends.push(resolve)).finally(() => (running -= 1));
    };
    const all = [
      turns.run(stay, work),
      turns.run(stay, work),
      turns.run(leaving.signal, work),
      turns.run(stay, work),
    ];
    const left = expect(all[2]).rejects.toThrow("Nobody waits");
    await Promise.resolve();
    expect(running).toBe(2);
    leaving.abort();
    await left;
    ends.shift()?.();
    await all[0];
    await Promise.resolve();
    expect(running).toBe(2);
    for (const end of ends) end();
    await Promise.all([all[1], all[3]]);
  });
});
