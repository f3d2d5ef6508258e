import {
  csvCell,
  DEFAULT_TENANT,
  formatMicros,
  invariant,
  MICROS_PER_DAY,
  micros,
  TytoError,
} from "@tyto/domain";
import type { Export, ExportFormat, Micros } from "@tyto/domain";
import type { AuditPort, ExportsPort } from "../api/index.ts";
import {
  compileCount,
  compileExport,
  compilePieceEnd,
  isPieced,
  receivedBefore,
  withOnly,
} from "../query/index.ts";
import type { AskedQuery, QueryAccess, QueryFrontend, QueryText, RowPlace, RowSpan } from "../query/index.ts";
import { linesOfRows, ParquetJoiner } from "../storage/index.ts";
import type {
  ControlStore,
  Engine,
  ExportFile,
  ExportFolder,
  ExportRecord,
  ExportState,
} from "../storage/index.ts";

export interface ExportsOptions {
  readonly searches: ControlStore["searches"];
  readonly queries: Engine["queries"];
  readonly query: Pick<QueryFrontend, "compileWith">;
  readonly folder: ExportFolder;
  readonly audit: Pick<AuditPort, "append">;
  /** What of the events an actor sees. @throws TytoError when they may not ask any more */
  readonly accessOf: (actor: string) => Promise<QueryAccess | undefined>;
  readonly now: () => Micros;
  readonly randomBytes: (size: number) => Uint8Array;
  readonly onProblem: (error: unknown) => void;
  /** Of one piece; small ones in tests. */
  readonly rowsPerPiece?: number;
}

type Question = Pick<QueryText, "kql" | "text"> & { readonly from: string; readonly to: string };

interface Body {
  readonly question: Question;
  readonly format: ExportFormat;
  /** Absent in those of earlier versions. */
  readonly columns?: readonly string[] | undefined;
  /** What was asked, in KQL. */
  readonly kql: string;
  readonly rows: number;
  readonly bytes: number;
  readonly total: number | null;
  readonly sha256: string | null;
  readonly endedAt: Micros | null;
  readonly problem: string | null;
}

interface Live {
  readonly id: string;
  body: Body;
  readonly stop: AbortController;
  finished: Promise<void>;
}

const ROWS_PER_PIECE = 20_000;
const LIMITS = {
  timeoutMs: 10 * 60_000,
  maxMemoryBytes: 1024 * 1024 * 1024,
  /** Of one piece, or of a result that has none: it is in memory once. */
  maxResultBytes: 512 * 1024 * 1024,
} as const;
/** A file that nobody came for. */
const KEPT_FOR = 7 * MICROS_PER_DAY;
const MAX_WAITING = 20;
const SHOWN = 100;

/** Whole results as files: one after the other, in the background, and begun anew when the server was stopped over one. */
export class Exports implements ExportsPort {
  readonly #options: ExportsOptions;
  readonly #live = new Map<string, Live>();
  #last: Promise<void> = Promise.resolve();
  #isStopping = false;

  private constructor(options: ExportsOptions) {
    this.#options = options;
  }

  static async open(options: ExportsOptions): Promise<Exports> {
    const exports = new Exports(options);
    const known = await options.searches.exports(1_000);
    await options.folder.sweep((name) => known.some(({ id, state }) => id === name && state === "done"));
    for (const record of [...known].reverse()) if (record.state === "running") exports.#launch(record);
    return exports;
  }

  async begin({
    question,
    format,
    columns,
    actor,
  }: Parameters<ExportsPort["begin"]>[0]): ReturnType<ExportsPort["begin"]> {
    const { now, query, searches, randomBytes, audit } = this.#options;
    const access = await this.#options.accessOf(actor);
    const asked = await query.compileWith(
      { ...question, now: now(), tenant: DEFAULT_TENANT, access },
      (one) => one,
    );
    if (!asked.ok) return asked;
    if (this.#live.size >= MAX_WAITING) {
      throw new TytoError("rate-limited", `${MAX_WAITING} exports are under way`, {
        hint: "Wait for one to end, or end it.",
      });
    }
    const { kql, from, to } = asked;
    // Relative times mean this moment, whenever its turn comes.
    const fixed = { from: formatMicros(from), to: formatMicros(to) };
    const { kql: askedKql, text } = question;
    const body: Body = {
      question: {
        ...(askedKql === undefined ? {} : { kql: askedKql }),
        ...(text === undefined ? {} : { text }),
        ...fixed,
      },
      format,
      ...(columns === undefined ? {} : { columns }),
      kql,
      rows: 0,
      bytes: 0,
      total: null,
      sha256: null,
      endedAt: null,
      problem: null,
    };
    const record: ExportRecord = {
      id: Buffer.from(randomBytes(8)).toString("hex"),
      state: "running",
      createdAt: now(),
      createdBy: actor,
      body: JSON.stringify(body),
    };
    await audit.append({
      actor,
      action: "export-begun",
      detail: { export: record.id, kql, format, ...(columns === undefined ? {} : { columns }), ...fixed },
    });
    await searches.saveExport(record);
    this.#launch(record);
    return { ok: true, value: this.#view(record) };
  }

  async list(): Promise<readonly Export[]> {
    return (await this.#options.searches.exports(SHOWN)).map((record) => this.#view(record));
  }

  async byId(id: string): Promise<Export | undefined> {
    const record = await this.#options.searches.exportById(id);
    return record === undefined ? undefined : this.#view(record);
  }

  async remove(id: string): Promise<boolean> {
    const live = this.#live.get(id);
    if (live !== undefined) {
      live.stop.abort();
      await live.finished;
      return true;
    }
    const record = await this.#options.searches.exportById(id);
    if (record === undefined) return false;
    await this.#options.folder.remove(id);
    await this.#options.searches.deleteExport(id);
    return true;
  }

  async open(id: string): ReturnType<ExportsPort["open"]> {
    const found = await this.byId(id);
    if (found === undefined) throw new TytoError("not-found", "There is no such export");
    if (found.state === "expired")
      throw new TytoError("not-found", "The file has expired", { hint: "Export it again." });
    if (found.state !== "done") throw new TytoError("conflict", "The export is not done");
    return { stream: this.#options.folder.read(id), export: found };
  }

  /** Removes files that are over. */
  async expire(): Promise<void> {
    const { searches, folder, now } = this.#options;
    for (const record of await searches.exports(1_000)) {
      const { endedAt } = bodyOf(record);
      if (record.state !== "done" || endedAt === null || endedAt + KEPT_FOR > now()) continue;
      await folder.remove(record.id);
      await searches.saveExport({ ...record, state: "expired" });
    }
  }

  /** What is under way begins anew at the next start. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    for (const live of this.#live.values()) live.stop.abort();
    await this.#last;
  }

  #launch(record: ExportRecord): void {
    const live: Live = {
      id: record.id,
      body: bodyOf(record),
      stop: new AbortController(),
      finished: Promise.resolve(),
    };
    this.#live.set(record.id, live);
    live.finished = this.#last.then(() => this.#work(record, live));
    this.#last = live.finished;
  }

  async #work(record: ExportRecord, live: Live): Promise<void> {
    const end = async (state: ExportState, change: Partial<Body>): Promise<void> => {
      const body = { ...live.body, ...change, endedAt: this.#options.now() };
      await this.#options.searches.saveExport({ ...record, state, body: JSON.stringify(body) });
    };
    let file: ExportFile | undefined;
    try {
      live.stop.signal.throwIfAborted();
      file = await this.#options.folder.create(record.id);
      await this.#write(record, live, file);
      await end("done", { sha256: await file.finish(), bytes: file.bytes });
    } catch (error) {
      await file?.discard();
      if (live.stop.signal.aborted) {
        if (!this.#isStopping) await end("cancelled", { problem: null }).catch(this.#options.onProblem);
      } else {
        this.#options.onProblem(error);
        const problem = error instanceof Error ? error.message : String(error);
        await end("failed", { problem }).catch(this.#options.onProblem);
      }
    } finally {
      this.#live.delete(record.id);
    }
  }

  async #write(record: ExportRecord, live: Live, file: ExportFile): Promise<void> {
    const { query, now, queries, accessOf } = this.#options;
    const { question, format, columns = [] } = live.body;
    // As it is when the file is written: a role may have been taken away since.
    const access = await accessOf(record.createdBy);
    const compiled = await query.compileWith(
      { ...question, now: now(), tenant: DEFAULT_TENANT, access },
      (one) => withOnly(one, columns),
    );
    if (!compiled.ok)
      throw new TytoError("query-invalid", compiled.diagnostics[0]?.message ?? "This query makes no sense");
    const asked = isPieced(compiled.value)
      ? receivedBefore(compiled.value, record.createdAt)
      : compiled.value;
    const writer = new PieceWriter(format, file);
    const bytesOf = (piece: AskedQuery, span?: RowSpan) => {
      const { query: sql, names } = compileExport(piece, format === "parquet" ? "columns" : format, span);
      return queries
        .bytes(sql, {
          format: format === "parquet" ? "Parquet" : "RowBinary",
          limits: LIMITS,
          ...this.#run(live),
        })
        .then((bytes) => ({ bytes, names }));
    };
    if (isPieced(compiled.value)) {
      const counted = await queries.run(compileCount(asked).query, {
        limits: { ...LIMITS, maxRows: 1 },
        ...this.#run(live),
      });
      const total = Number(counted.rows[0]?.[0] ?? 0);
      live.body = { ...live.body, total };
      for await (const span of this.#spans(asked, live)) {
        live.body = { ...live.body, ...(await writer.write(await bytesOf(asked, span))) };
      }
    } else {
      live.body = { ...live.body, ...(await writer.write(await bytesOf(asked))) };
    }
    live.body = { ...live.body, ...(await writer.end()) };
    const { total, rows } = live.body;
    // What was parsed again or has left with its retention meanwhile: a file that looks whole and is not would be worse.
    if (total !== null && rows !== total)
      throw new TytoError("conflict", `${rows} rows were written of ${total}: events changed meanwhile`, {
        hint: "Export again.",
      });
  }

  async *#spans(asked: AskedQuery, live: Live): AsyncGenerator<RowSpan> {
    const { queries, rowsPerPiece = ROWS_PER_PIECE } = this.#options;
    let after: RowPlace | undefined;
    for (;;) {
      const from = after === undefined ? {} : { after };
      const limits = { ...LIMITS, maxRows: 1 };
      const { rows } = await queries.run(compilePieceEnd(asked, from, rowsPerPiece), {
        limits,
        ...this.#run(live),
      });
      const upTo = placeOf(rows[0]);
      yield { ...from, ...(upTo === undefined ? {} : { upTo }) };
      if (upTo === undefined) return;
      after = upTo;
    }
  }

  #run(live: Live): { readonly queryId: string; readonly signal: AbortSignal } {
    const mark = Buffer.from(this.#options.randomBytes(4)).toString("hex");
    return { queryId: `export ${live.id} ${mark}`, signal: live.stop.signal };
  }

  #view(record: ExportRecord): Export {
    const body = this.#live.get(record.id)?.body ?? bodyOf(record);
    const { question, format, kql, rows, bytes, total, sha256, problem, endedAt } = body;
    const { id, state, createdAt, createdBy } = record;
    const isKept = state === "done" && endedAt !== null;
    return {
      id,
      state,
      format,
      kql,
      columns: body.columns === undefined ? null : [...body.columns],
      from: question.from,
      to: question.to,
      createdAt: formatMicros(createdAt),
      createdBy,
      rows,
      bytes,
      total,
      sha256,
      expiresAt: isKept ? formatMicros(micros(endedAt + KEPT_FOR)) : null,
      problem,
    };
  }
}

/** Written by this file alone. */
function bodyOf({ body }: ExportRecord): Body {
  return JSON.parse(body) as Body;
}

function placeOf(row: readonly unknown[] | undefined): RowPlace | undefined {
  if (row === undefined) return undefined;
  const [at, id] = row;
  const [, origin, ordinal] = /^(.*)-(\d+)$/.exec(String(id)) ?? [];
  invariant(origin !== undefined && ordinal !== undefined, "an event's id is origin and ordinal");
  return { at: micros(Number(at)), origin, ordinal };
}

interface Piece {
  readonly bytes: Buffer;
  readonly names: readonly string[];
}

/** Puts pieces together: lines under one header, or row groups before one footer. */
class PieceWriter {
  readonly #format: ExportFormat;
  readonly #file: ExportFile;
  #joiner: ParquetJoiner | undefined;
  #rows = 0;
  #isBegun = false;

  constructor(format: ExportFormat, file: ExportFile) {
    this.#format = format;
    this.#file = file;
  }

  async write({ bytes, names }: Piece): Promise<Pick<Body, "rows" | "bytes">> {
    if (this.#format === "parquet") {
      this.#joiner ??= new ParquetJoiner(names);
      const added = this.#joiner.add(bytes);
      await this.#file.append(added.bytes);
      this.#rows += added.rows;
    } else {
      if (this.#format === "csv" && !this.#isBegun)
        await this.#file.append(Buffer.from(`${names.map(csvCell).join(",")}\n`));
      this.#isBegun = true;
      const { lines, rows } = linesOfRows(bytes);
      await this.#file.append(lines);
      this.#rows += rows;
    }
    return { rows: this.#rows, bytes: this.#file.bytes };
  }

  async end(): Promise<Pick<Body, "rows" | "bytes">> {
    if (this.#joiner !== undefined) await this.#file.append(this.#joiner.finish());
    return { rows: this.#rows, bytes: this.#file.bytes };
  }
}
