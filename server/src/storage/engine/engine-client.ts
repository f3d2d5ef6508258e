import type { EngineConnection, EngineRequest, EngineRows } from "./engine-connection.ts";

/** The engine as stores use it: whichever child is alive. A call during a restart waits, up to a limit. */
export class EngineClient {
  readonly #connect: (limitMs: number) => Promise<EngineConnection>;
  readonly #waitMs: number;

  constructor(connect: (limitMs: number) => Promise<EngineConnection>, waitMs: number) {
    this.#connect = connect;
    this.#waitMs = waitMs;
  }

  /** @throws TytoError */
  async rows(request: EngineRequest): Promise<EngineRows> {
    return (await this.#connect(this.#waitMs)).rows(request);
  }

  /** @throws TytoError */
  async command(request: EngineRequest): Promise<void> {
    return (await this.#connect(this.#waitMs)).command(request);
  }

  /** @throws TytoError */
  async bytes(request: EngineRequest): Promise<Buffer> {
    return (await this.#connect(this.#waitMs)).bytes(request);
  }

  /** Parquet, its columns by name. @throws TytoError */
  async insertParquet(table: string, columns: readonly string[], rows: Buffer): Promise<void> {
    const target = `${table} (${columns.map((name) => `\`${name}\``).join(", ")})`;
    return (await this.#connect(this.#waitMs)).insert(target, rows, "Parquet");
  }

  /** Rows as `JSONEachRow`. @throws TytoError; `engine-unavailable` leaves open whether they were stored. */
  async insert(table: string, rows: Buffer): Promise<void> {
    return (await this.#connect(this.#waitMs)).insert(table, rows);
  }
}
