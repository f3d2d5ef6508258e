import type { EventBody } from "@tyto/domain";
import { describe, expect, it } from "vitest";
import { heatDays, heatLevel } from "../entities/heat.ts";
import { processTrees } from "../alerts/process-tree.ts";
import { alertMarkdown } from "../alerts/alert-markdown.ts";
import { jobWords } from "../alerts/BulkBar.tsx";
import { viewQuery } from "../alerts/QueueMenus.tsx";
import { clustered, relationGraph } from "./relations.ts";

const event = (id: string, timestamp: string, fields: Record<string, unknown>): EventBody =>
  ({ id, timestamp, fields, summary: id, source: { id: "s", name: "s" } }) as unknown as EventBody;

describe("the graph of an alert", () => {
  it("has typed, counted, timed edges, whatever the order of events", () => {
    const login = (id: string, at: string, outcome: string) =>
      event(id, at, {
        "event.category": ["authentication"],
        "event.outcome": outcome,
        "user.name": "Ana",
        "host.name": "vpn",
        "source.ip": "192.0.2.1",
      });
    const events = [login("1", "t2", "failure"), login("2", "t1", "failure"), login("3", "t3", "success")];
    const graph = relationGraph(events);
    expect(graph.nodes.map(({ key }) => key).sort()).toEqual(["host vpn", "ip 192.0.2.1", "user ana"]);
    expect(graph.edges).toContainEqual({
      from: "user ana",
      to: "host vpn",
      kind: "failed to log in",
      count: 2,
      first: "t1",
      last: "t2",
    });
    expect(graph.edges).toContainEqual(expect.objectContaining({ kind: "logged in", count: 1 }));
    expect(relationGraph([])).toEqual({ nodes: [], edges: [] });
  });

  it("folds what hangs on one thing alone when there would be too many nodes, and counts no event twice", () => {
    const events = Array.from({ length: 400 }, (_, index) =>
      event(String(index), "t", {
        "source.ip": "192.0.2.1",
        "user.name": `u${index}`,
        "host.name": `h${index % 2}`,
      }),
    );
    const graph = relationGraph(events);
    expect(graph.nodes.length).toBeLessThanOrEqual(300);
    const folded = graph.nodes.find(({ members }) => members > 1);
    expect(folded?.value).toContain("user");
    expect(graph.edges.filter(({ kind }) => kind === "as").reduce((sum, { count }) => sum + count, 0)).toBe(
      400,
    );
    expect(clustered({ nodes: [], edges: [] })).toEqual({ nodes: [], edges: [] });
  });
});

describe("the tree of processes", () => {
  const started = (id: string, pid: number, parent: number, name: string) =>
    event(id, "t", {
      "host.name": "h",
      "process.pid": pid,
      "process.name": name,
      "process.parent.pid": parent,
      "process.parent.name": `p${parent}`,
    });

  it("goes three levels up and three down, and names a parent that no event started", () => {
    const chain = Array.from({ length: 9 }, (_, index) =>
      started(`e${index}`, index + 1, index, `p${index + 1}`),
    );
    const [root, ...others] = processTrees(chain, new Set(["e4"]));
    expect(others).toEqual([]);
    const names: string[] = [];
    for (let node = root; node !== undefined; node = node.children[0]) names.push(node.name);
    expect(names).toEqual(["p2", "p3", "p4", "p5", "p6", "p7", "p8"]);
    const [orphan] = processTrees([started("x", 7, 1, "x")], new Set(["x"]));
    expect(orphan).toMatchObject({
      name: "p1",
      event: undefined,
      children: [{ name: "x", isEvidence: true }],
    });
  });

  it("ends when processes claim to be each other's parents", () => {
    const trees = processTrees([started("a", 1, 2, "a"), started("b", 2, 1, "b")], new Set(["a"]));
    expect(trees.length).toBe(1);
  });
});

describe("the calendar of activity", () => {
  it("has every day between the first and the last, hours in the zone that is asked for", () => {
    const days = heatDays(
      [
        { start: "2026-01-01T23:00:00.000Z", count: 3 },
        { start: "2026-01-03T01:00:00.000Z", count: 1 },
      ],
      "utc",
    );
    expect(days.map(({ day }) => day)).toEqual(["2026-01-01", "2026-01-02", "2026-01-03"]);
    expect(days[0]?.hours[23]).toBe(3);
    expect(heatDays([], "utc")).toEqual([]);
  });

  it("shows small counts beside a loud hour", () => {
    expect([0, 1, 10, 1_000, 100_000].map((count) => heatLevel(count, 100_000))).toEqual([0, 1, 1, 3, 4]);
  });
});

describe("words about alerts", () => {
  it("are safe to paste, whatever stands in the log", () => {
    const alert = {
      title: "T",
      sentence: "**<img src=x> [a](http://evil.example)** did\n# it",
      severity: "high",
      priority: { score: 80, base: "medium", reasons: [{ text: "db is critical", points: 20 }] },
      status: "new",
      assignee: null,
      firstSeen: "a",
      lastSeen: "b",
      count: 1,
      entities: [{ type: "user", value: "`x`" }],
      findings: [],
    } as unknown as Parameters<typeof alertMarkdown>[0];
    const text = alertMarkdown(alert, "https://tyto/alerts/1");
    expect(text).not.toContain("<img src=x>");
    expect(text).not.toContain("](http");
    expect(text).toContain("db is critical (+20)");
    expect(text).not.toMatch(/^# it/m);
  });

  it("say how a job on many went", () => {
    const job = {
      id: "",
      state: "done",
      action: "close",
      isUndoing: false,
      total: 10,
      waiting: 0,
      done: 8,
      refused: 2,
    } as const;
    const whole = { ...job, undone: 0, kept: 0, createdAt: "", createdBy: "", problem: null };
    expect(jobWords(whole)).toBe("8 of 10 alerts closed, 2 left: their state does not allow it");
    expect(jobWords({ ...whole, isUndoing: true, done: 0, undone: 7, kept: 1 })).toBe(
      "7 of 8 alerts taken back, 1 left: somebody changed them since",
    );
  });

  it("save a view without what happens to be open", () => {
    expect(viewQuery({ assignee: "me", alert: "a1", tab: "raw", facets: "off" })).toBe("assignee=me");
  });
});
