import { Worker } from "node:worker_threads";
import { micros, TytoError, type Micros } from "@tyto/domain";
import { queryDiagnostic } from "../refusal.ts";
import type { QueryParameter } from "../query-parameters.ts";
import type { EditorAnswer, EditorQuestion } from "./editor.ts";
import type { KqlParser, ParsedKql } from "./kql-parser.ts";
import type { WorkerReply, WorkerRequest } from "./worker-protocol.ts";

export interface WorkerParserOptions {
  /** The bundle of `worker.ts`. */
  readonly workerPath: string;
  /** A query that takes longer is given up, and the worker with it. Default 3 s; loading the library does not count. */
  readonly queryTimeoutMs?: number;
  /** A worker without work is ended, to give back its 120 MB. Default 60 s. */
  readonly idleMs?: number;
  /** Loading takes up to 3 s on a slow machine. Default 30 s. */
  readonly startTimeoutMs?: number;
}

interface Job {
  readonly request: WorkerRequest;
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: TytoError) => void;
}

type Reply = Exclude<WorkerReply, { readonly kind: "ready" | "failed" }>;

type State =
  | { readonly kind: "off" }
  | { readonly kind: "starting"; readonly worker: Worker }
  | { readonly kind: "idle"; readonly worker: Worker }
  | { readonly kind: "busy"; readonly worker: Worker; readonly job: Job };

/**
 * Kusto's parser in a thread of its own: started by the first query, one query at a time, ended when it takes too long or has
 * nothing to do. What is queued behind a query that is given up runs in the next worker.
 */
export class WorkerKqlParser implements KqlParser {
  readonly #options: Required<WorkerParserOptions>;
  readonly #queue: Job[] = [];
  #state: State = { kind: "off" };
  #timer: NodeJS.Timeout | undefined;
  #nextId = 1;
  #isClosed = false;

  constructor(options: WorkerParserOptions) {
    this.#options = { queryTimeoutMs: 3_000, idleMs: 60_000, startTimeoutMs: 30_000, ...options };
  }

  /** Whether a thread (and its memory) exists now. */
  get isRunning(): boolean {
    return this.#state.kind !== "off";
  }

  async parse(text: string, now: Micros, parameters: readonly QueryParameter[] = []): Promise<ParsedKql> {
    const reply = await this.#send({ text, now, parameters });
    if (reply.kind === "parsed") return reply.result;
    throw new TytoError("internal", "the KQL parser gave another answer");
  }

  async ask(question: EditorQuestion): Promise<EditorAnswer> {
    const reply = await this.#send({ text: question.text, now: micros(0), question });
    if (reply.kind === "answered") return reply.answer;
    // Too hard a text: an editor goes on without help.
    return {
      completions: [],
      span: { start: 0, end: 0 },
      text: question.kind === "format" ? question.text : "",
    };
  }

  #send(request: Omit<WorkerRequest, "id">): Promise<Reply> {
    if (this.#isClosed) return Promise.reject(new TytoError("internal", "the KQL parser is closed"));
    return new Promise((resolve, reject) => {
      this.#queue.push({ request: { id: this.#nextId++, ...request }, resolve, reject });
      this.#advance();
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const error = new TytoError("internal", "the KQL parser was closed");
    if (this.#state.kind === "busy") this.#state.job.reject(error);
    for (const job of this.#queue.splice(0)) job.reject(error);
    await this.#end();
  }

  #advance(): void {
    const { kind } = this.#state;
    if (kind === "off" && this.#queue.length > 0) this.#start();
    if (this.#state.kind !== "idle") return;
    const { worker } = this.#state;
    const job = this.#queue.shift();
    if (job === undefined) {
      this.#after(this.#options.idleMs, () => void this.#end());
      // An idle parser keeps nobody alive.
      this.#timer?.unref();
      return;
    }
    this.#state = { kind: "busy", worker, job };
    this.#after(this.#options.queryTimeoutMs, () => this.#giveUp(job));
    worker.postMessage(job.request);
  }

  #start(): void {
    const worker = new Worker(this.#options.workerPath, {
      name: "kql",
      resourceLimits: { maxOldGenerationSizeMb: 512 },
    });
    this.#state = { kind: "starting", worker };
    this.#after(this.#options.startTimeoutMs, () => this.#fail(worker, "it did not start in time"));
    worker.on("message", (reply: WorkerReply) => this.#receive(worker, reply));
    worker.on("error", (error: Error) => this.#fail(worker, error.message.slice(0, 300)));
    worker.on("exit", () => this.#fail(worker, "its thread ended"));
    worker.unref();
  }

  #receive(worker: Worker, reply: WorkerReply): void {
    if (this.#state.kind === "off" || this.#state.worker !== worker) return;
    const state = this.#state;
    this.#state = { kind: "idle", worker };
    if (state.kind === "busy" && reply.kind !== "ready") {
      if (reply.kind !== "failed") state.job.resolve(reply);
      else state.job.reject(new TytoError("internal", `the KQL parser failed: ${reply.message}`));
    }
    this.#advance();
  }

  #giveUp(job: Job): void {
    const { text } = job.request;
    const seconds = this.#options.queryTimeoutMs / 1_000;
    const message = `The query is too complex: it was not understood within ${seconds} s`;
    const span = { start: 0, end: text.length };
    const diagnostics = [queryDiagnostic(text, span, "query-too-complex", message, "make it shorter")];
    void this.#end();
    job.resolve({ kind: "parsed", id: job.request.id, result: { ok: false, diagnostics } });
    this.#advance();
  }

  /** The world's fault, not the query's. Nothing is retried: a text that kills the thread would kill the next one. */
  #fail(worker: Worker, reason: string): void {
    if (this.#state.kind === "off" || this.#state.worker !== worker) return;
    const state = this.#state;
    const error = new TytoError("internal", `the KQL parser stopped: ${reason}`);
    const failed =
      state.kind === "busy" ? [state.job] : state.kind === "starting" ? this.#queue.splice(0) : [];
    void this.#end();
    for (const job of failed) job.reject(error);
    this.#advance();
  }

  async #end(): Promise<void> {
    clearTimeout(this.#timer);
    if (this.#state.kind === "off") return;
    const { worker } = this.#state;
    this.#state = { kind: "off" };
    await worker.terminate();
  }

  #after(delayMs: number, action: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(action, delayMs);
  }
}
