import { Session } from "chdb";
import type { Lane } from "./child-protocol.ts";
import { insertStatement, parameterNames, setParameters, settingsClause } from "./statement.ts";

/** A statement as it came over HTTP, already found to be a single one. */
export interface EngineCall {
  readonly sql: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly settings: ReadonlyMap<string, string>;
  /** Rows of an insert; empty otherwise. */
  readonly body: Buffer;
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

/** Readers may set limits of their own and change nothing else. */
const READER_SETTINGS = "SET readonly = 2";

class SessionLane {
  readonly #session: Session;
  #tail: Promise<unknown> = Promise.resolve();
  waiting = 0;

  constructor(session: Session) {
    this.#session = session;
  }

  /** Runs after everything asked of this lane before. */
  run(call: EngineCall, isAbandoned: () => boolean): Promise<EngineAnswer> {
    this.waiting++;
    const answer = this.#tail.then(async () => {
      try {
        if (isAbandoned()) throw new CallError(QUERY_WAS_CANCELLED, "nobody waits for the answer any more");
        return await this.#execute(call);
      } finally {
        this.waiting--;
      }
    });
    this.#tail = answer.catch(() => undefined);
    return answer;
  }

  async #execute(call: EngineCall): Promise<EngineAnswer> {
    const insert = insertStatement(call.sql);
    if (insert !== undefined) return this.#insert(insert.table, insert.format, call);
    const clause = settingsClause(call.settings);
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

  async #insert(
    table: string,
    format: "JSONEachRow" | "JSONCompactEachRow",
    call: EngineCall,
  ): Promise<EngineAnswer> {
    const summary = await this.#session.insert({
      table,
      format,
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

/** The engine's sessions: one that writes, some that read, one for health checks and KILL. */
export class EngineSessions {
  readonly #lanes: Readonly<Record<Lane, readonly SessionLane[]>>;

  private constructor(lanes: Readonly<Record<Lane, readonly SessionLane[]>>) {
    this.#lanes = lanes;
  }

  static async open(options: SessionsOptions): Promise<EngineSessions> {
    const open = (): Session =>
      new Session(options.directory, { connectionArgs: [`--config-file=${options.configPath}`] });
    const read: SessionLane[] = [];
    const write = [new SessionLane(open())];
    for (let index = 0; index < options.readers; index++) {
      const session = open();
      await session.queryAsync(READER_SETTINGS);
      read.push(new SessionLane(session));
    }
    return new EngineSessions({ write, read, probe: [new SessionLane(open())] });
  }

  run(lane: Lane, call: EngineCall, isAbandoned: () => boolean): Promise<EngineAnswer> {
    const lanes = this.#lanes[lane];
    const chosen = lanes.reduce((best, one) => (one.waiting < best.waiting ? one : best));
    return chosen.run(call, isAbandoned);
  }

  close(): void {
    for (const lanes of Object.values(this.#lanes)) for (const lane of lanes) lane.close();
  }
}
