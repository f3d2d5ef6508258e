/** A person's first ten minutes in a real browser: set up, connect a source, see an attack, look into it, take it. */
import { createSocket } from "node:dgram";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectFitsBothThemes, openConsolePage } from "./harness/console-page.ts";
import { chromiumPath } from "./harness/peers.ts";
import { ServerProcess } from "./harness/server-process.ts";

const ALERT_WITHIN_MS = 10_000;
const browserPath = chromiumPath();

describe.skipIf(browserPath === undefined)("the console, in Chromium", () => {
  let server: ServerProcess;
  let browser: Browser;
  let page: Page;
  let problems: string[] = [];

  beforeAll(async () => {
    server = await ServerProcess.start();
    ({ browser, page, problems } = await openConsolePage(browserPath ?? ""));
  }, 180_000);

  afterAll(async () => {
    await browser.close();
    await server.stop();
  });

  it("leads from the first start to an acknowledged alert", async () => {
    // The link that the terminal shows makes the first account, and logs it in.
    const link = /http:\/\/\S+\/setup#token=\S+/.exec(server.output)?.[0] ?? "";
    await page.goto(link);
    await page.getByLabel("Username").fill("ana");
    await page.getByLabel("Password").fill("a calm owl at midnight");
    await page.getByRole("button", { name: "Create account" }).click();
    await page.getByRole("heading", { name: "Overview" }).waitFor();

    // Twelve failed logins over syslog, hostile names among them; one alert, in time.
    await page.goto(`${server.url}/alerts`);
    await page.getByText("No", { exact: false }).first().waitFor();
    const sentAt = performance.now();
    await sendBruteForce(server.addresses.syslogUdp, 12);
    const row = page.getByRole("row").filter({ hasText: "203.0.113.77" }).first();
    await row.waitFor({ timeout: ALERT_WITHIN_MS });
    expect(performance.now() - sentAt).toBeLessThan(ALERT_WITHIN_MS);

    // Opened beside the list, it says who did what; markup in a user name is text.
    await row.click();
    await page.getByRole("tab", { name: /Chain/ }).click();
    await page.getByText("203.0.113.77").first().waitFor();
    expect(await page.locator("img[src='x']").count()).toBe(0);

    // From the alert to exactly its events.
    await page.getByRole("link", { name: "Search its events" }).first().click();
    await page.waitForURL(/\/search/);
    await page.getByText(/12 events/).waitFor();

    // Back where the person was: the alert is still open beside the list. Taken.
    await page.goBack();
    await page
      .getByRole("button", { name: /^Acknowledge/ })
      .last()
      .click();
    // The list shows it at once; the server has it when it says so.
    await page.getByText("1 alert acknowledged").waitFor();
    const { items } = await server.get<{
      items: readonly { status: string; assignee: string; count: number }[];
    }>("/api/v1/alerts");
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({ status: "acknowledged", assignee: "ana", count: 12 });
    expect(problems).toEqual([]);
  }, 120_000);

  // The journeys of the other pages try theirs; here stands what a fresh installation shows.
  it.each(["/", "/search", "/entity", "/sources"])(
    "is accessible and fits at %s, in both themes",
    async (path) => {
      await expectFitsBothThemes(page, path, () => page.goto(server.url + path));
      expect(problems).toEqual([]);
    },
    60_000,
  );
});

/** Failed logins of one address, now, as sshd writes them. */
async function sendBruteForce(address: string, attempts: number): Promise<void> {
  const colon = address.lastIndexOf(":");
  const socket = createSocket("udp4");
  const stamp = new Date().toISOString();
  for (let attempt = 0; attempt < attempts; attempt++) {
    const user = attempt === 3 ? "<img src=x onerror=alert(1)>" : "root";
    const line = `<38>1 ${stamp} web-1 sshd 4711 - - Failed password for ${user} from 203.0.113.77 port ${50_000 + attempt} ssh2`;
    await new Promise<void>((done) =>
      socket.send(line, Number(address.slice(colon + 1)), address.slice(0, colon), () => done()),
    );
  }
  socket.close();
}
