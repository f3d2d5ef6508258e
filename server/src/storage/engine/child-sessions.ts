import { Session } from "chdb";
import type { Lane } from "./child-protocol.ts";
import {
  escapeParameter,
  insertStatement,
  literalInsert,
  parameterNames,
  setParameters,
  settingsClause,
} from "./statement.ts";
import type { InsertStatement } from "./statement.ts";

/** A statement as it came over HTTP, already found to be a single one. */
export interface EngineCall {
  readonly sql: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly settings: ReadonlyMap<string, string>;
  /** Rows of an insert; empty otherwise. */
  readonly body: Buffer;
  /** By what KILL QUERY finds it. The library gives each statement an id of its own, so ours travels as `log_comment`. */
  readonly killName?: string;
}

export interface EngineAnswer {
  readonly bytes: Uint8Array;
  readonly rowsRead: number;
  readonly bytesRead: number;
  readonly rowsWritten: number;
  readonly elapsedSeconds: number;
}

/** A statement that the caller got wrong, in the engine's numbering of errors. */
export class CallError extends Error {
  readonly engineCode: number;

  constructor(engineCode: number, message: string) {
    super(message);
    this.name = "CallError";
    this.engineCode = engineCode;
  }
}

const BAD_ARGUMENTS = 36;
const UNKNOWN_QUERY_PARAMETER = 456;
const QUERY_WAS_CANCELLED = 394;

const KILL_INTERVAL_MS = 100;

/**
 * Readers may set limits of their own and change nothing else. A rule may list thousands of hashes: its parameters alone are longer
 * than the 256 KB that the engine reads of a statement.
 */
const READER_SETTINGS = "SET max_query_size = 4194304, readonly = 2";

/** Bodies that the engine gets as a literal, in four thirds of their size. */
const MAX_LITERAL_BYTES = 64 * 1024 * 1024;
const WRITER_SETTINGS = "SET max_query_size = 100663296";

/**
 * One session at a time, one statement at a time. A session whose statement failed is replaced: chDB keeps what the failed one
 * had already written and puts it in front of the next result.
 */
class SessionLane {
  readonly #open: () => Promise<Session>;
  #session: Session;
  #tail: Promise<unknown> = Promise.resolve();
  waiting = 0;

  private constructor(open: () => Promise<Session>, session: Session) {
    this.#open = open;
    this.#session = session;
  }

  static async start(open: () => Promise<Session>): Promise<SessionLane> {
    return new SessionLane(open, await open());
  }

  /** Runs after everything asked of this lane before. */
  run(call: EngineCall, caller: AbortSignal): Promise<EngineAnswer> {
    this.waiting++;
    const answer = this.#tail.then(async () => {
      try {
        if (caller.aborted) throw new CallError(QUERY_WAS_CANCELLED, "nobody waits for the answer any more");
        return await this.#execute(call);
      } catch (error) {
        if (!(error instanceof CallError)) await this.#replace();
        throw error;
      } finally {
        this.waiting--;
      }
    });
    this.#tail = answer.catch(() => undefined);
    return answer;
  }

  async #replace(): Promise<void> {
    const spoilt = this.#session;
    // Opened first: the engine ends with its last session.
    this.#session = await this.#open();
    spoilt.close();
  }

  async #execute(call: EngineCall): Promise<EngineAnswer> {
    const insert = insertStatement(call.sql);
    if (insert !== undefined) return this.#insert(insert, call);
    const name = call.killName;
    const clause = settingsClause(
      name === undefined ? call.settings : new Map([...call.settings, ["log_comment", name]]),
    );
    if (clause === undefined) throw new CallError(BAD_ARGUMENTS, "a setting's name is malformed");
    await this.#bind(call);
    const result = await this.#session.queryAsync(call.sql + clause, { format: "JSONCompact" });
    return {
      bytes: result.bytes(),
      rowsRead: result.rowsRead,
      bytesRead: result.bytesRead,
      rowsWritten: 0,
      elapsedSeconds: result.elapsed,
    };
  }

  async #insert(insert: InsertStatement, call: EngineCall): Promise<EngineAnswer> {
    const { table, columns, format } = insert;
    if (format === "Parquet") return this.#insertLiteral(insert, call);
    const summary = await this.#session.insert({
      table,
      format,
      ...(columns.length === 0 ? {} : { columns }),
      values: call.body,
      settings: Object.fromEntries(call.settings),
    });
    return {
      bytes: new Uint8Array(0),
      rowsRead: summary.rowsSent ?? 0,
      bytesRead: summary.bytesSent,
      rowsWritten: summary.rowsWritten,
      elapsedSeconds: summary.elapsed,
    };
  }

  async #insertLiteral(insert: InsertStatement, call: EngineCall): Promise<EngineAnswer> {
    if (call.body.length > MAX_LITERAL_BYTES)
      throw new CallError(BAD_ARGUMENTS, `${insert.format} has at most ${MAX_LITERAL_BYTES} bytes`);
    const { rowsRead, bytesRead, elapsed } = await this.#session.queryAsync(literalInsert(insert, call.body));
    return { bytes: new Uint8Array(0), rowsRead, bytesRead, rowsWritten: rowsRead, elapsedSeconds: elapsed };
  }

  /** A query that lacks a parameter must fail, not read what an earlier one left in the session. */
  async #bind(call: EngineCall): Promise<void> {
    const missing = parameterNames(call.sql).find((name) => !call.parameters.has(name));
    if (missing !== undefined)
      throw new CallError(UNKNOWN_QUERY_PARAMETER, `parameter ${missing} is not set`);
    if (call.parameters.size === 0) return;
    const statement = setParameters(call.parameters);
    if (statement === undefined) throw new CallError(BAD_ARGUMENTS, "a parameter's name is malformed");
    await this.#session.queryAsync(statement);
  }

  close(): void {
    this.#session.close();
  }
}

export interface SessionsOptions {
  readonly directory: string;
  readonly configPath: string;
  readonly readers: number;
}

function openSession({ directory, configPath }: SessionsOptions): Session {
  return new Session(directory, { connectionArgs: [`--config-file=${configPath}`] });
}

/** The engine's sessions: one that writes, some that read, one for health checks and KILL. */
export class EngineSessions {
  readonly #lanes: Readonly<Record<Lane, readonly SessionLane[]>>;

  private constructor(lanes: Readonly<Record<Lane, readonly SessionLane[]>>) {
    this.#lanes = lanes;
  }

  static async open(options: SessionsOptions): Promise<EngineSessions> {
    const open = (): Promise<Session> => Promise.resolve(openSession(options));
    const openReader = async (): Promise<Session> => {
      const session = openSession(options);
      await session.queryAsync(READER_SETTINGS);
      return session;
    };
    const openWriter = async (): Promise<Session> => {
      const session = openSession(options);
      await session.queryAsync(WRITER_SETTINGS);
      return session;
    };
    const write = [await SessionLane.start(openWriter)];
    const read: SessionLane[] = [];
    for (let index = 0; index < options.readers; index++) read.push(await SessionLane.start(openReader));
    return new EngineSessions({ write, read, probe: [await SessionLane.start(open)] });
  }

  /** @param caller aborts when nobody waits any more: what has not begun never does, and a query under way is killed. */
  async run(lane: Lane, call: EngineCall, caller: AbortSignal): Promise<EngineAnswer> {
    const lanes = this.#lanes[lane];
    const chosen = lanes.reduce((best, one) => (one.waiting < best.waiting ? one : best));
    const answer = chosen.run(call, caller);
    const { killName } = call;
    if (killName === undefined || lane === "probe") return answer;
    const onAbort = (): void => void this.#kill(killName, answer);
    caller.addEventListener("abort", onAbort, { once: true });
    try {
      return await answer;
    } finally {
      caller.removeEventListener("abort", onAbort);
    }
  }

  /** Until the statement has ended: KILL does not find one that the engine is only about to begin. */
  async #kill(name: string, answer: Promise<EngineAnswer>): Promise<void> {
    let isDone = false;
    const done = answer
      .catch(() => undefined)
      .then(() => {
        isDone = true;
      });
    const call: EngineCall = {
      sql: "KILL QUERY WHERE Settings['log_comment'] = {p0:String} ASYNC",
      parameters: new Map([["p0", escapeParameter(name)]]),
      settings: new Map(),
      body: Buffer.alloc(0),
    };
    const never = new AbortController().signal;
    while (!isDone) {
      await this.run("probe", call, never).catch(() => undefined);
      await Promise.race([done, new Promise((resolve) => setTimeout(resolve, KILL_INTERVAL_MS))]);
    }
  }

  close(): void {
    for (const lanes of Object.values(this.#lanes)) for (const lane of lanes) lane.close();
  }
}
