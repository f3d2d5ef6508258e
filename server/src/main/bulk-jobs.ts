import { TytoError } from "@tyto/domain";
import type { Alert, AlertAction, AlertId, Micros } from "@tyto/domain";
import type { BulkJobsPort, BulkJobView } from "../api/index.ts";
import type { BulkItem, ControlStore, JobRecord } from "../storage/index.ts";
import { lastStep, undoing } from "../triage/index.ts";
import type { AlertBook } from "../triage/index.ts";

/** Alerts between two marks of progress. */
const PAGE = 50;

interface Body {
  readonly action: AlertAction;
  readonly isUndoing: boolean;
  readonly problem: string | null;
}

export interface BulkJobsOptions {
  readonly control: Pick<ControlStore, "jobs" | "bulk" | "alerts">;
  readonly book: Pick<AlertBook, "act">;
  readonly now: () => Micros;
  readonly randomBytes: (size: number) => Uint8Array;
}

/** One action on many alerts, in the background: step by step as by hand, on after a restart, and back again. */
export class BulkJobs implements BulkJobsPort {
  readonly #options: BulkJobsOptions;
  readonly #running = new Map<string, { readonly stop: AbortController; readonly ended: Promise<void> }>();
  #isStopped = false;

  private constructor(options: BulkJobsOptions) {
    this.#options = options;
  }

  static async open(options: BulkJobsOptions): Promise<BulkJobs> {
    const jobs = new BulkJobs(options);
    for (const job of await options.control.jobs.running("bulk")) jobs.#launch(job);
    return jobs;
  }

  async start(alerts: readonly AlertId[], action: AlertAction, by: string): Promise<BulkJobView> {
    const { control, now, randomBytes } = this.#options;
    const body: Body = { action, isUndoing: false, problem: null };
    const job: JobRecord = {
      id: Buffer.from(randomBytes(8)).toString("hex"),
      kind: "bulk",
      state: "running",
      createdAt: now(),
      createdBy: by,
      body: JSON.stringify(body),
    };
    await control.bulk.create(job, alerts);
    this.#launch(job);
    return this.#view(job);
  }

  async byId(id: string): Promise<BulkJobView | undefined> {
    const job = await this.#options.control.jobs.byId(id);
    return job?.kind === "bulk" ? this.#view(job) : undefined;
  }

  /** What was done so far stays, and can be undone. */
  async cancel(id: string): Promise<boolean> {
    const running = this.#running.get(id);
    if (running === undefined) return false;
    running.stop.abort();
    await running.ended;
    return true;
  }

  async undo(id: string): Promise<BulkJobView> {
    const { control } = this.#options;
    const job = await control.jobs.byId(id);
    if (job?.kind !== "bulk") throw new TytoError("not-found", "There is no such job");
    if (this.#running.has(id))
      throw new TytoError("conflict", "The job still runs", { hint: "Cancel it first." });
    const undo: JobRecord = {
      ...job,
      state: "running",
      body: JSON.stringify({ ...bodyOf(job), isUndoing: true }),
    };
    await control.jobs.save(undo);
    this.#launch(undo);
    return this.#view(undo);
  }

  /** What runs now goes on at the next start. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    const all = [...this.#running.values()];
    for (const { stop } of all) stop.abort();
    await Promise.all(all.map(({ ended }) => ended));
  }

  #launch(job: JobRecord): void {
    const stop = new AbortController();
    const ended = this.#run(job, stop.signal).finally(() => this.#running.delete(job.id));
    this.#running.set(job.id, { stop, ended });
  }

  async #run(job: JobRecord, signal: AbortSignal): Promise<void> {
    const { control } = this.#options;
    const body = bodyOf(job);
    const from = body.isUndoing ? "done" : "waiting";
    try {
      for (;;) {
        const items = signal.aborted ? [] : await control.bulk.items(job.id, from, PAGE);
        if (items.length === 0) break;
        for (const item of items) {
          if (signal.aborted) break;
          await control.bulk.mark(job.id, [await this.#step(item, body, job.createdBy)]);
        }
      }
      if (this.#isStopped) return;
      await control.jobs.save({ ...job, state: signal.aborted ? "cancelled" : "done" });
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      await control.jobs
        .save({ ...job, state: "failed", body: JSON.stringify({ ...body, problem }) })
        .catch(() => undefined);
    }
  }

  async #step(item: BulkItem, { action, isUndoing }: Body, actor: string): Promise<BulkItem> {
    const { book, control } = this.#options;
    const alert = await control.alerts.byId(item.alertId);
    if (alert === undefined) return { ...item, state: isUndoing ? "kept" : "refused" };
    try {
      if (!isUndoing) {
        const { status, assignee, userTags } = alert;
        const after = await book.act({ id: alert.id, action, actor });
        return { ...item, state: "done", before: { status, assignee, userTags }, step: lastStep(after) };
      }
      if (item.before === null || changedSince(alert, item.step ?? 0)) return { ...item, state: "kept" };
      for (const step of undoing(item.before, action)) await book.act({ id: alert.id, action: step, actor });
      return { ...item, state: "undone" };
    } catch (error) {
      if (error instanceof TytoError && error.status < 500) {
        return { ...item, state: isUndoing ? "kept" : "refused" };
      }
      throw error;
    }
  }

  async #view(job: JobRecord): Promise<BulkJobView> {
    const counts = await this.#options.control.bulk.counts(job.id);
    const { action, isUndoing, problem } = bodyOf(job);
    const { id, state, createdAt, createdBy } = job;
    const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
    return { id, state, createdAt, createdBy, action: action.kind, isUndoing, problem, total, ...counts };
  }
}

/** Growth by detection is nobody's change. */
function changedSince(alert: Alert, step: number): boolean {
  return alert.transitions.some((one) => one.step > step && one.actor !== "detection");
}

/** Written by `start` and `undo` alone. */
const bodyOf = (job: JobRecord): Body => JSON.parse(job.body) as Body;
