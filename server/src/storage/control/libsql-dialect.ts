import Database from "libsql";
import type {
  CompiledQuery,
  DatabaseConnection,
  Dialect,
  DialectAdapter,
  Driver,
  Kysely,
  QueryResult,
} from "kysely";
import { CompiledQuery as Compiled, sql, SqliteIntrospector, SqliteQueryCompiler } from "kysely";
import { TytoError } from "@tyto/domain";
import { escapeText, unescapeText } from "./column-text.ts";
import type { SchemaTraits } from "./migrations/schema-traits.ts";
import { storeError } from "./store-error.ts";

/*
 * Everything that is SQLite's own stands in this file: pragmas, STRICT tables, VACUUM INTO. PostgreSQL gets a file beside it.
 */

/** A writer in another process (a backup tool) may hold the file for so long before we give up. */
const BUSY_TIMEOUT_MS = 5_000;
const MAX_CACHED_STATEMENTS = 200;

export const SQLITE_TRAITS: SchemaTraits = {
  integer: "integer",
  tableSuffix: sql`strict`,
};

/** Kysely's dialect for libsql on one connection: one statement or transaction at a time, in the order they were asked for. */
export function libsqlDialect(path: string, key?: string): Dialect {
  return {
    createDriver: () => new LibsqlDriver(path, key),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createAdapter: () => ADAPTER,
    createIntrospector: (db) => new SqliteIntrospector(db),
  };
}

/** Writes a consistent copy while others read and write. The file must not exist. */
export async function vacuumInto(db: Kysely<unknown>, path: string): Promise<void> {
  await sql`vacuum into ${path}`.execute(db);
}

const ADAPTER: DialectAdapter = {
  supportsCreateIfNotExists: true,
  // SQLite's schema changes are transactional; a migration happens whole or not at all.
  supportsTransactionalDdl: true,
  supportsReturning: true,
  // One connection, and one process (the data directory's lock): nobody to lock out.
  acquireMigrationLock: () => Promise.resolve(),
  releaseMigrationLock: () => Promise.resolve(),
};

/** @param key of an encrypted one (AES-256-CBC by page, log included; no authentication) */
export function openDatabase(path: string, key: string | undefined): Database.Database {
  if (key === undefined) return new Database(path);
  // libsql knows the option; its types do not.
  const options: Database.Options & { readonly encryptionKey: string } = { encryptionKey: key };
  return new Database(path, options);
}

class LibsqlDriver implements Driver {
  readonly #path: string;
  readonly #key: string | undefined;
  #connection: LibsqlConnection | undefined;
  /** Settles when the connection is free for the next in line. */
  #turn: Promise<void> = Promise.resolve();
  #release: () => void = () => undefined;

  constructor(path: string, key: string | undefined) {
    this.#path = path;
    this.#key = key;
  }

  init(): Promise<void> {
    this.#connection = new LibsqlConnection(this.#path, this.#key);
    return Promise.resolve();
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    const before = this.#turn;
    let release = (): void => undefined;
    this.#turn = new Promise((resolve) => {
      release = resolve;
    });
    await before;
    this.#release = release;
    if (this.#connection === undefined) throw new TytoError("store-failed", `${this.#path} is not open`);
    return this.#connection;
  }

  releaseConnection(): Promise<void> {
    this.#release();
    return Promise.resolve();
  }

  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    // Takes the write lock at once: a transaction that reads first could otherwise fail when it comes to writing.
    await connection.executeQuery(Compiled.raw("begin immediate"));
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(Compiled.raw("commit"));
  }

  rollbackTransaction(): Promise<void> {
    this.#connection?.rollback();
    return Promise.resolve();
  }

  destroy(): Promise<void> {
    this.#connection?.close();
    this.#connection = undefined;
    return Promise.resolve();
  }
}

class LibsqlConnection implements DatabaseConnection {
  readonly #path: string;
  readonly #database: Database.Database;
  readonly #statements = new Map<string, Database.Statement>();

  constructor(path: string, key: string | undefined) {
    this.#path = path;
    try {
      this.#database = openDatabase(path, key);
    } catch (cause) {
      // libsql gives no code here.
      throw new TytoError("data-directory-unusable", `${path} cannot be opened`, {
        cause,
        hint: "Check that its directory exists and that this user may write there.",
      });
    }
    try {
      for (const pragma of [
        `busy_timeout = ${BUSY_TIMEOUT_MS}`,
        "journal_mode = WAL",
        // Each commit reaches the disk before it resolves (in WAL mode NORMAL would not sync).
        "synchronous = FULL",
        "foreign_keys = ON",
        // What SQLite puts into temporary files it does not encrypt.
        ...(key === undefined ? [] : ["temp_store = MEMORY"]),
      ]) {
        this.#database.prepare(`PRAGMA ${pragma}`).all();
      }
    } catch (cause) {
      this.#database.close();
      throw storeError(cause, path);
    }
  }

  executeQuery<Row>({ sql: text, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    try {
      const statement = this.#prepare(text);
      const values = parameters.map(bindable);
      if (statement.reader) {
        return Promise.resolve({ rows: statement.all(values).map((row) => readable(row) as Row) });
      }
      const { changes } = statement.run(values);
      return Promise.resolve({ rows: [], numAffectedRows: BigInt(changes) });
    } catch (cause) {
      // A statement that failed half way is not used again.
      this.#statements.delete(text);
      return Promise.reject(storeError(cause, this.#path));
    }
  }

  // eslint-disable-next-line require-yield -- the interface asks for it; nothing here reads row by row
  async *streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
    await Promise.reject(new Error("the control store reads whole results"));
  }

  rollback(): void {
    // After some failures (a full disk) SQLite has rolled back by itself; a second rollback would hide the first error.
    if (this.#database.inTransaction) this.#database.exec("rollback");
  }

  close(): void {
    this.#statements.clear();
    try {
      // libsql frees statements, and with them the connection, at some later time: SQLite's own checkpoint at close may never come.
      this.#database.prepare("PRAGMA wal_checkpoint(TRUNCATE)").all();
    } catch {
      // On a full disk, say. All is durable in the log; the next opening reads it from there.
    } finally {
      this.#database.close();
    }
  }

  #prepare(text: string): Database.Statement {
    const known = this.#statements.get(text);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(text);
    const [oldest] = this.#statements.keys();
    if (this.#statements.size >= MAX_CACHED_STATEMENTS && oldest !== undefined)
      this.#statements.delete(oldest);
    this.#statements.set(text, statement);
    return statement;
  }
}

/** What libsql may be given: it aborts the whole process on a boolean, and binds every number as a float. */
function bindable(value: unknown): string | number | bigint | null {
  if (value === null || typeof value === "bigint") return value;
  if (typeof value === "string") return escapeText(value);
  if (typeof value === "number" && Number.isFinite(value)) {
    return Number.isSafeInteger(value) ? BigInt(value) : value;
  }
  throw new TypeError(`a column cannot hold a ${typeof value}`);
}

function readable(row: unknown): Record<string, unknown> {
  const columns = row as Record<string, unknown>;
  for (const [name, value] of Object.entries(columns)) {
    if (typeof value === "string") columns[name] = unescapeText(value);
  }
  return columns;
}
