/** A detection engineer in a real browser: a rule is written, tried, switched on and finds; two people cannot overwrite each other. */
import { createSocket } from "node:dgram";
import { readFileSync } from "node:fs";
import type { OwnRule, RuleRow, RuleVersionList } from "@tyto/domain";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectFitsBothThemes, openConsolePage } from "./harness/console-page.ts";
import { chromiumPath } from "./harness/peers.ts";
import { ServerProcess } from "./harness/server-process.ts";
import { until } from "./harness/wait.ts";

const PASSWORD = "a calm owl at midnight";
const browserPath = chromiumPath();

describe.skipIf(browserPath === undefined)("the rules page, in Chromium", () => {
  let server: ServerProcess;
  let browser: Browser;
  let page: Page;
  let problems: string[] = [];
  let id = "";

  beforeAll(async () => {
    server = await ServerProcess.start();
    ({ browser, page, problems } = await openConsolePage(browserPath ?? ""));
    const link = /http:\/\/\S+\/setup#token=\S+/.exec(server.output)?.[0] ?? "";
    await page.goto(link);
    await page.getByLabel("Username").fill("ana");
    await page.getByLabel("Password").fill(PASSWORD);
    await page.getByRole("button", { name: "Create account" }).click();
    await page.getByRole("heading", { name: "Overview" }).waitFor();
    await send(server.addresses.syslogUdp, "Accepted password for journey from 203.0.113.9 port 4022 ssh2");
    await until("the first event", async () => {
      const { rows } = await server.search("Events | where user.name == 'journey'");
      return rows.length > 0;
    });
  }, 180_000);

  afterAll(async () => {
    await browser.close();
    await server.stop();
  });

  it("takes a rule from its first line to its first alert", async () => {
    await page.goto(`${server.url}/rules`);
    await page.getByRole("link", { name: "New rule" }).click();
    await page.getByLabel("Title").fill("Journey logged in");
    await page.getByLabel("category").fill("");
    const field = page.getByLabel("Field of selection, line 1");
    await field.fill("user.name");
    await page.getByLabel("Modifiers of selection, line 1").fill("");
    await page.getByLabel("Values of selection, line 1").fill("journey");
    await page.getByLabel("Condition").click();

    // The YAML says what the form says.
    await page.getByRole("tab", { name: "YAML" }).click();
    const text = page.getByLabel("The rule in YAML");
    await text.getByText("user.name: journey").waitFor();
    await page.getByText("It can be enabled").waitFor();

    // Not without a look at what it would have found: asked once, then tried.
    await page.getByRole("button", { name: "Save and enable" }).click();
    await page.getByText("This version was never backtested.").waitFor();
    await page.getByRole("button", { name: "Backtest first" }).click();
    await page.getByRole("button", { name: "Run the backtest" }).click();
    await page.getByText("1 hit", { exact: true }).waitFor({ timeout: 20_000 });
    await page.getByRole("button", { name: "Must match" }).click();
    await page.getByText("A case that must match").waitFor();
    await page.getByRole("tab", { name: /^Check/ }).click();
    await page.getByText("1 case, all pass").waitFor();
    await page.getByRole("button", { name: "Save and enable" }).click();
    await page.getByText("version 2 · runs").waitFor();
    id = /\/rules\/edit\/([0-9a-f-]{36})/.exec(page.url())?.[1] ?? "";

    await send(server.addresses.syslogUdp, "Accepted password for journey from 203.0.113.9 port 4023 ssh2");
    await page.goto(`${server.url}/alerts`);
    await page.getByRole("row").filter({ hasText: "Journey logged in" }).first().waitFor({ timeout: 15_000 });
    const row = await server.get<RuleRow>(`/api/v1/rules/${id}`);
    expect([row.enabled, row.origin, row.cases.passed, row.switched?.by]).toEqual([true, "own", 1, "ana"]);
    expect(problems).toEqual([]);
  }, 90_000);

  it("tells who saves second that somebody saved first, shows both, and loses nothing", async () => {
    const other = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
    await other.goto(`${server.url}/rules/edit/${id}`);
    await other.getByLabel("Username").fill("ana");
    await other.getByLabel("Password").fill(PASSWORD);
    await other.getByLabel("Password").press("Enter");
    await other.getByLabel("Title").waitFor();

    await page.goto(`${server.url}/rules/edit/${id}`);
    await page.getByLabel("Title").fill("Journey, first");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByText("version 3 · version 2 runs").waitFor();

    await other.getByLabel("Title").fill("Journey, second");
    await other.getByRole("button", { name: "Save", exact: true }).click();
    await other.getByText("Somebody else saved this rule").waitFor();
    await other.getByLabel("From theirs to yours").getByText("title: Journey, first").waitFor();
    await other.getByRole("button", { name: "Save mine as version 4" }).click();
    await other.getByText("version 4 · version 2 runs").waitFor();
    const { latest, running } = await server.get<OwnRule>(`/api/v1/rules/own/${id}`);
    expect([latest.number, latest.yaml.includes("Journey, second"), running]).toEqual([4, true, 2]);

    // Back to what was: an earlier version again, as a new one.
    await other.getByRole("tab", { name: /History/ }).click();
    await other.getByRole("button", { name: "Version 2", exact: true }).click();
    await other.getByRole("button", { name: "Restore version 2" }).click();
    await other.getByText("version 5 · version 2 runs").waitFor();
    const versions = await server.get<RuleVersionList>(`/api/v1/rules/own/${id}/versions`);
    expect(versions.items.map(({ number }) => number)).toEqual([5, 4, 3, 2, 1]);

    // What is not saved is not left without a word.
    await other.getByLabel("Title").fill("Not saved");
    await other.getByRole("link", { name: "All rules" }).click();
    await other.getByText("Leave without saving?").waitFor();
    await other.getByRole("button", { name: "Leave", exact: true }).click();
    await other.waitForURL(/\/rules$/);
    await other.context().close();
  }, 60_000);

  it("switches rules from the list, with undo", async () => {
    await page.goto(`${server.url}/rules?pack=own`);
    await page.getByRole("switch").click();
    await page.getByText(/is off$/).waitFor();
    await page.getByRole("button", { name: "Undo" }).click();
    await until(
      "the rule to run again",
      async () => (await server.get<RuleRow>(`/api/v1/rules/${id}`)).enabled,
    );
    expect((await server.get<RuleRow>(`/api/v1/rules/${id}`)).own?.running).toBe(2);
    const audited = readFileSync(`${server.directory}/audit.ndjson`, "utf8");
    for (const action of ["rule-saved", "rule-switched"]) expect(audited).toContain(`"${action}"`);
    expect(problems).toEqual([]);
  }, 30_000);

  it.each([
    "/rules",
    "/rules?pack=own&rule=ID",
    "/rules/edit/ID",
    "/rules/edit/ID?view=yaml&side=cases",
    "/rules/edit/ID?side=history",
  ])(
    "is accessible at %s, by axe's rules, and does not scroll sideways",
    (path) => expectFitsBothThemes(page, path, () => page.goto(server.url + path.replace("ID", id))),
    60_000,
  );
});

/** A line of sshd, now. */
async function send(address: string, message: string): Promise<void> {
  const colon = address.lastIndexOf(":");
  const socket = createSocket("udp4");
  const line = `<38>1 ${new Date().toISOString()} web-1 sshd 4711 - - ${message}`;
  await new Promise<void>((done) =>
    socket.send(line, Number(address.slice(colon + 1)), address.slice(0, colon), () => done()),
  );
  socket.close();
}
