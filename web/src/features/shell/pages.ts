import {
  IconBell,
  IconChartBar,
  IconKey,
  IconLayoutDashboard,
  IconPlugConnected,
  IconSearch,
  IconServer2,
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
  { to: "/tokens", name: "Tokens", key: "t", Icon: IconKey },
] as const;

/** Pages that stand beside one of the rail's and are found from there, and by name. */
export const OTHER_PAGES = [
  { to: "/coverage", name: "Coverage of ATT&CK" },
  { to: "/exceptions", name: "Exceptions" },
] as const;
