/** Coverage, exceptions and the overview in a real browser, on the demo's day. */
import { readFileSync } from "node:fs";
import type { AlertSummary, ExceptionList } from "@tyto/domain";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectFitsBothThemes, openConsolePage } from "./harness/console-page.ts";
import { chromiumPath } from "./harness/peers.ts";
import { ServerProcess } from "./harness/server-process.ts";
import { until } from "./harness/wait.ts";

const browserPath = chromiumPath();
describe.skipIf(browserPath === undefined)("coverage, exceptions and the overview, in Chromium", () => {
  let server: ServerProcess;
  let browser: Browser;
  let page: Page;
  let alert: AlertSummary;
  let problems: string[] = [];

  beforeAll(async () => {
    server = await ServerProcess.start("--demo");
    alert = await until(
      "an alert of a brute force",
      async () => {
        const { items } = await server.get<{ items: readonly AlertSummary[] }>("/api/v1/alerts?limit=100");
        return items.find(({ cause }) => cause === "brute-force");
      },
      { timeoutMs: 150_000, everyMs: 500 },
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

  it("walks the matrix by keyboard, opens a technique and its rules, and writes a layer", async () => {
    await page.goto(`${server.url}/coverage`);
    const grid = page.getByRole("grid", { name: "ATT&CK matrix" });
    await grid.waitFor({ timeout: 30_000 });
    await page.getByText(/of 216 techniques covered/).waitFor();
    await grid.getByRole("gridcell", { name: /^Brute Force\s*T1110/ }).click();
    const panel = page.getByRole("complementary", { name: "Technique" });
    await panel.getByRole("heading", { name: "Brute Force" }).waitFor();
    await panel.getByRole("region", { name: "Rules that run" }).waitFor();
    expect(new URL(page.url()).searchParams.get("technique")).toBe("T1110");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.waitForURL((url) => url.searchParams.get("technique") !== "T1110");
    await page.keyboard.press("Escape");
    await panel.waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Export" }).click();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("menuitem", { name: /Navigator/ }).click(),
    ]);
    const layer = JSON.parse(readFileSync(await download.path(), "utf8")) as {
      readonly versions: { readonly layer: string };
      readonly techniques: readonly { readonly techniqueID: string; readonly score: number }[];
    };
    expect(layer.versions.layer).toBe("4.5");
    expect(layer.techniques.find(({ techniqueID }) => techniqueID === "T1110")?.score).toBe(3);
    expect(problems).toEqual([]);
  }, 90_000);

  it("makes an exception from an alert in three clicks, and takes it back", async () => {
    await page.goto(`${server.url}/alerts?alert=${alert.id}`);
    const panel = page.getByRole("complementary", { name: "Alert" });
    await panel.getByRole("button", { name: "Exception…" }).click();
    const dialog = page.getByRole("dialog", { name: "Make an exception" });
    await dialog.getByText(/it would have hidden/).waitFor({ timeout: 30_000 });
    await dialog.getByRole("button", { name: "Create exception" }).click();
    await page.getByText(/Exception made/).waitFor({ timeout: 30_000 });
    const exceptions = async () => (await server.get<ExceptionList>("/api/v1/exceptions")).items;
    expect(await exceptions()).toMatchObject([{ state: "active", createdBy: "ana", alertId: alert.id }]);
    await page.getByRole("button", { name: "Undo" }).click();
    await until("the exception to end", async () => (await exceptions())[0]?.state === "ended", {
      timeoutMs: 30_000,
    });
    await page.goto(`${server.url}/exceptions?show=over`);
    await page.getByRole("row").nth(1).click();
    await page.getByRole("button", { name: "Again for 30 days" }).click();
    await until("the exception to be back", async () => (await exceptions())[0]?.state === "active", {
      timeoutMs: 30_000,
    });
    await page.getByText(/since it was made, counted over the stored events/).waitFor({ timeout: 30_000 });
    expect(problems).toEqual([]);
  }, 120_000);

  it("leads from each number of the overview to its set, and remembers who looks", async () => {
    await page.goto(server.url);
    await page.getByRole("heading", { name: "Threats now" }).waitFor();
    const cell = page.getByRole("link", { name: /^[1-9]\d* open alerts?, high, all$/ });
    const count = Number((await cell.textContent())?.trim());
    await cell.click();
    await page.waitForURL(/severity=high/);
    await page.getByText(new RegExp(`^${count} open`)).waitFor();
    await page.goto(server.url);
    await page.getByLabel("Seen by").selectOption("engineer");
    await page.getByRole("heading", { name: "My queue" }).waitFor({ state: "detached" });
    await page.goto(server.url);
    await page.getByRole("heading", { name: "Health" }).waitFor();
    expect(await page.getByRole("heading", { name: "My queue" }).count()).toBe(0);
    await page.goto(`${server.url}/?kiosk=on&role=all`);
    await page.getByRole("button", { name: "Leave kiosk" }).waitFor();
    expect(await page.getByRole("navigation", { name: "Pages" }).isVisible()).toBe(false);
    await page.keyboard.press("Escape");
    await page.getByRole("navigation", { name: "Pages" }).waitFor();
    expect(problems).toEqual([]);
  }, 90_000);

  it.each([
    ["coverage", "/coverage"],
    ["technique", "/coverage?technique=T1110&subs=shown"],
    ["coverage-list", "/coverage?view=list"],
    ["exceptions", "/exceptions"],
    ["overview", "/?role=all"],
  ] as const)(
    "is accessible and fits at %s, in both themes",
    (name, path) => expectFitsBothThemes(page, name, () => page.goto(server.url + path)),
    90_000,
  );
});
