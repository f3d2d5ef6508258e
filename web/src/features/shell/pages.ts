import type { Permission } from "@tyto/domain";
import {
  IconBell,
  IconChartBar,
  IconLayoutDashboard,
  IconPlugConnected,
  IconSearch,
  IconServer2,
  IconSettings,
  IconShield,
} from "@tabler/icons-react";

/** The rail, top to bottom, and the second key of `g …`. */
export const PAGES = [
  { to: "/", name: "Overview", key: "o", Icon: IconLayoutDashboard },
  { to: "/alerts", name: "Alerts", key: "a", Icon: IconBell },
  { to: "/search", name: "Search", key: "h", Icon: IconSearch },
  { to: "/inventory", name: "Assets", key: "e", Icon: IconServer2 },
  { to: "/dashboards", name: "Dashboards", key: "d", Icon: IconChartBar },
  { to: "/sources", name: "Sources", key: "s", Icon: IconPlugConnected },
  { to: "/rules", name: "Rules", key: "r", Icon: IconShield },
  { to: "/settings", name: "Settings", key: ",", Icon: IconSettings },
] as const;

/** Who may not see a page is not shown the way to it. All built-in roles see those that are not here. */
export const NEEDED_FOR: Readonly<Partial<Record<(typeof PAGES)[number]["to"], Permission>>> = {
  "/": "alerts.read",
  "/alerts": "alerts.read",
  "/search": "events.search",
  "/inventory": "assets.read",
  "/dashboards": "events.search",
  "/sources": "sources.read",
  "/rules": "rules.read",
};

/** Pages that stand beside one of the rail's and are found from there, and by name. */
export const OTHER_PAGES = [
  { to: "/coverage", name: "Coverage of ATT&CK" },
  { to: "/exceptions", name: "Exceptions" },
] as const;
