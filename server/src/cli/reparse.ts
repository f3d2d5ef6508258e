import type { ReparseJob } from "@tyto/domain";
import type { Client } from "./client.ts";
import { printable, writeLine } from "./io.ts";
import type { CommandIo, ExitStatus } from "./io.ts";
import { tableLines } from "./table-lines.ts";

export interface ReparseOptions {
  readonly from?: string;
  readonly to?: string;
  readonly source?: string;
  readonly pack?: string;
  readonly dryRun: boolean;
  readonly json: boolean;
}

const POLL_MS = 500;
const SAID_EVERY_MS = 5_000;
const SHOWN_FIELDS = 15;

/** `tyto reparse`: has a running server parse stored events again, and says what changed. */
export async function reparseCommand(
  client: Client,
  { from, to, source, pack, dryRun, json }: ReparseOptions,
  io: CommandIo,
): Promise<ExitStatus> {
  const body = {
    dryRun,
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(source === undefined ? {} : { source }),
    ...(pack === undefined ? {} : { pack }),
  };
  const started = (await client.post("/api/v1/reparse", body)) as ReparseJob;
  await writeLine(io.stderr, `${started.total} events to look at; it goes on when this command is stopped.`);
  const job = await watched(started, io, async ({ id }) => {
    return (await client.get(`/api/v1/reparse/${id}`)) as ReparseJob;
  });
  if (json) await writeLine(io.stdout, JSON.stringify(job));
  else for (const line of reportLines(job)) await writeLine(io.stdout, line);
  if (job.problem !== null) await writeLine(io.stderr, printable(job.problem));
  return job.state === "done" ? 0 : 1;
}

interface Watched {
  readonly id: string;
  readonly state: string;
  readonly total: number;
  readonly problem: string | null;
  readonly report: { readonly lookedAt: number };
}

/** Asks until the job has ended, and says now and then how far it is. */
export async function watched<T extends Watched>(
  started: T,
  { stderr }: CommandIo,
  ask: (job: T) => Promise<T>,
): Promise<T> {
  let job = started;
  let saidMs = performance.now();
  while (job.state === "running") {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    job = await ask(job);
    if (performance.now() - saidMs < SAID_EVERY_MS) continue;
    saidMs = performance.now();
    const problem = job.problem === null ? "" : `; waits: ${printable(job.problem)}`;
    await writeLine(stderr, `${job.report.lookedAt} of ${job.total}${problem}`);
  }
  return job;
}

function reportLines({ report, dryRun, state }: ReparseJob): readonly string[] {
  const { lookedAt, changed, recognised, unchanged, kept, packs, fields } = report;
  const would = dryRun ? "would change" : "changed";
  const changedPacks = packs.filter((pack) => pack.changed > 0);
  return [
    `${state}: ${lookedAt} events looked at, ${changed} ${would} (${recognised} newly recognised), ${unchanged} unchanged, ${kept} kept because today's packs would say less`,
    ...(changedPacks.length === 0
      ? []
      : [
          "",
          ...tableLines(
            ["pack", "looked at", would, "newly recognised"],
            changedPacks.map((pack) => [
              printable(pack.pack),
              ...[pack.lookedAt, pack.changed, pack.recognised].map(String),
            ]),
            [1, 2, 3],
          ),
        ]),
    ...(fields.length === 0
      ? []
      : [
          "",
          ...tableLines(
            ["field", `events in which it ${would}`],
            fields.slice(0, SHOWN_FIELDS).map(({ field, events }) => [printable(field), String(events)]),
            [1],
          ),
        ]),
  ];
}
