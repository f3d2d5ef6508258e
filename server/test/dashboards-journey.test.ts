/** Dashboards in a real browser: every included panel answers; one filters by a click, drills down, builds, saves, exports, imports. */
import { createSocket } from "node:dgram";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { DashboardList, DashboardView, PanelAnswer } from "@tyto/domain";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectFitsBothThemes, openConsolePage } from "./harness/console-page.ts";
import { chromiumPath } from "./harness/peers.ts";
import { ADMIN_TOKEN, REPOSITORY, ServerProcess } from "./harness/server-process.ts";
import { until } from "./harness/wait.ts";

const browserPath = chromiumPath();
const HOSTILE = "<img src=x onerror=alert(1)>";

let server: ServerProcess;
let browser: Browser | undefined;
let page: Page;
let problems: string[] = [];

beforeAll(async () => {
  server = await ServerProcess.start();
  const lines = [
    ...Array.from(
      { length: 30 },
      (_, at) => `Failed password for root from 203.0.113.77 port ${50_000 + at} ssh2`,
    ),
    ...Array.from(
      { length: 6 },
      (_, at) => `Failed password for oracle from 203.0.113.8 port ${50_000 + at} ssh2`,
    ),
    `Failed password for ${HOSTILE} from 198.51.100.4 port 22 ssh2`,
    "Accepted password for ana from 198.51.100.9 port 22 ssh2",
  ];
  await send(server.addresses.syslogUdp, lines);
  const stored = async () => (await server.search("Events | where process.name == 'sshd'")).rows.length >= 38;
  await until("the events", stored, { timeoutMs: 60_000 });
}, 240_000);

afterAll(async () => {
  await browser?.close();
  await server.stop();
});

async function call<T>(path: string, body?: unknown): Promise<T> {
  const response = await fetch(`${server.url}/api/v1${path}`, {
    headers: { authorization: `Bearer ${ADMIN_TOKEN}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
  return (await response.json()) as T;
}

describe("the dashboards that come with Tyto", () => {
  const files = readdirSync(join(REPOSITORY, "packs/tyto/dashboards")).map((name) =>
    name.replace(/\.yml$/, ""),
  );

  it.each(files)(
    "%s: every panel's query and every variable's runs on the real engine",
    async (file) => {
      const { dashboard } = await call<DashboardView>(`/dashboards/tyto-${file}`);
      const variables = Object.fromEntries(
        dashboard.variables.map((one) => [
          one.name,
          one.kind !== "text" && one.multi === true ? ['"] | x'] : '" or 1',
        ]),
      );
      const queries = [
        ...dashboard.panels.flatMap((panel) => ("query" in panel ? [panel.query] : [])),
        ...dashboard.variables.flatMap((one) => (one.kind === "query" ? [one.query] : [])),
      ];
      for (const kql of queries) {
        const question = { kql, from: "-24h", to: "now", compare: true };
        const filters = [{ field: "user.name", values: ["root"] }];
        const answer = await call<PanelAnswer>("/dashboards/query", { ...question, variables, filters });
        expect(answer.columns.length).toBeGreaterThan(0);
        expect(answer.previous).not.toBeNull();
      }
    },
    120_000,
  );
});

describe.skipIf(browserPath === undefined)("the dashboards' pages, in Chromium", () => {
  beforeAll(async () => {
    ({ browser, page, problems } = await openConsolePage(browserPath ?? ""));
    await page.goto(/http:\/\/\S+\/setup#token=\S+/.exec(server.output)?.[0] ?? "");
    await page.getByLabel("Username").fill("ana");
    await page.getByLabel("Password").fill("a calm owl at midnight");
    await page.getByRole("button", { name: "Create account" }).click();
    await page.getByRole("heading", { name: "Overview" }).waitFor();
  }, 120_000);

  const panel = (title: string) => page.getByRole("region", { name: title, exact: true });

  it("opens one that comes with Tyto, filters all panels by a click, and drills down with the filter", async () => {
    await page.keyboard.press("g");
    await page.keyboard.press("d");
    await page.getByRole("link", { name: "Authentication" }).click();
    await panel("Failed logons").getByText("37", { exact: true }).waitFor({ timeout: 20_000 });
    expect(await page.locator("img[src='x']").count()).toBe(0);
    await page.getByRole("button", { name: /^root\s*30$/ }).click();
    await page.getByRole("button", { name: "Remove the filter user.name: root" }).waitFor();
    await panel("Failed logons").getByText("30", { exact: true }).waitFor();
    expect(page.url()).toContain("f=user.name:root");
    await page.getByRole("button", { name: "Menu of Failed logons", exact: true }).click();
    await page.getByRole("menuitem", { name: "Open in Search" }).click();
    await page.waitForURL(/\/search\?/);
    await page.getByText(/30 events/).waitFor({ timeout: 20_000 });
    expect(decodeURIComponent(page.url())).toContain('user.name+==+"root"');
    await page.goBack();
    await page.getByRole("button", { name: "Remove the filter user.name: root" }).click();
    await panel("Failed logons").getByText("37", { exact: true }).waitFor();
    expect(problems).toEqual([]);
  }, 90_000);

  it("asks with a variable's value as it is, whatever it holds", async () => {
    await page.getByLabel("User", { exact: true }).fill(HOSTILE);
    await page.keyboard.press("Enter");
    await panel("Failed logons").getByText("1", { exact: true }).waitFor();
    await page.getByLabel("User", { exact: true }).fill('" or true //');
    await page.keyboard.press("Enter");
    await panel("Failed logons").getByText("0", { exact: true }).waitFor();
    await page.reload();
    await panel("Failed logons").getByText("0", { exact: true }).waitFor({ timeout: 20_000 });
    expect(problems).toEqual([]);
  }, 60_000);

  it("saves a panel's figures and its picture", async () => {
    await page.goto(`${server.url}/dashboards/tyto-authentication`);
    await page.getByRole("button", { name: /^root\s*30$/ }).waitFor({ timeout: 20_000 });
    const saved = async (item: string): Promise<string> => {
      await page.getByRole("button", { name: "Menu of Most failed: users", exact: true }).click();
      const download = page.waitForEvent("download");
      await page.getByRole("menuitem", { name: item }).click();
      return readFileSync(await (await download).path(), "latin1");
    };
    expect(await saved("Save as CSV")).toContain("root,30\r\n");
    const svg = await saved("Save as SVG");
    expect(svg.match(/xmlns="http:\/\/www\.w3\.org\/2000\/svg"/g)).toHaveLength(1);
    expect(svg).not.toMatch(/var\(--|style=|class=|<img/);
    expect(await saved("Save as PNG")).toMatch(/^.PNG/);
    expect(problems).toEqual([]);
  }, 60_000);

  it("builds one of two panels from a search, saves it, exports it and reads it again", async () => {
    const kql =
      'Events | where process.name == "sshd" | summarize tries = count() by user.name | top 10 by tries';
    await page.goto(`${server.url}/search?mode=kql&from=-24h&to=now&q=${encodeURIComponent(kql)}`);
    await page.getByRole("tab", { name: "Table" }).waitFor({ timeout: 20_000 });
    await page.getByText("oracle").first().waitFor();
    const add = async (title: string): Promise<void> => {
      await page.getByRole("button", { name: /^More/ }).click();
      await page.getByRole("menuitem", { name: /Add to a dashboard/ }).click();
      await page.getByLabel("Title of the panel").fill(title);
    };
    await add("Tries by user");
    await page.getByLabel("Its name").fill("SSH");
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await page.getByText("Added to SSH").waitFor();
    await add("Tries as a table");
    await page.getByLabel("Shown as").selectOption("table");
    await page.getByLabel("Dashboard", { exact: true }).selectOption({ label: "SSH" });
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await page.getByRole("button", { name: "Open", exact: true }).last().click();
    await panel("Tries by user")
      .getByRole("button", { name: /^root\s*30$/ })
      .waitFor({ timeout: 20_000 });
    await panel("Tries as a table").getByRole("button", { name: "oracle" }).waitFor();

    await page.getByRole("button", { name: "Edit", exact: true }).click();
    const grip = page.getByRole("button", { name: /^Move Tries as a table/ });
    await grip.focus();
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("Shift+ArrowLeft");
    await page.getByText("changed, not saved").waitFor();
    await page.keyboard.press("g");
    await page.keyboard.press("o");
    await page.getByText("Leave without saving?").waitFor();
    await page.getByRole("button", { name: "Stay" }).click();
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByText(/version 3/).waitFor();
    await page.reload();
    await panel("Tries by user")
      .getByRole("button", { name: /^root\s*30$/ })
      .waitFor({ timeout: 20_000 });

    const { items } = await call<DashboardList>("/dashboards");
    // A private one is its owner's alone.
    expect(items.every(({ isIncluded }) => isIncluded)).toBe(true);
    await page.getByRole("button", { name: /^More/ }).click();
    const download = page.waitForEvent("download");
    await page.getByRole("menuitem", { name: "Export as YAML" }).click();
    const text = readFileSync(await (await download).path(), "utf8");
    expect(text).toContain("title: Tries by user");

    await page.goto(`${server.url}/dashboards`);
    await page.getByRole("button", { name: "Import…" }).click();
    await page.getByLabel("Text").fill(text.replace("kind: bar", "kind: bars"));
    await page.getByRole("button", { name: "Import", exact: true }).click();
    await page.getByText('no panel is of kind "bars"').waitFor();
    await page.getByLabel("Text").fill(text.replace("title: SSH", "title: SSH again"));
    await page.getByRole("button", { name: "Import", exact: true }).click();
    await page.getByRole("heading", { level: 1, name: "SSH again" }).waitFor();
    await panel("Tries by user")
      .getByRole("button", { name: /^root\s*30$/ })
      .waitFor({ timeout: 20_000 });
    expect(problems).toEqual([]);
  }, 120_000);

  it("tells who saved meanwhile, and takes a deletion back", async () => {
    await page.getByRole("button", { name: "Edit", exact: true }).click();
    const id = /dashboards\/([0-9a-f]{16})/.exec(page.url())?.[1] ?? "";
    // The same person in another window.
    const context = await browser?.newContext({ storageState: await page.context().storageState() });
    const other = (await context?.newPage()) ?? page;
    await other.goto(`${server.url}/dashboards/${id}?edit=1`);
    await other.getByRole("button", { name: "Menu of Tries by user", exact: true }).click();
    await other.getByRole("menuitem", { name: "Remove" }).click();
    await other.getByRole("button", { name: "Save", exact: true }).click();
    await other.getByText(/version 2/).waitFor();
    await context?.close();
    await page.getByRole("button", { name: "Menu of Tries as a table", exact: true }).click();
    await page.getByRole("menuitem", { name: "Duplicate" }).click();
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByText(/ana saved version 2 at/).waitFor();
    await page.getByRole("button", { name: "Save mine over it" }).click();
    await page.getByText(/version 3/).waitFor();

    await page.goto(`${server.url}/dashboards`);
    await page.getByRole("button", { name: "Menu of SSH again" }).click();
    await page.getByRole("menuitem", { name: "Delete" }).click();
    await page.getByText(/Deleted SSH again/).waitFor();
    await page.getByRole("link", { name: "SSH again" }).waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByRole("link", { name: "SSH again" }).waitFor();
    expect(problems).toEqual([]);
  }, 90_000);

  it.each(["/dashboards", "/dashboards/tyto-authentication", "/dashboards/new"])(
    "is accessible at %s, by axe's rules, and does not scroll sideways",
    (path) =>
      expectFitsBothThemes(page, path, async () => {
        await page.goto(server.url + path);
        if (path.includes("authentication"))
          await page.getByRole("button", { name: /^root\s*30$/ }).waitFor({ timeout: 20_000 });
      }),
    60_000,
  );
});

async function send(address: string, lines: readonly string[]): Promise<void> {
  const [host = "", port = ""] = address.split(/:(?=\d+$)/);
  const socket = createSocket("udp4");
  const time = new Date().toISOString();
  for (const [at, line] of lines.entries()) {
    const packet = `<86>1 ${time} bastion1 sshd ${1_000 + at} - - ${line}`;
    await new Promise<void>((resolve, reject) =>
      socket.send(packet, Number(port), host, (error) => (error === null ? resolve() : reject(error))),
    );
  }
  await new Promise<void>((resolve) => socket.close(() => resolve()));
}
