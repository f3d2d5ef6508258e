/** The search page in a real browser: an investigator finds, narrows, compares, follows, keeps and takes away; hostile content stays text. */
import { createSocket } from "node:dgram";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Export, ExportList } from "@tyto/domain";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectFitsBothThemes, openConsolePage } from "./harness/console-page.ts";
import { chromiumPath } from "./harness/peers.ts";
import { ADMIN_TOKEN, ServerProcess } from "./harness/server-process.ts";
import { until } from "./harness/wait.ts";

const browserPath = chromiumPath();
const HOSTILE = [
  "<img src=x onerror=alert(1)>",
  "\u202eevil\u202c",
  '=HYPERLINK("http://evil.example","x")',
  "javascript:alert(1)",
] as const;

describe.skipIf(browserPath === undefined)("the search page, in Chromium", () => {
  let server: ServerProcess;
  let browser: Browser;
  let page: Page;
  let problems: string[] = [];

  beforeAll(async () => {
    server = await ServerProcess.start();
    ({ browser, page, problems } = await openConsolePage(browserPath ?? ""));
    await page.goto(/http:\/\/\S+\/setup#token=\S+/.exec(server.output)?.[0] ?? "");
    await page.getByLabel("Username").fill("ana");
    await page.getByLabel("Password").fill("a calm owl at midnight");
    await page.getByRole("button", { name: "Create account" }).click();
    await page.getByRole("heading", { name: "Overview" }).waitFor();
    await send(server.addresses.syslogUdp, [
      ...Array.from(
        { length: 30 },
        (_, at) => `Failed password for root from 203.0.113.77 port ${50_000 + at} ssh2`,
      ),
      ...HOSTILE.map((user) => `Failed password for ${user} from 198.51.100.4 port 22 ssh2`),
      `Accepted password for ana from 198.51.100.9 port 22 ssh2`,
    ]);
    await until(
      "the events",
      async () => (await server.search("Events | where process.name == 'sshd'")).rows.length >= 35,
      {
        timeoutMs: 30_000,
      },
    );
  }, 240_000);

  afterAll(async () => {
    await browser.close();
    await server.stop();
  });

  const open = async (query: string): Promise<void> => {
    await page.goto(`${server.url}/search?${query}`);
    await page.getByRole("heading", { level: 1, name: "Search" }).waitFor();
  };

  it("finds window by window, says what it cost, and narrows by a facet, a column and a value", async () => {
    await open("q=process.name:sshd&pins=event.outcome");
    await page.getByText(/35 events/).waitFor();
    await page
      .getByText(/rows and .* read/)
      .first()
      .waitFor();
    await page.getByRole("button", { name: "Only event.outcome: success" }).click({ force: true });
    await page.waitForURL(/event.outcome/);
    await page.getByText(/1 event/).waitFor();
    await page.goBack();
    await page.getByRole("button", { name: /^Columns/ }).click();
    await page.getByLabel("Find a field to add").fill("source.ip");
    await page.getByRole("menuitem", { name: "source.ip", exact: true }).click();
    await page.waitForURL(/cols=source.ip/);
    await page.keyboard.press("Escape");
    await page.getByRole("row").filter({ hasText: "198.51.100.9" }).first().click();
    await page.getByRole("button", { name: "More about user.name", exact: true }).click({ force: true });
    await page.getByRole("menuitem", { name: "Copy defanged" }).waitFor();
    await page.keyboard.press("Escape");
    expect(problems).toEqual([]);
  }, 60_000);

  it("shows hostile content as text, with what it hides made visible", async () => {
    await open("q=source.ip:198.51.100.4");
    await page.getByText(/4 events/).waitFor();
    expect(await page.locator("img[src='x']").count()).toBe(0);
    expect(await page.locator("a[href^='javascript']").count()).toBe(0);
    await open("q=source.ip:198.51.100.4&tab=patterns");
    await page.getByRole("grid", { name: "Patterns" }).waitFor();
    expect(await page.locator("img[src='x']").count()).toBe(0);
    expect(problems).toEqual([]);
  }, 60_000);

  it("mines patterns and searches the lines of one", async () => {
    await open("q=process.name:sshd&tab=patterns");
    const row = page.getByRole("row").filter({ hasText: "Failed password for" }).first();
    await row.waitFor();
    await row.click();
    await page.waitForURL((url) => !url.search.includes("tab=patterns"));
    await page
      .getByText(/events/)
      .first()
      .waitFor();
  }, 60_000);

  it("follows live and stands still while somebody reads", async () => {
    await open("live=1&q=process.name:sshd");
    await page.getByText("Live", { exact: true }).first().waitFor();
    await send(server.addresses.syslogUdp, ["Failed password for tailed from 203.0.113.99 port 22 ssh2"]);
    await page
      .getByText(/tailed/)
      .first()
      .waitFor({ timeout: 20_000 });
    await page.getByRole("button", { name: "Pause" }).click();
    await page.getByText("Paused").waitFor();
    await send(server.addresses.syslogUdp, ["Failed password for later from 203.0.113.99 port 23 ssh2"]);
    await page.getByText(/1 more waiting/).waitFor({ timeout: 20_000 });
    expect(await page.getByText(/\blater\b/).count()).toBe(0);
    await page.getByRole("button", { name: "Resume" }).click();
    await page
      .getByText(/\blater\b/)
      .first()
      .waitFor();
    expect(problems).toEqual([]);
  }, 60_000);

  it("writes KQL with what is wrong underlined, and draws what it counts", async () => {
    await open(`mode=kql&q=${encodeURIComponent("Events | where source.ipp == 'x'")}`);
    const editor = page.getByLabel("KQL query");
    await editor.waitFor();
    await page.locator(".cm-lintRange-error").first().waitFor({ timeout: 30_000 });
    await open(
      `mode=kql&tab=chart&q=${encodeURIComponent("Events | where process.name == 'sshd' | summarize count() by user.name")}`,
    );
    await page.getByText("count_ by user.name").waitFor({ timeout: 30_000 });
    await page.getByRole("button", { name: "View as table" }).last().click();
    await page.getByRole("grid", { name: "Results" }).waitFor();
    expect(problems).toEqual([]);
  }, 90_000);

  it("keeps a search, has it run, remembers what was asked, and shares a short link", async () => {
    await open("q=event.outcome:failure");
    await page
      .getByText(/events/)
      .first()
      .waitFor();
    await page.getByRole("button", { name: "Saved" }).click();
    await page.getByRole("button", { name: "Save this search" }).click();
    await page.getByLabel("Name", { exact: true }).fill("Failures <b>");
    await page.getByText("It runs by itself").click();
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByText(/Saved “Failures/).waitFor();
    await page.getByRole("button", { name: "Saved" }).click();
    await page.getByRole("button", { name: /^Runs of/ }).click();
    await page.getByRole("button", { name: "Run now" }).click();
    await page.getByText("Threshold reached").first().waitFor({ timeout: 20_000 });
    await page.getByRole("button", { name: "Close" }).first().click();
    await page.getByRole("button", { name: "History" }).click();
    await page
      .getByRole("button", { name: /event\.outcome:failure/ })
      .first()
      .waitFor();
    await page.keyboard.press("Escape");
    const { items } = await server.get<{ items: readonly { kind: string }[] }>("/api/v1/searches");
    expect(items).toEqual([]);
    await page.getByRole("button", { name: "More", exact: true }).click();
    await page.getByRole("menuitem", { name: /short link/ }).click();
    const said = await page
      .getByText(/\/s\/[0-9a-f]{12}/)
      .first()
      .textContent();
    await page.goto(/https?:\/\/\S+\/s\/[0-9a-f]{12}/.exec(said ?? "")?.[0] ?? "");
    await page.waitForURL(/\/search\?q=event.outcome:failure/);
    expect(problems).toEqual([]);
  }, 90_000);

  it("makes a rule of a search, and takes every row away in a file whose digest is right", async () => {
    await open("q=event.outcome:failure");
    await page.getByRole("button", { name: "More", exact: true }).click();
    await page.getByRole("menuitem", { name: /Make a rule/ }).click();
    await page.waitForURL(/\/rules\/edit\/new/);
    await page.getByText("not saved yet").waitFor();
    await page
      .getByLabel(/^Values of selection/)
      .first()
      .waitFor();
    await open("q=event.outcome:failure");
    await page.getByRole("button", { name: "More", exact: true }).click();
    await page.getByRole("menuitem", { name: /Export/ }).click();
    await page.getByRole("button", { name: "Export", exact: true }).click();
    await page.getByRole("link", { name: "Download" }).first().waitFor({ timeout: 30_000 });
    const { items } = await server.get<ExportList>("/api/v1/exports");
    const done: Export | undefined = items[0];
    const file = await fetch(`${server.url}/api/v1/exports/${done?.id ?? ""}/file`, {
      headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
    });
    const bytes = Buffer.from(await file.arrayBuffer());
    expect(createHash("sha256").update(bytes).digest("hex")).toBe(done?.sha256);
    expect(bytes.toString("utf8")).not.toMatch(/(^|[,\n])[=@]/);
    expect(done?.rows).toBeGreaterThanOrEqual(34);
    const audited = readFileSync(`${server.directory}/access.ndjson`, "utf8");
    for (const action of [
      "searched",
      "tailed",
      "search-saved",
      "export-begun",
      "export-read",
      "results-read",
    ])
      expect(audited).toContain(`"${action}"`);
  }, 90_000);

  it.each([
    "",
    "q=process.name:sshd&event=panel",
    "tab=patterns",
    "tab=compare",
    "live=1",
    "mode=kql&q=Events",
  ])(
    "is accessible at /search?%s, by axe's rules, and does not scroll sideways",
    async (query) => {
      await expectFitsBothThemes(page, query, async () => {
        await open(query.replace("event=panel", ""));
        if (query.includes("event=panel")) await page.getByRole("row").nth(2).click();
        await page.waitForTimeout(query.startsWith("mode") ? 3_000 : 1_000);
      });
      await page.setViewportSize({ width: 1440, height: 860 });
    },
    90_000,
  );
});

/** Lines of sshd, now. */
async function send(address: string, messages: readonly string[]): Promise<void> {
  const colon = address.lastIndexOf(":");
  const socket = createSocket("udp4");
  for (const message of messages) {
    const line = `<38>1 ${new Date().toISOString()} web-1 sshd 4711 - - ${message}`;
    await new Promise<void>((done) =>
      socket.send(line, Number(address.slice(colon + 1)), address.slice(0, colon), () => done()),
    );
  }
  socket.close();
}
