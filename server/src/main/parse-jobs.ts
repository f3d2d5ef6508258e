import { TytoError } from "@tyto/domain";
import type { Micros } from "@tyto/domain";
import type { ParseJob, ParseJobsPort } from "../api/index.ts";
import { EMPTY_REPLAY, EMPTY_REPORT, QuarantineReplay, Reparse } from "../pipeline/index.ts";
import type {
  Normaliser,
  ReparseQuestion,
  ReparseReport,
  ReparseState,
  ReplayReport,
  ReplayState,
} from "../pipeline/index.ts";
import type { ControlStore, Engine, JobRecord, JobState, QuarantineChoice } from "../storage/index.ts";
import type { Committer } from "./committer.ts";

export interface ParseJobsOptions {
  readonly control: Pick<ControlStore, "jobs" | "settings" | "checkpoint">;
  readonly engine: Pick<Engine, "events" | "parses">;
  readonly committer: Pick<Committer, "amend">;
  readonly normaliser: () => Normaliser;
  readonly now: () => Micros;
  readonly randomBytes: (size: number) => Uint8Array;
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  readonly onProblem: (error: unknown) => void;
}

type Task = Reparse | QuarantineReplay;
type Body = { readonly problem: string | null } & (
  | { readonly kind: "reparse"; readonly state: ReparseState }
  | { readonly kind: "replay"; readonly state: ReplayState }
);

interface Running {
  job: JobRecord;
  report: ReparseReport | ReplayReport;
  problem: string | null;
  readonly stop: AbortController;
  isCancelled: boolean;
  finished: Promise<void>;
}

const LAST_PARSE = "parse.last";
const RETRY_MS = [250, 1_000, 2_000, 5_000, 10_000] as const;
const KEPT_IN_LIST = 50;

/**
 * Reparses and replays: one at a time, in the background, and on after a restart from where they were. When engine or store fail they
 * wait and try again.
 */
export class ParseJobs implements ParseJobsPort {
  readonly #options: ParseJobsOptions;
  #running: Running | undefined;
  #isStarting = false;

  private constructor(options: ParseJobsOptions) {
    this.#options = options;
  }

  /** Goes on with what the last run left. Readers must not come before: until then they could see two forms of an event. */
  static async open(options: ParseJobsOptions): Promise<ParseJobs> {
    const jobs = new ParseJobs(options);
    const [job] = await options.control.jobs.running("reparse", "replay");
    if (job === undefined) return jobs;
    const running = newRunning(job);
    const task = jobs.#taskOf(running);
    await task.settle();
    jobs.#launch(running, task);
    return jobs;
  }

  async reparse(question: ReparseQuestion, by: string): Promise<ParseJob> {
    const { control, engine } = this.#options;
    return this.#start("reparse", by, async () => {
      const { from, to, sources, pack } = question;
      const firstParse = (await this.#lastParse()) + 1;
      const scope = {
        from,
        to,
        upTo: await control.checkpoint(),
        below: firstParse,
        ...(sources === undefined ? {} : { sources }),
        ...(pack === undefined ? {} : { pack }),
      };
      const total = await engine.parses.count(scope);
      const state = { question, upTo: scope.upTo, firstParse, total, after: null, step: null };
      return { kind: "reparse", problem: null, state: { ...state, report: EMPTY_REPORT } };
    });
  }

  async replay(choice: QuarantineChoice, by: string): Promise<ParseJob> {
    return this.#start("replay", by, async () => {
      const counts = await this.#options.engine.events.countQuarantined(choice);
      const total = counts.reduce((sum, { count }) => sum + count, 0);
      const state = { choice, total, before: null, batch: [], leaving: [], report: EMPTY_REPLAY };
      return { kind: "replay", problem: null, state };
    });
  }

  async byId(kind: ParseJob["kind"], id: string): Promise<ParseJob | undefined> {
    const job = await this.#options.control.jobs.byId(id);
    return job?.kind === kind ? this.#view(job) : undefined;
  }

  async list(kind: ParseJob["kind"]): Promise<readonly ParseJob[]> {
    const jobs = await this.#options.control.jobs.list(kind, KEPT_IN_LIST);
    return jobs.map((job) => this.#view(job));
  }

  async cancel(kind: ParseJob["kind"], id: string): Promise<boolean> {
    const running = this.#running;
    if (running?.job.id !== id || running.job.kind !== kind) return false;
    running.isCancelled = true;
    running.stop.abort();
    await running.finished;
    return true;
  }

  /** What runs now goes on at the next start. */
  async stop(): Promise<void> {
    const running = this.#running;
    running?.stop.abort();
    await running?.finished;
  }

  async #start(kind: ParseJob["kind"], by: string, plan: () => Promise<Body>): Promise<ParseJob> {
    if (this.#running !== undefined || this.#isStarting) {
      throw new TytoError("conflict", "Records are being parsed again already", {
        hint: "Wait for it to end, or cancel it.",
      });
    }
    this.#isStarting = true;
    try {
      const body = await plan();
      const id = Buffer.from(this.#options.randomBytes(8)).toString("hex");
      const job: JobRecord = {
        id,
        kind,
        state: "running",
        createdAt: this.#options.now(),
        createdBy: by,
        body: JSON.stringify(body),
      };
      await this.#options.control.jobs.save(job);
      const running = newRunning(job);
      this.#launch(running, this.#taskOf(running));
      return this.#view(job);
    } finally {
      this.#isStarting = false;
    }
  }

  #launch(running: Running, task: Task): void {
    this.#running = running;
    running.finished = this.#work(running, task).finally(() => {
      this.#running = undefined;
    });
  }

  async #work(running: Running, task: Task): Promise<void> {
    const { signal } = running.stop;
    const isDone = await this.#retried(running, () => task.run(signal));
    if (isDone === true) return this.#end(running, "done");
    if (isDone === undefined && !signal.aborted) return this.#end(running, "failed");
    if (running.isCancelled) {
      // What was under way when it failed is undone; without its store nothing can be, and the next start does it.
      const isSettled = await task.settle().then(
        () => true,
        () => false,
      );
      if (isSettled) await this.#end(running, "cancelled");
    }
  }

  async #end(running: Running, state: JobState): Promise<void> {
    const body = { ...bodyOf(running.job), problem: running.problem };
    running.job = { ...running.job, state, body: JSON.stringify(body) };
    await this.#options.control.jobs.save(running.job).catch(this.#options.onProblem);
  }

  /** @returns `undefined` when it was stopped meanwhile, or failed in a way that waiting does not mend. */
  async #retried<T>(running: Running, work: () => Promise<T>): Promise<T | undefined> {
    for (let attempt = 0; ; attempt++) {
      try {
        const result = await work();
        running.problem = null;
        return result;
      } catch (error) {
        running.problem = error instanceof Error ? error.message : String(error);
        this.#options.onProblem(error);
        if (!(error instanceof TytoError) || running.stop.signal.aborted) return undefined;
        await this.#options.sleep(RETRY_MS[attempt] ?? 10_000, running.stop.signal);
        if (running.stop.signal.aborted) return undefined;
      }
    }
  }

  #taskOf(running: Running): Task {
    const { engine, normaliser, committer, control } = this.#options;
    const body = bodyOf(running.job);
    const next = (state: ReparseState | ReplayState): JobRecord => ({
      ...running.job,
      body: JSON.stringify({ ...body, state }),
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
    const onProgress = (report: ReparseReport | ReplayReport): void => {
      running.report = report;
    };
    return body.kind === "reparse"
      ? new Reparse(body.state, {
          parses: engine.parses,
          normaliser,
          nextParse: () => this.#nextParse(),
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

  async #lastParse(): Promise<number> {
    return Number((await this.#options.control.settings.get(LAST_PARSE)) ?? "0");
  }

  async #nextParse(): Promise<number> {
    const parse = (await this.#lastParse()) + 1;
    await this.#options.control.settings.set(LAST_PARSE, String(parse));
    return parse;
  }

  #view(job: JobRecord): ParseJob {
    const running = this.#running?.job.id === job.id ? this.#running : undefined;
    const { id, createdAt, createdBy } = job;
    // Until it has really ended no other can begin.
    const state = running === undefined ? job.state : "running";
    const body = bodyOf(job);
    const problem = running === undefined ? body.problem : running.problem;
    const shown = { id, state, createdAt, createdBy, total: body.state.total, problem };
    if (body.kind === "replay") {
      const report = running !== undefined && "stored" in running.report ? running.report : body.state.report;
      return { kind: "replay", ...shown, report };
    }
    const report = running !== undefined && "packs" in running.report ? running.report : body.state.report;
    return { kind: "reparse", ...shown, question: body.state.question, report };
  }
}

function newRunning(job: JobRecord): Running {
  return {
    job,
    report: bodyOf(job).state.report,
    problem: null,
    stop: new AbortController(),
    isCancelled: false,
    finished: Promise.resolve(),
  };
}

/** Written by this file alone. */
function bodyOf({ body }: JobRecord): Body {
  return JSON.parse(body) as Body;
}
