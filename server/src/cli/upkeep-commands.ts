import { InvalidArgumentError, Option } from "commander";
import type { Command } from "commander";
import { RETENTION_CLASSES, RETENTION_FRAMEWORKS, TytoError } from "@tyto/domain";
import type { RetentionBody, RetentionClass, RetentionFramework } from "@tyto/domain";
import type { Config, ConfigFlags, EncryptionFlags } from "../config/index.ts";
import { keyCommand, keyFile } from "./encryption-program.ts";
import type { World } from "../main/world.ts";
import {
  archiveCommand,
  archiveDaysCommand,
  restoreArchiveCommand,
  verifyArchiveCommand,
} from "./archive.ts";
import { archivePlace } from "./archive-places.ts";
import { backupCommand } from "./backup.ts";
import type { CommandIo } from "./io.ts";
import { restoreCommand } from "./restore.ts";
import { forecastRetention, runRetention, setRetention, showRetention } from "./retention.ts";
import { openUpkeepTarget } from "./upkeep-target.ts";
import type { UpkeepTarget } from "./upkeep-target.ts";

type ServerFlags = ConfigFlags & { readonly url?: string; readonly token?: string; readonly json: boolean };

export interface CommandSetting {
  readonly io: CommandIo;
  readonly world: () => World;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly configured: (flags: ConfigFlags, use: (config: Config) => Promise<number>) => Promise<void>;
  /** `--json`, `--data`, `--url`, `--token`. */
  readonly options: readonly Option[];
}

/** The commands that keep what is stored: backup, restore, archive, retention. */
export function addUpkeepCommands(program: Command, setting: CommandSetting): void {
  addBackup(program, setting);
  addRestore(program, setting);
  addArchive(program, setting);
  addRetention(program, setting);
}

/** Opens the server or the data directory, and closes it again however the work ends. */
function withTarget(
  { configured, world, environment }: CommandSetting,
  flags: ServerFlags,
  use: (target: UpkeepTarget) => Promise<number>,
): Promise<void> {
  return configured(flags, async (config) => {
    const { url, token } = flags;
    const named = { ...(url === undefined ? {} : { url }), ...(token === undefined ? {} : { token }) };
    const target = await openUpkeepTarget(config, { world: world(), environment, ...named });
    try {
      return await use(target);
    } finally {
      await target.close();
    }
  });
}

function withOptions(command: Command, { options }: CommandSetting): Command {
  for (const option of [...options, keyFile(), keyCommand()]) command.addOption(option);
  return command;
}

function addBackup(program: Command, setting: CommandSetting): void {
  const command = program
    .command("backup")
    .description("back up everything: a running server, or a stopped one's data directory")
    .argument("<target>", "a new folder, or a file that ends with .tar")
    .option("--base <folder>", "an earlier backup: what has not changed is linked from there")
    .option("--include-keys", "also key files, which are left out otherwise", false);
  withOptions(command, setting).action(
    (to: string, flags: ServerFlags & { base?: string; includeKeys: boolean; packs?: string[] }) =>
      withTarget(setting, flags, (target) =>
        backupCommand(target, { ...flags, to, clockMs: setting.world().clockMs }, setting.io),
      ),
  );
}

function addRestore(program: Command, { configured, io, world }: CommandSetting): void {
  program
    .command("restore")
    .description("make a data directory out of a backup")
    .argument("<backup>", "the folder or .tar that tyto backup wrote")
    .requiredOption("--data <dir>", "a directory that does not exist yet, or an empty one")
    .option("--seal <sha256>", "refuse a backup that has another seal than the one noted")
    .option("--json", "write JSON instead of text", false)
    .addOption(keyFile())
    .addOption(keyCommand())
    .action((from: string, flags: EncryptionFlags & { data: string; seal?: string; json: boolean }) =>
      configured({ ...flags }, ({ encryptionKey }) =>
        restoreCommand({ ...flags, from, encryptionKey, world: world() }, io),
      ),
    );
}

const day = (): Option =>
  new Option("--day <day>", "YYYY-MM-DD in UTC, by the events' own time").makeOptionMandatory();

function addArchive(program: Command, setting: CommandSetting): void {
  const { io, environment, world } = setting;
  const archive = program.command("archive").description("keep days of events as Parquet files with hashes");
  const make = archive
    .command("make", { isDefault: true })
    .description("archive a day")
    .addOption(day())
    .requiredOption("--to <place>", "a folder, or s3://bucket/prefix");
  withOptions(make, setting).action((flags: ServerFlags & { day: string; to: string }) =>
    withTarget(setting, flags, (target) => {
      const place = archivePlace(flags.to, environment);
      return archiveCommand(target, { ...flags, place }, io, world().clockMs);
    }),
  );
  archive
    .command("verify")
    .description("compare every file of an archived day with its manifest; needs no server")
    .addOption(day())
    .requiredOption("--from <place>", "a folder, or s3://bucket/prefix")
    .option("--json", "write JSON instead of text", false)
    .action((flags: { day: string; from: string; json: boolean }) =>
      setting.configured({}, () =>
        verifyArchiveCommand({ ...flags, place: archivePlace(flags.from, environment) }, io),
      ),
    );
  const back = archive
    .command("restore")
    .description("put an archived day back, each event once")
    .addOption(day())
    .requiredOption("--from <place>", "a folder, or s3://bucket/prefix")
    .option("--hold <days>", "days that retention leaves it alone", wholeDays, 30);
  withOptions(back, setting).action((flags: ServerFlags & { day: string; from: string; hold: number }) =>
    withTarget(setting, flags, (target) => {
      const place = archivePlace(flags.from, environment);
      return restoreArchiveCommand(target, { ...flags, place, holdDays: flags.hold }, io);
    }),
  );
  const days = archive.command("days").description("days that have events");
  withOptions(days, setting).action((flags: ServerFlags) =>
    withTarget(setting, flags, (target) => archiveDaysCommand(target, flags, io)),
  );
}

interface SetFlags extends ServerFlags {
  readonly framework?: RetentionFramework;
  readonly short?: number;
  readonly standard?: number;
  readonly long?: number;
  readonly source?: readonly string[];
}

function addRetention(program: Command, setting: CommandSetting): void {
  const { io } = setting;
  const retention = program
    .command("retention")
    .description("how long events are kept, and for how long the disk lasts");
  const actions = { show: showRetention, forecast: forecastRetention } as const;
  const show = retention
    .command("show", { isDefault: true })
    .description("what is kept, what goes next, the forecast");
  withOptions(show, setting).action((flags: ServerFlags) =>
    withTarget(setting, flags, (target) => actions.show(target, flags, io)),
  );
  const forecast = retention.command("forecast").description("bytes a day, and the days that the disk lasts");
  withOptions(forecast, setting).action((flags: ServerFlags) =>
    withTarget(setting, flags, (target) => actions.forecast(target, flags, io)),
  );
  const set = retention
    .command("set")
    .description("change days, framework or the class of sources; never below the framework's floor")
    .addOption(new Option("--framework <name>").choices([...RETENTION_FRAMEWORKS]))
    .option("--short <days>", "days that events of class short are kept", wholeDays)
    .option("--standard <days>", "days that events of class standard are kept", wholeDays)
    .option("--long <days>", "days that events of class long are kept", wholeDays)
    .option("--source <id=class...>", "class of a source, such as 0123456789abcdef=long");
  withOptions(set, setting).action((flags: SetFlags) =>
    withTarget(setting, flags, (target) =>
      setRetention(target, { json: flags.json, change: changeOf(flags) }, io),
    ),
  );
  const run = retention
    .command("run")
    .description("drop the weeks whose time is over, as happens by itself once a day")
    .option("--dry-run", "only say what would go", false);
  withOptions(run, setting).action((flags: ServerFlags & { dryRun: boolean }) =>
    withTarget(setting, flags, (target) =>
      runRetention(target, { json: flags.json, isDryRun: flags.dryRun }, io),
    ),
  );
}

function changeOf({ framework, short, standard, long, source = [] }: SetFlags): RetentionBody {
  const days = {
    ...(short === undefined ? {} : { short }),
    ...(standard === undefined ? {} : { standard }),
    ...(long === undefined ? {} : { long }),
  };
  const sources = Object.fromEntries(source.map(sourceClass));
  return { days, sources, ...(framework === undefined ? {} : { framework }) };
}

function sourceClass(text: string): readonly [string, RetentionClass] {
  const [, id = "", name = ""] = /^([0-9a-f]{16})=(\w+)$/.exec(text) ?? [];
  const known = RETENTION_CLASSES.find((one) => one === name);
  if (id !== "" && known !== undefined) return [id, known];
  throw new TytoError("bad-request", `"${text.slice(0, 60)}" is no source with a class`, {
    hint: `Give ID=CLASS: an id from \`tyto ledger --json\`, and one of ${RETENTION_CLASSES.join(", ")}.`,
  });
}

function wholeDays(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new InvalidArgumentError("Give a whole number of days.");
  return value;
}
