/** People and their roles in a real browser: invited by a link, limited to looking, seen in the audit log; and a session that ends under one's hands. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectFitsBothThemes, openConsolePage } from "./harness/console-page.ts";
import { chromiumPath } from "./harness/peers.ts";
import { ServerProcess } from "./harness/server-process.ts";

const browserPath = chromiumPath();
const PASSWORD = "a calm owl at midnight";

describe.skipIf(browserPath === undefined)("settings, in Chromium", () => {
  let server: ServerProcess;
  let browser: Browser;
  let page: Page;
  let viewer: Page;
  let problems: string[] = [];

  beforeAll(async () => {
    server = await ServerProcess.start();
    ({ browser, page, problems } = await openConsolePage(browserPath ?? ""));
    await page.goto(/http:\/\/\S+\/setup#token=\S+/.exec(server.output)?.[0] ?? "");
    await page.getByLabel("Username").fill("ana");
    await page.getByLabel("Password").fill(PASSWORD);
    await page.getByRole("button", { name: "Create account" }).click();
    await page.getByRole("heading", { name: "Overview" }).waitFor();
  }, 120_000);

  afterAll(async () => {
    await browser.close();
    await server.stop();
  });

  it("invites a viewer, who sets a password by the link", async () => {
    await page.goto(`${server.url}/settings/users`);
    await page.getByRole("button", { name: "Invite…" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Username").fill("bo");
    await dialog.getByLabel("Role").selectOption("viewer");
    await dialog.getByRole("button", { name: "Make the link" }).click();
    const link = await dialog.locator("code").textContent();
    await dialog.getByRole("button", { name: "I have it" }).click();
    await page.getByRole("row", { name: /bo.*invited/ }).waitFor();

    viewer = await (await browser.newContext()).newPage();
    viewer.on("pageerror", (error) => problems.push(error.message));
    await viewer.goto(link ?? "");
    await viewer.getByText("For the account bo").waitFor();
    await viewer.getByLabel("New password").fill("quiet lantern by the river");
    await viewer.getByRole("button", { name: /Set the password/ }).click();
    await viewer.getByRole("heading", { name: "Overview" }).waitFor();
    expect(problems).toEqual([]);
  }, 60_000);

  it("shows the viewer what may be seen, and says why the rest cannot be done", async () => {
    await viewer.goto(`${server.url}/settings/users`);
    await viewer.getByText("Your role does not show this").waitFor();
    expect(
      await viewer.getByRole("navigation", { name: "Settings" }).getByRole("link").allTextContents(),
    ).toEqual(["Profile"]);
    await viewer.goto(`${server.url}/inventory`);
    const add = viewer.getByRole("button", { name: "Add asset" });
    expect(await add.getAttribute("aria-disabled")).toBe("true");
    expect(await add.getAttribute("title")).toContain("may not change, import and delete assets");
    await add.click({ force: true });
    expect(await viewer.getByRole("dialog").count()).toBe(0);
    // Whoever goes around the console is refused with the same reason.
    const refused = await viewer.evaluate<{ readonly error: { readonly hint: string } }>(
      `fetch("/api/v1/session").then((reply) => reply.json()).then(({ csrf }) =>
        fetch("/api/v1/assets/import", { method: "POST", body: "{}",
          headers: { "content-type": "application/json", "x-tyto-csrf": csrf } })).then((reply) => reply.json())`,
    );
    expect(refused.error.hint).toContain("assets.change");
    expect(refused.error.hint).toContain("admin or analyst");
  }, 60_000);

  it("tells the administrator of it in the audit log", async () => {
    await page.goto(`${server.url}/settings/audit`);
    const log = page.getByRole("grid", { name: "Audit log" });
    await log
      .getByRole("row", { name: /bo.*logged in/ })
      .first()
      .waitFor();
    await page.getByLabel("What", { exact: true }).selectOption("changed");
    await page.waitForURL(/kind=changed/);
    await log
      .getByRole("row", { name: /ana.*user changed.*bo/ })
      .first()
      .click();
    const entry = page.getByRole("complementary", { name: "Entry" });
    await entry.getByRole("row", { name: /role.*–.*viewer/ }).waitFor();
    expect(problems).toEqual([]);
  }, 60_000);

  it("keeps what one has written when the session ends, and goes on after signing in again", async () => {
    await page.goto(`${server.url}/settings/users`);
    await page.getByRole("button", { name: "Invite…" }).click();
    await page.getByRole("dialog").getByLabel("Username").fill("cy.unsaved");
    await page.context().clearCookies();
    await page.getByRole("button", { name: "Make the link" }).click();
    const again = page.getByRole("dialog", { name: "Sign in again" });
    await again.getByLabel("Password").fill(PASSWORD);
    await again.getByRole("button", { name: "Sign in", exact: true }).click();
    await again.waitFor({ state: "detached" });
    const invite = page.getByRole("dialog", { name: "Invite somebody" });
    expect(await invite.getByLabel("Username").inputValue()).toBe("cy.unsaved");
    await invite.getByRole("button", { name: "Make the link" }).click();
    await page.getByRole("dialog", { name: "A link for cy.unsaved" }).waitFor();
  }, 60_000);

  it.each([
    "profile",
    "users",
    "roles",
    "tokens",
    "audit",
    "retention",
    "alerts",
    "alarms",
    "encryption",
    "system",
  ])(
    "is accessible and fits at %s, in both themes",
    (section) => expectFitsBothThemes(page, section, () => page.goto(`${server.url}/settings/${section}`)),
    60_000,
  );
});
