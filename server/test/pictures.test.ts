/**
 * Pictures of every page of the console in both themes, from the demo's day, for `docs/images/console/`.
 *   npm run pictures
 */
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { AlertSummary, DashboardList, OwnRule } from "@tyto/domain";
import { chromium } from "playwright-core";
import type { Browser, Page } from "playwright-core";
import { expect, it } from "vitest";
import { chromiumPath } from "./harness/peers.ts";
import { ServerProcess } from "./harness/server-process.ts";

const USERNAME = "ana.keller";
const PASSWORD = "wmTb7-vexing-otter";
const THEMES = ["dark", "light"] as const;
/** Pages load what they show after they are there. */
const SETTLE_MS = 2_500;
const DRAIN_MS = 300_000;

const RULE = `title: Root logs in over SSH from outside
id: 5f0d3a52-8f0e-4a3b-9c0e-0d2c5b9a7e11
status: experimental
level: high
description: Nobody logs in as root from an address that is not ours.
tags:
  - attack.initial-access
  - attack.t1078
logsource:
  product: linux
  service: sshd
detection:
  login:
    user.name: root
    event.outcome: success
  inside:
    source.ip|cidr:
      - 10.0.0.0/8
      - 192.168.0.0/16
  condition: login and not inside
falsepositives:
  - A rescue after an outage
`;

/** Names in capitals stand for an id. */
const PAGES: Readonly<Record<string, string>> = {
  overview: "/",
  alerts: "/alerts",
  alert: "/alerts/ALERT",
  "alert-chain": "/alerts/ALERT?tab=chain",
  "alert-graph": "/alerts/ALERT?tab=graph",
  "alert-timeline": "/alerts/ALERT?tab=timeline",
  search: "/search?q=event.outcome:failure",
  entity: "/entity?type=ip&value=203.0.113.207",
  assets: "/inventory",
  dashboards: "/dashboards",
  dashboard: "/dashboards/DASHBOARD",
  sources: "/sources",
  rules: "/rules",
  "rule-editor": "/rules/edit/RULE",
  coverage: "/coverage",
  exceptions: "/exceptions",
  profile: "/settings/profile",
  users: "/settings/users",
  roles: "/settings/roles",
  tokens: "/settings/tokens",
  audit: "/settings/audit",
  retention: "/settings/retention",
  system: "/settings/system",
};

const executablePath = chromiumPath();
const isWanted = process.env["TYTO_PICTURES"] === "1" && executablePath !== undefined;

it.runIf(isWanted)("takes the pictures of the documentation", { timeout: 900_000 }, async () => {
  const folder = resolve(import.meta.dirname, "../../docs/images/console");
  await mkdir(folder, { recursive: true });
  const server = await ServerProcess.start("--demo");
  const browser = await chromium.launch({
    executablePath: executablePath ?? "",
    args: ["--no-sandbox", "--disable-gpu"],
  });
  try {
    await demoIsIn(server);
    const link = /\/setup#token=\S+/.exec(server.output)?.[0] ?? "";
    const state = await firstAccount(browser, `${server.url}${link}`);
    const ids = await idsOf(server);
    for (const colorScheme of THEMES) {
      const context = await browser.newContext({
        viewport: { width: 1440, height: 900 },
        colorScheme,
        storageState: state,
      });
      const page = await context.newPage();
      for (const [name, path] of Object.entries(PAGES)) {
        await page.goto(`${server.url}${path.replace(/[A-Z]{4,}/, (name) => ids[name] ?? name)}`);
        await page.waitForTimeout(SETTLE_MS);
        await page.screenshot({ path: join(folder, `${name}-${colorScheme}.png`) });
        expect(await page.title(), path).toContain("Tyto");
      }
      await context.close();
    }
  } finally {
    await browser.close();
    await server.stop();
  }
});

/** Until the day is in and nothing waits. */
async function demoIsIn(server: ServerProcess): Promise<void> {
  const deadline = performance.now() + DRAIN_MS;
  for (let last = -1; performance.now() < deadline;) {
    const { totals } = await server.ledger();
    if (totals.stored > 80_000 && totals.queued === 0 && totals.stored === last) return;
    last = totals.stored;
    await new Promise((done) => setTimeout(done, 5_000));
  }
  throw new Error("the demo's day did not come in");
}

async function firstAccount(
  browser: Browser,
  link: string,
): Promise<Awaited<ReturnType<ReturnType<Page["context"]>["storageState"]>>> {
  const page = await browser.newPage();
  await page.goto(link);
  await page.getByLabel("Username").fill(USERNAME);
  const passwords = page.locator('input[type="password"]');
  await passwords.first().waitFor();
  for (let at = 0; at < (await passwords.count()); at++) await passwords.nth(at).fill(PASSWORD);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Overview" }).waitFor();
  const state = await page.context().storageState();
  await page.close();
  return state;
}

/** The alert that tells the most: of a guessed password and what was read afterwards. A rule of ours, and a dashboard. */
async function idsOf(server: ServerProcess): Promise<Readonly<Record<string, string>>> {
  const alerts = await server.get<{ readonly items: readonly AlertSummary[] }>("/api/v1/alerts?limit=100");
  const alert = alerts.items.find(({ title }) => title.startsWith("Guessed password")) ?? alerts.items[0];
  const dashboards = await server.get<DashboardList>("/api/v1/dashboards");
  const dashboard = dashboards.items.find(({ title }) => title === "Authentication");
  const { id: rule } = await server.post<OwnRule>("/api/v1/rules/own", {
    yaml: RULE,
    cases: "",
    comment: "First draft",
  });
  if (alert === undefined || dashboard === undefined) throw new Error("the demo raised no alert");
  return { ALERT: encodeURIComponent(alert.id), DASHBOARD: dashboard.id, RULE: rule };
}
