import { TytoError } from "@tyto/domain";
import type { Micros } from "@tyto/domain";
import type { ParseJob, ParseJobsPort } from "../api/index.ts";
import { EMPTY_REPLAY, EMPTY_REPORT } from "../pipeline/index.ts";
import type { ReparseQuestion } from "../pipeline/index.ts";
import type { JobRecord, JobState, QuarantineChoice } from "../storage/index.ts";
import { bodyOf, createParseTask, isUnsettled, lastParse } from "./parse-task.ts";
import type { Body, Ending, ParseReport, ParseTask, ParseTaskOptions } from "./parse-task.ts";

export interface ParseJobsOptions extends ParseTaskOptions {
  readonly now: () => Micros;
  readonly randomBytes: (size: number) => Uint8Array;
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  readonly onProblem: (error: unknown) => void;
}

interface Running {
  job: JobRecord;
  report: ParseReport;
  problem: string | null;
  /** Ends the work: it was cancelled, or the server stops. */
  readonly stop: AbortController;
  /** Ends also the attempts to bring a step to its end: the next start goes on with them. */
  readonly leave: AbortController;
  isCancelled: boolean;
  /** Resolves with the first attempt to settle what was under way, whatever came of it. */
  onTried: () => void;
  readonly tried: Promise<void>;
  finished: Promise<void>;
}

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
    const left = job ?? (await jobs.#leftUnsettled());
    if (left === undefined) return jobs;
    const running = newRunning(left);
    const task = createParseTask(running, options);
    // What cannot be settled now is only hidden, and settled in the background: a start must not depend on it.
    await task.settle().catch(async (error: unknown) => {
      options.onProblem(error);
      await task.shield();
    });
    jobs.#launch(running, task);
    return jobs;
  }

  /** A version before this one may have called a job ended whose step was not. */
  async #leftUnsettled(): Promise<JobRecord | undefined> {
    const { jobs } = this.#options.control;
    const all = [...(await jobs.list("reparse", KEPT_IN_LIST)), ...(await jobs.list("replay", KEPT_IN_LIST))];
    return all.find(isUnsettled);
  }

  async reparse(question: ReparseQuestion, by: string): Promise<ParseJob> {
    const { control, engine } = this.#options;
    return this.#start("reparse", by, async () => {
      const { from, to, sources, pack } = question;
      const firstParse = (await lastParse(control)) + 1;
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
    // Not for longer: without its store a step cannot be undone, and nobody waits for that.
    await Promise.race([running.finished, running.tried]);
    return true;
  }

  /** What runs now goes on at the next start. */
  async stop(): Promise<void> {
    const running = this.#running;
    running?.stop.abort();
    running?.leave.abort();
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
      this.#launch(running, createParseTask(running, this.#options));
      return this.#view(job);
    } finally {
      this.#isStarting = false;
    }
  }

  #launch(running: Running, task: ParseTask): void {
    this.#running = running;
    running.finished = this.#work(running, task).finally(() => {
      this.#running = undefined;
    });
  }

  async #work(running: Running, task: ParseTask): Promise<void> {
    const ending = endingOf(running.job) ?? (await this.#run(running, task));
    if (ending === undefined) return;
    if (ending === "done") return this.#persist(running, () => this.#save(running, "done"));
    await this.#persist(running, () => this.#settle(running, ending).finally(running.onTried));
  }

  /** From what is durable, which after a failure may be more than what was heard of. */
  async #settle(running: Running, ending: Ending): Promise<void> {
    running.job = (await this.#options.control.jobs.byId(running.job.id)) ?? running.job;
    // Said first: a start that finds it settles the step and does not begin anew.
    if (running.job.state === "running") await this.#save(running, "running", ending);
    await createParseTask(running, this.#options).settle();
    await this.#save(running, ending);
  }

  /** @returns `undefined` when the server stops: the next start goes on. */
  async #run(running: Running, task: ParseTask): Promise<"done" | Ending | undefined> {
    const { stop, leave } = running;
    for (let attempt = 0; ; attempt++) {
      try {
        const isDone = await task.run(stop.signal);
        running.problem = null;
        if (isDone) return "done";
      } catch (error) {
        this.#note(running, error);
        // Waiting does not mend a bug.
        if (!(error instanceof TytoError)) return running.isCancelled ? "cancelled" : "failed";
        await this.#options.sleep(RETRY_MS[attempt] ?? 10_000, stop.signal);
      }
      if (running.isCancelled) return "cancelled";
      if (leave.signal.aborted) return undefined;
    }
  }

  /**
   * Until it is done or the server stops. A job holds its place until its step is settled: another one would show readers what this one
   * hides from them.
   */
  async #persist(running: Running, work: () => Promise<void>): Promise<void> {
    const { signal } = running.leave;
    for (let attempt = 0; !signal.aborted; attempt++) {
      try {
        return await work();
      } catch (error) {
        this.#note(running, error);
        await this.#options.sleep(RETRY_MS[attempt] ?? 10_000, signal);
      }
    }
  }

  #note(running: Running, error: unknown): void {
    running.problem = error instanceof Error ? error.message : String(error);
    this.#options.onProblem(error);
  }

  async #save(running: Running, state: JobState, ending?: Ending): Promise<void> {
    const { problem } = running;
    const body: Body = { ...bodyOf(running.job), problem, ...(ending === undefined ? {} : { ending }) };
    const job = { ...running.job, state, body: JSON.stringify(body) };
    await this.#options.control.jobs.save(job);
    running.job = job;
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
  const { state, problem } = bodyOf(job);
  let onTried = (): void => undefined;
  const tried = new Promise<void>((resolve) => (onTried = resolve));
  return {
    job,
    report: state.report,
    problem,
    stop: new AbortController(),
    leave: new AbortController(),
    isCancelled: false,
    onTried,
    tried,
    finished: Promise.resolve(),
  };
}

/** How a job ends whose step still has to be settled. */
function endingOf(job: JobRecord): Ending | undefined {
  if (job.state === "failed" || job.state === "cancelled") return job.state;
  return bodyOf(job).ending;
}
