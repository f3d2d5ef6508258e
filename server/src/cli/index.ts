/** The command line: thin commands over the same modules as the server. Only this file and `upkeep-commands.ts` know commander. */
import { statSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { EVENT_SCHEMAS, formatDiagnostic, TytoError } from "@tyto/domain";
import type { EventSchema } from "@tyto/domain";
import { readConfig } from "../config/index.ts";
import { readContent } from "../content/index.ts";
import type { ContentSnapshot } from "../content/index.ts";
import { packNames } from "../main/content.ts";
import { openEnrichment } from "../main/enrichment.ts";
import { createNormaliser } from "../pipeline/index.ts";
import type { Config, ConfigFlags } from "../config/index.ts";
import { addBenchCommand } from "./bench-program.ts";
import { connect } from "./client.ts";
import { addEncryptionCommands, keyCommand, keyFile } from "./encryption-program.ts";
import { demoCommand } from "./demo.ts";
import { detectCommand, splitPaths } from "./detect.ts";
import { docsCommand } from "./docs.ts";
import { addAssetCommands } from "./assets-program.ts";
import { alarmsCommand } from "./alarms.ts";
import type { AlarmsOptions } from "./alarms.ts";
import { addConnectionCommands } from "./connections-program.ts";
import type { ProgramParts } from "./connections-program.ts";
import { addCoverageCommand } from "./coverage-program.ts";
import { addFilterCommands } from "./filters-program.ts";
import { addParseAgainCommands } from "./parse-again-program.ts";
import { doctorCommand } from "./doctor.ts";
import { importCommand } from "./import.ts";
import { openImportTarget } from "./import-target.ts";
import { addDashboardCommands } from "./dashboards-program.ts";
import { addExportCommand } from "./export-program.ts";
import { explain, writeDiagnostics } from "./io.ts";
import type { CommandIo, ExitStatus } from "./io.ts";
import { ledgerCommand } from "./ledger.ts";
import type { LedgerOptions } from "./ledger.ts";
import { newPackCommand } from "./new-pack/new-pack.ts";
import { parseCommand } from "./parse.ts";
import { QUERY_FORMATS, queryCommand } from "./query.ts";
import { reloadCommand } from "./reload.ts";
import { backtestCommand } from "./backtest.ts";
import type { BacktestOptions } from "./backtest.ts";
import { rulesCommand } from "./rules.ts";
import type { RulesOptions } from "./rules.ts";
import { serveCommand } from "./serve.ts";
import { addUpkeepCommands } from "./upkeep-commands.ts";
import { addTokenCommands } from "./tokens-program.ts";
import { addUserCommands } from "./users-program.ts";
import { clockMs, now, PACKS, realWorld, ROOT, version } from "./world.ts";

const io: CommandIo = { stdin: process.stdin, stdout: process.stdout, stderr: process.stderr };
let status: ExitStatus = 0;

// A reader that has gone (`| head`, a closed terminal) must not end the server, and is no news to the other commands.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);

/** Runs one command and keeps its status; what it throws is shown to a person, not dumped. */
async function run(work: () => Promise<number>): Promise<void> {
  try {
    status = (await work()) as ExitStatus;
  } catch (error) {
    await explain(io.stderr, error);
    status = 1;
  }
}

function configured(flags: ConfigFlags, use: (config: Config) => Promise<number>): Promise<void> {
  return run(async () => {
    const outcome = readConfig({
      flags,
      environment: process.env,
      workingDirectory: process.cwd(),
      packDirectory: PACKS,
    });
    if (outcome.ok) return use(outcome.config);
    await writeDiagnostics(io.stderr, outcome.diagnostics);
    return 2;
  });
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new InvalidArgumentError("Give a whole number.");
  return value;
}

const collected = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

const json = new Option("--json", "write JSON instead of text").default(false);
const data = new Option("--data <dir>", "data directory (default ./data; TYTO_DATA)");
const url = new Option("--url <url>", "the server (default: the console's address)");
const token = new Option("--token <token>", "API token (default: TYTO_TOKEN, else this machine's own)");

const schema = new Option("--schema <schema>", "ecs, or OCSF 1.8.0, one event a line").choices([
  ...EVENT_SCHEMAS,
]);

const geo = new Option("--geo <file>", "MaxMind DB file of cities or countries, for geo fields (TYTO_GEO)");
const asn = new Option("--asn <file>", "MaxMind DB file of autonomous systems, for as fields (TYTO_ASN)");
const internalNetworks = new Option(
  "--internal-networks <list>",
  "your networks, such as 10.0.0.0/8,192.0.2.0/24, for network.direction (TYTO_INTERNAL_NETWORKS)",
);

const program = new Command("tyto")
  .description("Tyto, a SIEM: collects logs, keeps every line, detects attacks, shows people what happened.")
  .version(version())
  .exitOverride()
  .showHelpAfterError("(add --help for what there is)");

program
  .command("serve")
  .description("run the server (what npm start does)")
  .addOption(data)
  .option("--http <host:port>", "console and API (default 127.0.0.1:8080; TYTO_HTTP)")
  .option("--ingest <host:port>", "shippers' protocols (default 127.0.0.1:8081; TYTO_INGEST)")
  .option(
    "--syslog-udp <port>",
    "syslog over UDP, PORT or HOST:PORT (default 127.0.0.1:5514; TYTO_SYSLOG_UDP)",
  )
  .option(
    "--syslog-tcp <port>",
    "syslog over TCP, PORT or HOST:PORT (default 127.0.0.1:5514; TYTO_SYSLOG_TCP)",
  )
  .option("--syslog-tls [addresses]", "syslog over TLS, RFC 5425 (default 127.0.0.1:6514; TYTO_SYSLOG_TLS)")
  .option("--relp [addresses]", "RELP, [tls:]HOST:PORT,… (default 127.0.0.1:2514; TYTO_RELP)")
  .option("--gelf-udp [addresses]", "GELF over UDP (default 127.0.0.1:12201; TYTO_GELF_UDP)")
  .option(
    "--gelf-tcp [addresses]",
    "GELF over TCP, [tls:]HOST:PORT,… (default 127.0.0.1:12201; TYTO_GELF_TCP)",
  )
  .option(
    "--lumberjack [addresses]",
    "Beats and Elastic Agent, [tls:]HOST:PORT,… (default 127.0.0.1:5044; TYTO_LUMBERJACK)",
  )
  .option(
    "--fluent [addresses]",
    "Fluentd and Fluent Bit's forward, [tls:]HOST:PORT,… (default 127.0.0.1:24224; TYTO_FLUENT)",
  )
  .option("--fluent-key-file <file>", "the shared key that forwarders must know (TYTO_FLUENT_KEY_FILE)")
  .option(
    "--tls-cert <file>",
    "certificate (PEM) of all TLS listeners; read again when it changes (TYTO_TLS_CERT)",
  )
  .option("--tls-key <file>", "its key (TYTO_TLS_KEY)")
  .option("--tls-client-ca <file>", "authorities of clients' certificates (TYTO_TLS_CLIENT_CA)")
  .option(
    "--tls-client-required",
    "refuse clients of stream protocols without a certificate (TYTO_TLS_CLIENT_REQUIRED)",
  )
  .option("--http-tls", "console and API over TLS (TYTO_HTTP_TLS)")
  .option("--ingest-tls", "shippers' HTTP protocols over TLS (TYTO_INGEST_TLS)")
  .option(
    "--proxy-from <list>",
    "proxies that send a PROXY header before streams, 10.0.0.0/8,… (TYTO_PROXY_FROM)",
  )
  .option("--packs <dir>", "further packs; a pack of the same name replaces ours", collected)
  .addOption(geo)
  .addOption(asn)
  .addOption(internalNetworks)
  .option(
    "--secret-key-file <file>",
    "key that encrypts connections' secrets (TYTO_SECRET_KEY_FILE; TYTO_SECRET_KEY)",
  )
  .addOption(keyFile())
  .addOption(keyCommand())
  .option("--allow-commands", "let connections run programs on this machine (TYTO_ALLOW_COMMANDS)")
  .option("--alarm-webhook <url>", "where alarms about Tyto itself are posted (TYTO_ALARM_WEBHOOK)")
  .option("--alarm-email <address>", "who gets them as mail (TYTO_ALARM_EMAIL; TYTO_MAIL_FROM)")
  .option("--smtp <url>", "the server that sends it, smtp://HOST:PORT (TYTO_SMTP)")
  .option("--heartbeat <url>", "fetched every minute while all is well (TYTO_HEARTBEAT)")
  .option(
    "--canary-minutes <number>",
    "between two canary events, 0 for none (default 60; TYTO_CANARY_MINUTES)",
  )
  .option("--watch", "read packs and rules again when their files change (TYTO_WATCH)")
  .option("--demo", "replay a bundled day of logs with attacks in it (TYTO_DEMO)")
  .action((flags: ConfigFlags) => configured(flags, (config) => serveCommand(config, realWorld(), io)));

program
  .command("parse")
  .description("normalise standard input or files; one flat ECS event per line")
  .argument("[files...]")
  .option("--source <pack>", "the pack or source type that reads every record")
  .option("--zone <zone>", "zone of times that name none, such as Europe/Paris")
  .option("--columns <names>", "comma-separated column names, for CSV")
  .option("--cases", "read {id, product, dataset, raw, context} lines, write {id, event}")
  .option("--validate", "say on standard error what ECS forbids in the events")
  .addOption(schema)
  .option("--no-product", "with --cases: do not take the product as the source's configured type")
  .addOption(geo)
  .addOption(asn)
  .addOption(internalNetworks)
  .action(
    (
      files: string[],
      options: ConfigFlags & {
        source?: string;
        zone?: string;
        columns?: string;
        cases?: boolean;
        validate?: boolean;
        schema?: EventSchema;
        product: boolean;
      },
    ) =>
      configured(options, async ({ enrichment }) => {
        if (options.source !== undefined) refuseUnknownSource(options.source, await readContent([PACKS]));
        return parseCommand(
          {
            packFolders: [PACKS],
            files,
            mode: options.cases === true ? "cases" : "lines",
            usesProduct: options.product,
            enrichment: await openEnrichment(enrichment),
            validates: options.validate === true,
            now,
            ...(options.schema === undefined ? {} : { schema: options.schema }),
            ...(options.source === undefined ? {} : { source: options.source }),
            ...(options.zone === undefined ? {} : { zone: options.zone }),
            ...(options.columns === undefined ? {} : { columns: options.columns.split(",") }),
          },
          io,
        );
      }),
  );

program
  .command("new")
  .description("start something of your own from what you have")
  .command("pack")
  .description("draft a source pack from a file of its lines")
  .argument("<name>", "vendor-product, such as acme-gate")
  .requiredOption("--from <file>", "lines of one product, as they arrive")
  .action((name: string, { from }: { from: string }) =>
    run(() => newPackCommand({ name, from, packs: PACKS, now }, io)),
  );

program
  .command("import")
  .description("send files into a running server, or into a data directory when none runs")
  .argument("<files...>")
  .option("--source <pack>", "the pack that reads every record")
  .addOption(keyFile())
  .addOption(keyCommand())
  .addOption(data)
  .addOption(url)
  .addOption(token)
  .action((files: string[], options: ConfigFlags & { source?: string; url?: string; token?: string }) =>
    configured(options, async (config) => {
      const opened = await openImportTarget(config, { ...options, environment: process.env });
      try {
        const pack = options.source === undefined ? {} : { pack: options.source };
        return await importCommand({ files, target: opened.target, clockMs, ...pack }, io);
      } finally {
        await opened.close();
      }
    }),
  );

program
  .command("detect")
  .description("run rules over files or standard input, without a server; one finding per line")
  .argument("[files...]")
  .option("--rules <path...>", "Sigma rule files, or folders of them (with --explain, ours by default)")
  .option("--source <pack>", "the pack that reads every record")
  .option("--placeholders <file>", "a YAML map of values for rules with |expand")
  .addOption(new Option("--format <format>").choices(["raw", "sigma-json"]).default("raw"))
  .option("--explain <rule>", "say why an event did or did not match a rule, named by id, title or file")
  .option("--event <event>", "with --explain: its id, or its number from 1 on (default: the nearest)")
  .addOption(new Option("--json", "with --explain: write JSON instead of text").default(false))
  .action((before: string[], { json: isJson, ...options }: DetectFlags) =>
    run(async () => {
      if (options.rules === undefined && options.explain === undefined) {
        throw new TytoError("bad-request", "There are no rules", {
          hint: "Name files or folders with --rules.",
        });
      }
      const snapshot = await readContent([PACKS]);
      const namespaces = snapshot.packs.flatMap((pack) => pack.namespaces);
      refuseUnknownSource(options.source, snapshot);
      const own = options.explain?.match(/\.ya?ml$/i) === null ? PACKS : (options.explain ?? PACKS);
      const { rules, files } = splitPaths(options.rules ?? [own], isFolder);
      const command = { ...options, isJson, rules, files: [...before, ...files], namespaces, now };
      return detectCommand(command, createNormaliser({ snapshot }), io);
    }),
  );

interface DetectFlags {
  readonly rules?: string[];
  readonly source?: string;
  readonly placeholders?: string;
  readonly format: "raw" | "sigma-json";
  readonly explain?: string;
  readonly event?: string;
  readonly json: boolean;
}

/** @throws TytoError when no pack answers to the name: reading on would quietly do something else than what was asked. */
function refuseUnknownSource(name: string | undefined, snapshot: ContentSnapshot): void {
  if (name === undefined || packNames(snapshot).has(name)) return;
  const [pack = name] = name.split("/", 1);
  const wrong = snapshot.diagnostics.filter(
    ({ at, severity }) => severity === "error" && at.file.startsWith(`${pack}/`),
  );
  if (wrong.length > 0) {
    throw new TytoError(
      "content-invalid",
      `The pack ${pack} did not load: ${wrong.map(formatDiagnostic).join("; ")}`,
    );
  }
  throw new TytoError("bad-request", `No pack, parser or source type is called "${name}"`, {
    hint: `Packs: ${snapshot.packs.map((pack) => pack.id).join(", ")}.`,
  });
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

const rules = program.command("rules").description("check Sigma rules");
const RULE_ACTIONS: readonly (readonly [RulesOptions["action"], string])[] = [
  ["lint", "say what is wrong with rules, with place and hint"],
  ["test", "run the cases beside the rules"],
  ["report", "say per rule: runnable, needs field, unsupported, invalid, and why"],
];
for (const [action, description] of RULE_ACTIONS) {
  rules
    .command(action)
    .description(description)
    .argument("<paths...>")
    .option("--placeholders <file>", "a YAML map of values for rules with |expand")
    .addOption(json)
    .action((paths: string[], options: { json: boolean; placeholders?: string }) =>
      run(async () => {
        const { packs } = await readContent([PACKS]);
        const namespaces = packs.flatMap((pack) => pack.namespaces);
        const { json: isJson, ...others } = options;
        return rulesCommand({ ...others, action, paths, isJson, namespaces }, io);
      }),
    );
}

rules
  .command("reload")
  .description("have a running server read its packs and rules again")
  .addOption(json)
  .addOption(data)
  .addOption(url)
  .addOption(token)
  .action((options: ConfigFlags & { json: boolean; url?: string; token?: string }) =>
    configured(options, (config) =>
      reloadCommand(connect({ config, environment: process.env, ...options }), options, io),
    ),
  );

rules
  .command("backtest")
  .description("ask a running server what a rule would have raised")
  .argument("<rule>", "id of a loaded rule, or path of a rule file")
  .option("--from <time>", "RFC 3339, or relative such as -7d (the default)")
  .option("--to <time>")
  .addOption(json)
  .addOption(data)
  .addOption(url)
  .addOption(token)
  .action(
    (rule: string, options: ConfigFlags & Omit<BacktestOptions, "rule"> & { url?: string; token?: string }) =>
      configured(options, (config) =>
        backtestCommand(connect({ config, environment: process.env, ...options }), { ...options, rule }, io),
      ),
  );

program
  .command("query")
  .description("search a running server with KQL")
  .argument("<kql>")
  .option("--from <time>", "RFC 3339, or relative such as -24h (the default) or -7d")
  .option("--to <time>")
  .option("--limit <rows>", "at most this many rows", wholeNumber)
  .addOption(new Option("--format <format>").choices([...QUERY_FORMATS]).default("table"))
  .addOption(schema)
  .addOption(data)
  .addOption(url)
  .addOption(token)
  .action(
    (
      kql: string,
      options: ConfigFlags &
        Omit<Parameters<typeof queryCommand>[1], "kql"> & { url?: string; token?: string },
    ) =>
      configured(options, (config) =>
        queryCommand(connect({ config, environment: process.env, ...options }), { ...options, kql }, io),
      ),
  );

program
  .command("ledger")
  .description("the books per source: received = stored + filtered + quarantined + queued")
  .option("--hours <number>", "by hour of receipt, the last ones", wholeNumber)
  .option("--source <source>", "one source's books by hour: id or name")
  .addOption(json)
  .addOption(data)
  .addOption(url)
  .addOption(token)
  .action((options: ConfigFlags & LedgerOptions & { url?: string; token?: string }) =>
    configured(options, (config) =>
      ledgerCommand(connect({ config, environment: process.env, ...options }), options, io),
    ),
  );

const parts: ProgramParts = {
  options: { json, server: [data, url, token] },
  connected: (flags: ConfigFlags & { url?: string; token?: string }, use) =>
    configured(flags, (config) => use(connect({ config, environment: process.env, ...flags }))),
  io,
  environment: process.env,
};
addConnectionCommands(program, parts);
addAssetCommands(program, parts);
addParseAgainCommands(program, parts, wholeNumber);
addTokenCommands(program, parts, wholeNumber);
addUserCommands(program, parts, { configured, world: realWorld });
addFilterCommands(program, parts, wholeNumber);
addExportCommand(program, parts);
addCoverageCommand(program, parts, wholeNumber);
addDashboardCommands(program, parts, run);

program
  .command("alarms")
  .description("what is wrong with Tyto itself; status 1 when something is")
  .option("--canary", "send a canary event through input, pack and rule, and wait for its alert", false)
  .addOption(json)
  .addOption(data)
  .addOption(url)
  .addOption(token)
  .action((options: ConfigFlags & AlarmsOptions & { url?: string; token?: string }) =>
    parts.connected(options, (client) => alarmsCommand(client, options, io, (ms) => delay(ms))),
  );
addUpkeepCommands(program, {
  io,
  world: realWorld,
  environment: process.env,
  configured,
  options: [json, data, url, token],
});

addEncryptionCommands(program, { io, world: realWorld, environment: process.env, configured, json, data });

program
  .command("doctor")
  .description("check ports, disk, clock and data directory, and say what to fix")
  .addOption(json)
  .addOption(data)
  .addOption(keyFile())
  .addOption(keyCommand())
  .action((options: ConfigFlags & { json: boolean }) =>
    configured(options, (config) => {
      const { PATH: programPath = "" } = process.env;
      return doctorCommand(config, { ...options, programPath, nowMs: Date.now() }, io);
    }),
  );

addBenchCommand(program, parts, { wholeNumber, run });

program
  .command("demo")
  .description("write the demo's day as log files, with the answers beside them")
  .option("--seed <number>", "another seed, another day", wholeNumber, 1)
  .requiredOption("--out <dir>", "folder for the files")
  .action((options: { seed: number; out: string }) => run(() => demoCommand(options, io)));

program
  .command("docs", { hidden: true })
  .description("write the generated reference pages")
  .option("--check", "only say which are stale", false)
  .action((options: { check: boolean }) => run(() => docsCommand({ ...options, root: ROOT }, io)));

try {
  await program.parseAsync();
} catch (error) {
  // Commander has said what is wrong; help and version are no errors.
  if (!(error instanceof CommanderError)) throw error;
  status = error.exitCode === 0 ? 0 : 2;
}
process.exitCode = status;
