import { Option } from "commander";
import type { Command } from "commander";
import { createQueryFrontend } from "../query/index.ts";
import type { ProgramParts } from "./connections-program.ts";
import { checkDashboards, exportDashboards, importDashboards, listDashboards } from "./dashboards.ts";
import { now, realWorld } from "./world.ts";

type Run = (work: () => Promise<number>) => Promise<void>;

/** `tyto dashboards …`: dashboards as code. */
export function addDashboardCommands(
  program: Command,
  { options, connected, io }: ProgramParts,
  run: Run,
): void {
  const dashboards = program
    .command("dashboards")
    .description("dashboards as files: list, export, import, check");
  const command = (name: string, description: string): Command => {
    const made = dashboards.command(name).description(description);
    for (const option of options.server) made.addOption(option);
    return made;
  };
  command("list", "those that the server has")
    .addOption(options.json)
    .action((flags: { json: boolean }) => connected(flags, (client) => listDashboards(client, flags, io)));
  command("export", "one as text, or with --to as files: one, or all that people made")
    .argument("[id]", "as list says it")
    .option("--to <folder>", "write <id>.yml files there")
    .addOption(new Option("--format <format>", "of the text").choices(["yaml", "json"]).default("yaml"))
    .action((id: string | undefined, flags: { to?: string; format: "yaml" | "json" }) =>
      connected(flags, (client) =>
        exportDashboards(client, { ...flags, ...(id === undefined ? {} : { id }) }, io),
      ),
    );
  command("import", "keep dashboards from files and folders; one with a title of your own gets a new version")
    .argument("<paths...>", "YAML or JSON files, or folders of them")
    .option("--private", "only the token that imports them sees them", false)
    .action((paths: readonly string[], flags: { private: boolean }) =>
      connected(flags, (client) => importDashboards(client, { paths, shared: !flags.private }, io)),
    );
  dashboards
    .command("check")
    .description("read dashboards and every query of them, without a server; status 1 when one is wrong")
    .argument("<paths...>", "YAML or JSON files, or folders of them")
    .action((paths: readonly string[]) =>
      run(async () => {
        const query = createQueryFrontend({ kqlWorkerPath: realWorld().paths.kqlWorker });
        try {
          return await checkDashboards(paths, { query, now: now() }, io);
        } finally {
          await query.close();
        }
      }),
    );
}
