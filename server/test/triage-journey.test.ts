/** An analyst's work in a real browser, on the demo's day: a brute force by keyboard alone; a story from alert to graph to timeline. */
import type { AlertSummary } from "@tyto/domain";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectFitsBothThemes, openConsolePage } from "./harness/console-page.ts";
import { chromiumPath } from "./harness/peers.ts";
import { ServerProcess } from "./harness/server-process.ts";
import { until } from "./harness/wait.ts";

const browserPath = chromiumPath();
const INVENTORY = [
  "name,kind,criticality,labels,owner,aliases",
  "fs1.corp.example.com,host,critical,confidential;core,storage team,",
  "fw1,host,high,,network team,",
  "payroll,service,high,confidential,finance,",
].join("\n");

describe.skipIf(browserPath === undefined)("triage, in Chromium, on the demo's day", () => {
  let server: ServerProcess;
  let browser: Browser;
  let page: Page;
  let alerts: readonly AlertSummary[] = [];
  let problems: string[] = [];

  beforeAll(async () => {
    server = await ServerProcess.start("--demo");
    await until(
      "the demo's day",
      async () =>
        (await server.get<{ demo: { isDone: boolean } | null; queued: number }>("/api/v1/overview")).demo
          ?.isDone,
      { timeoutMs: 150_000, everyMs: 500 },
    );
    await server.post("/api/v1/assets/import", { csv: INVENTORY, name: "inventory.csv" });
    alerts = await until(
      "the stories' alerts",
      async () => {
        const { items } = await server.get<{ items: readonly AlertSummary[] }>("/api/v1/alerts?limit=500");
        return items.some((alert) => isStory(alert) && alert.assets.length > 0) &&
          items.some((alert) => isBruteForce(alert))
          ? items
          : undefined;
      },
      { timeoutMs: 60_000, everyMs: 500 },
    );
    ({ browser, page, problems } = await openConsolePage(browserPath ?? ""));
    await page.goto(/http:\/\/\S+\/setup#token=\S+/.exec(server.output)?.[0] ?? "");
    await page.getByLabel("Username").fill("ana");
    await page.getByLabel("Password").fill("a calm owl at midnight");
    await page.getByRole("button", { name: "Create account" }).click();
    await page.getByRole("heading", { name: "Overview" }).waitFor();
  }, 300_000);

  afterAll(async () => {
    await browser.close();
    await server.stop();
  });

  const isBruteForce = ({ cause }: AlertSummary): boolean => cause === "brute-force";
  const isStory = ({ title }: AlertSummary): boolean => /confidential|file/i.test(title);

  it("triages a brute force by keyboard alone", async () => {
    await page.goto(server.url);
    await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
    const began = performance.now();
    const press = (key: string) => page.keyboard.press(key);
    await press("g");
    await press("a");
    await page.getByRole("grid", { name: "Alerts" }).waitFor();
    await press("/");
    await page.keyboard.type("brute");
    await press("Enter");
    await press("Escape");
    await page.waitForURL(/q=brute/);
    await until("the list of brute forces", async () => {
      const rows = await page.getByRole("row").allTextContents();
      return rows.length > 1 && rows.slice(1).every((row) => /brute/i.test(row));
    });
    await press("j");
    await press("Enter");
    await page
      .getByRole("complementary", { name: "Alert" })
      .getByRole("heading", { level: 2 })
      .first()
      .waitFor();
    const id = new URL(page.url()).searchParams.get("alert") ?? "";
    await press("e");
    await page.getByText(/1 alert acknowledged/).waitFor();
    await press("c");
    await page.getByRole("dialog").waitFor();
    await press("ArrowDown");
    await press("Tab");
    await page.keyboard.type("A scanner of our own");
    await press("Tab");
    await press("Tab");
    await press("Enter");
    await page.getByText(/1 alert closed/).waitFor();
    expect(performance.now() - began, "in under a minute").toBeLessThan(60_000);
    const closed = await server.get<AlertSummary>(`/api/v1/alerts/${id}`);
    expect(closed).toMatchObject({ status: "closed", assignee: "ana", closeReason: "benign-positive" });
    expect(problems).toEqual([]);
  }, 90_000);

  it("follows a story from its alert to the graph, the timeline and the people in it", async () => {
    const story = alerts.find(isStory);
    await page.goto(`${server.url}/alerts?alert=${story?.id ?? ""}`);
    const panel = page.getByRole("complementary", { name: "Alert" });
    await panel.getByRole("heading", { level: 2 }).first().waitFor();
    await panel.getByRole("tab", { name: /Chain/ }).click();
    await panel.getByRole("listitem").first().waitFor();
    await panel.getByRole("tab", { name: "Graph" }).click();
    await panel.getByText(/\d+ things?, \d+ connections?/).waitFor();
    await panel.getByRole("button", { name: "Show as list" }).click();
    await panel.getByRole("region", { name: "Connections as a list" }).waitFor();
    await panel.getByRole("tab", { name: "Timeline" }).click();
    await panel.getByText(/\d+ events? from \d+ sources?/).waitFor();
    // The queue is still there, and the next alert keeps the tab.
    await page.getByRole("grid", { name: "Alerts" }).waitFor();
    await page.keyboard.press("j");
    await page.waitForURL((url) => url.searchParams.get("tab") === "timeline");
    expect(story?.priority.reasons.map(({ text }) => text)).toContain(
      "fs1.corp.example.com is labelled confidential",
    );
    const user = story?.entities.find(({ type }) => type === "user");
    await page.goto(`${server.url}/entity?type=user&value=${encodeURIComponent(user?.value ?? "")}`);
    await page.getByText("First seen").waitFor({ timeout: 30_000 });
    await page.getByRole("region", { name: "Activity by day and hour" }).waitFor();
    expect(problems).toEqual([]);
  }, 90_000);

  it("acts on all that match, and takes it back", async () => {
    await page.goto(`${server.url}/alerts`);
    await page.getByRole("row").nth(1).waitFor();
    await page.keyboard.press("j");
    await page.keyboard.press("x");
    await page.getByText("1 alert selected").waitFor();
    await page.getByRole("button", { name: /Act on all/ }).click();
    await page.getByRole("button", { name: "Assign all to me" }).click();
    await page.getByText(/\d+ of \d+ alerts assigned/).waitFor();
    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByText(/taken back/).waitFor();
  }, 60_000);

  it("shows who else looks, and what they did", async () => {
    const [alert] = alerts.filter((one) => !isBruteForce(one));
    await page.goto(`${server.url}/alerts/${alert?.id ?? ""}`);
    await page.getByRole("heading", { level: 2 }).first().waitFor();
    await server.post(`/api/v1/alerts/${alert?.id ?? ""}/viewing`, { client: "window-of-another" });
    await page.getByText(/is viewing/).waitFor();
    await server.post(`/api/v1/alerts/${alert?.id ?? ""}/transitions`, {
      action: "note",
      text: "from outside",
    });
    await page.getByText(/added a note to this alert just now/).waitFor();
  }, 60_000);

  it.each([
    ["queue", (): string => "/alerts"],
    ["groups", (): string => "/alerts?group=story"],
    ["alert", (): string => `/alerts?alert=${alerts.find(isStory)?.id ?? ""}`],
    ["chain", (): string => `/alerts/${alerts.find(isStory)?.id ?? ""}?tab=chain`],
    ["graph", (): string => `/alerts/${alerts.find(isStory)?.id ?? ""}?tab=graph`],
    ["timeline", (): string => `/alerts/${alerts.find(isStory)?.id ?? ""}?tab=timeline`],
    ["rule", (): string => `/alerts/${alerts.find(isStory)?.id ?? ""}?tab=rule`],
    ["entity", (): string => `/entity?type=host&value=fs1.corp.example.com`],
    ["assets", (): string => "/inventory"],
    ["overview", (): string => "/"],
  ] as const)(
    "is accessible and fits at %s, in both themes",
    (name, path) => expectFitsBothThemes(page, name, () => page.goto(server.url + path())),
    90_000,
  );
});
