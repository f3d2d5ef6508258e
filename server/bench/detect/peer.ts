import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** A folder of its own for what the peer reads. */
export interface PeerWorkplace {
  readonly program: string;
  /** Folder of rule files. */
  readonly rules: string;
  readonly folder: string;
  /** Put before the command, to keep it on one core. */
  readonly pin: readonly string[];
}

export interface PeerRun {
  /** User and system time, all threads. */
  readonly cpuSeconds: number;
  readonly stdout: string;
}

const NO_RULE = `title: Nothing
id: 11111111-1111-4111-8111-111111111199
logsource: {product: nothing}
detection: {sel: {nothing: nothing}, condition: sel}
level: low
`;

/** Runs rsigma over a file of events, index and logsource routing on. Without rules it holds one that nothing meets. */
export function runPeer(
  { program, rules, folder, pin }: PeerWorkplace,
  events: string,
  options: { readonly hasRules: boolean; readonly showsEvents: boolean },
): PeerRun {
  const none = join(folder, "none.yml");
  writeFileSync(none, NO_RULE);
  const command = [
    ...pin,
    program,
    ...["engine", "eval", "-r", options.hasRules ? rules : none, "-e", `@${events}`, "--no-stats"],
    "--logsource-routing",
    ...[
      "--logsource-field-map",
      "product=logsource.product,service=logsource.service,category=logsource.category",
    ],
    ...(options.showsEvents ? ["--include-event"] : []),
  ];
  // The shell's own account of a child's time is the same for every program.
  const quoted = command.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
  const run = spawnSync("bash", ["-c", `TIMEFORMAT='cpu %U %S'; time ${quoted}`], {
    encoding: "utf8",
    maxBuffer: 2 ** 30,
  });
  const times = /cpu ([\d.]+) ([\d.]+)\s*$/.exec(run.stderr);
  if (run.status !== 0 || times === null) throw new Error(`rsigma failed: ${run.stderr.slice(-2_000)}`);
  return { cpuSeconds: Number(times[1]) + Number(times[2]), stdout: run.stdout };
}
