import { formatDiagnostic } from "@tyto/domain";
import type { DashboardContent } from "../api/index.ts";
import type { Config } from "../config/index.ts";
import {
  checkDashboard,
  Issues,
  readDashboard,
  readPackDashboards,
  writeDashboard,
} from "../content/index.ts";
import type { Telemetry } from "../telemetry/index.ts";

/** The dashboards that packs bring, read once at the start. One that is wrong is told of and left out. */
export async function openDashboardContent({
  config,
  telemetry,
}: {
  readonly config: Pick<Config, "packDirectories">;
  readonly telemetry: Telemetry;
}): Promise<DashboardContent> {
  const { found, diagnostics } = await readPackDashboards(config.packDirectories);
  const log = telemetry.log.of("dashboards");
  for (const each of diagnostics) log.warn("a dashboard is wrong", { problem: formatDiagnostic(each) });
  return {
    included: found.map(({ id, dashboard }) => ({ id, dashboard })),
    read: (text) => readDashboard("dashboard", text),
    check: (dashboard) => {
      const issues = new Issues();
      checkDashboard(dashboard, issues, (path) => ({ file: path.join(".") }));
      return issues.found;
    },
    write: writeDashboard,
  };
}
