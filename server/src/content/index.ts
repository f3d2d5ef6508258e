/**
 * Owns what packs say: reads their folders, checks them, publishes one immutable snapshot. Refuses to run anything, and to
 * understand rules (detection parses those). Promises that a bad pack costs only itself, with a place and a hint for each
 * problem, and that a reload replaces everything or nothing.
 */
export { parseCondition } from "./condition.ts";
export type { ConditionResult } from "./condition.ts";
export * from "./content-library.ts";
export type { DateFormat, DatePart, DateToken, NamedDateFormat } from "./date-format.ts";
export * from "./pack-definition.ts";
export { readPack } from "./read-pack.ts";
export type { PackFile, PackFiles, PackReading } from "./read-pack.ts";
export { checkDashboard } from "./check-dashboard.ts";
export { Issues } from "./issues.ts";
export { readDashboard } from "./read-dashboard.ts";
export type { DashboardReading } from "./read-dashboard.ts";
export {
  readDashboardFiles,
  readDashboardFolder,
  readPackDashboards,
  writeDashboard,
} from "./dashboard-files.ts";
export type { DashboardFile, DashboardFiles } from "./dashboard-files.ts";
