import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";
import { expect } from "vitest";
import type { Browser, Page } from "playwright-core";

/** A browser with one page of 1440 px that notes what no page of ours may do. Close the browser at the end. */
export interface ConsolePage {
  readonly browser: Browser;
  readonly page: Page;
  /** Errors, dialogs, and breaches of the content-security policy, as they come. */
  readonly problems: string[];
}

export async function openConsolePage(executablePath: string): Promise<ConsolePage> {
  const args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"];
  const browser = await chromium.launch({ executablePath, args });
  const page = await browser.newPage({ viewport: { width: 1440, height: 860 } });
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("dialog", (dialog) => {
    problems.push(`a dialog opened: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("console", (message) => {
    if (/content.security.policy/i.test(message.text())) problems.push(message.text());
  });
  return { browser, page, problems };
}

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** @param about what the page is, for whoever reads the failure */
export async function expectAccessible(page: Page, about: string): Promise<void> {
  // Evaluated, not added as a script: the content-security policy would refuse it, and should.
  await page.evaluate(AXE);
  const violations = await page.evaluate<readonly string[]>(
    "axe.run().then((found) => found.violations.map((one) => one.id + ': ' + one.nodes[0]?.html))",
  );
  expect(violations, about).toEqual([]);
}

/** Nothing lies beyond the right edge of the window. */
export async function expectNoSideways(page: Page, about: string): Promise<void> {
  const isWide = await page.evaluate<boolean>("document.documentElement.scrollWidth > window.innerWidth");
  expect(isWide, `${about} scrolls sideways`).toBe(false);
}

/** Dark at 1440 px and light at 1280: what a page must fit and be read in. @param open goes to the page and waits for it */
export async function expectFitsBothThemes(
  page: Page,
  about: string,
  open: () => Promise<unknown>,
): Promise<void> {
  for (const [colorScheme, width] of [
    ["dark", 1440],
    ["light", 1280],
  ] as const) {
    await page.setViewportSize({ width, height: 860 });
    await page.emulateMedia({ colorScheme });
    await open();
    await page.getByRole("heading", { level: 1 }).first().waitFor();
    // A skeleton comes after 300 ms at the earliest. Not `networkidle`: the stream of changes stays open.
    await page.waitForTimeout(350);
    const skeleton = page.getByRole("status", { name: "Loading" }).first();
    await skeleton.waitFor({ state: "detached", timeout: 30_000 });
    await expectNoSideways(page, about);
    await expectAccessible(page, `${about}, ${colorScheme}`);
  }
}
