import { chromium } from "playwright-core";
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
