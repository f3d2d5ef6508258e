import { QuarantineReplay, Reparse } from "../pipeline/index.ts";
import type {
  Normaliser,
  ReparseReport,
  ReparseState,
  ReplayReport,
  ReplayState,
} from "../pipeline/index.ts";
import type { ControlStore, Engine, JobRecord } from "../storage/index.ts";
import type { Committer } from "./committer.ts";

export interface ParseTaskOptions {
  readonly control: Pick<ControlStore, "jobs" | "settings" | "checkpoint">;
  readonly engine: Pick<Engine, "events" | "parses">;
  readonly committer: Pick<Committer, "amend">;
  readonly normaliser: () => Normaliser;
}

export type ParseTask = Reparse | QuarantineReplay;
export type ParseReport = ReparseReport | ReplayReport;
export type Ending = "cancelled" | "failed";

/** What a job's record holds. */
export type Body = {
  readonly problem: string | null;
  /** It goes no further: what is left to do is to settle what was under way. */
  readonly ending?: Ending;
} & (
  | { readonly kind: "reparse"; readonly state: ReparseState }
  | { readonly kind: "replay"; readonly state: ReplayState }
);

const LAST_PARSE = "parse.last";

/** The work of one job. Each of its states is in the job's record before anything is built on it. */
export function createParseTask(
  running: { job: JobRecord; report: ParseReport },
  options: ParseTaskOptions,
): ParseTask {
  const { engine, normaliser, committer, control } = options;
  const next = (state: ReparseState | ReplayState): JobRecord => ({
    ...running.job,
    body: JSON.stringify({ ...bodyOf(running.job), state }),
  });
  const save = async (state: ReparseState | ReplayState): Promise<void> => {
    const job = next(state);
    await control.jobs.save(job);
    running.job = job;
  };
  const amend = async (
    state: ReparseState | ReplayState,
    change: Pick<Parameters<Committer["amend"]>[0], "events" | "ledger">,
  ): Promise<void> => {
    const job = next(state);
    await committer.amend({ ...change, job });
    running.job = job;
  };
  const onProgress = (report: ParseReport): void => {
    running.report = report;
  };
  const body = bodyOf(running.job);
  return body.kind === "reparse"
    ? new Reparse(body.state, {
        parses: engine.parses,
        normaliser,
        nextParse: () => nextParse(control),
        save,
        // Detection does not run on what it has seen before in another form: see 0012.
        book: (state, ledger) => amend(state, { events: [], ledger }),
        onProgress,
      })
    : new QuarantineReplay(body.state, {
        events: engine.events,
        parses: engine.parses,
        normaliser,
        save,
        book: amend,
        onProgress,
      });
}

/** The number of the newest parse. */
export async function lastParse({ settings }: Pick<ControlStore, "settings">): Promise<number> {
  return Number((await settings.get(LAST_PARSE)) ?? "0");
}

async function nextParse(control: Pick<ControlStore, "settings">): Promise<number> {
  const parse = (await lastParse(control)) + 1;
  await control.settings.set(LAST_PARSE, String(parse));
  return parse;
}

/** Whether something of it is half done. */
export function isUnsettled(job: JobRecord): boolean {
  const body = bodyOf(job);
  if (body.kind === "reparse") return body.state.step !== null;
  return body.state.batch.length > 0 || body.state.leaving.length > 0;
}

/** Written by jobs alone. */
export function bodyOf({ body }: JobRecord): Body {
  return JSON.parse(body) as Body;
}
