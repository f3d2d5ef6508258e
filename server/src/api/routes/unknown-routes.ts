import { createHash } from "node:crypto";
import {
  DEFAULT_TENANT,
  formatMicros,
  micros,
  MICROS_PER_DAY,
  TytoError,
  UnknownListSchema,
  UnknownQuerySchema,
} from "@tyto/domain";
import type { EventId, UnknownList, UnknownShape } from "@tyto/domain";
import Type from "typebox";
import {
  compileUnknownLines,
  compileUnknownShapes,
  compileUnknownSources,
  unknownShapeKql,
} from "../../query/index.ts";
import type { ScanBounds, ShapePlace } from "../../query/index.ts";
import type { ApiDependencies } from "../dependencies.ts";
import { badField } from "../errors.ts";
import type { HttpServer } from "../http-server.ts";
import type { Search } from "../running-searches.ts";
import type { SearchDesk } from "../search-desk.ts";
import { chooseSources } from "../source-choice.ts";
import { readTimeRange } from "../time-range.ts";
import { sampleView } from "../views/event-view.ts";

const DEFAULT_RANGE = 7 * MICROS_PER_DAY;
const DEFAULT_PAGE = 50;
const SAMPLES = 3;
const SHOWN_SOURCES = 20;
const MAX_SOURCE_ROWS = 5_000;
/** Shapes among which one is found by its id. */
const MAX_SHAPES = 10_000;
/** What a draft of a pack reads. */
const MAX_LINES = 5_000;
const DEFAULT_LINES = 1_000;
const MAX_FILE_CHARACTERS = 16 * 1024 * 1024;
const EVENTS_PER_READ = 500;
const LIMITS = { timeoutMs: 30_000, maxMemoryBytes: 512 * 1024 * 1024 } as const;

const ShapePath = Type.Object({ id: Type.String({ pattern: "^[0-9a-f]{16}$" }) });
const LinesQuerySchema = Type.Object(
  {
    from: Type.Optional(Type.String({ maxLength: 40 })),
    to: Type.Optional(Type.String({ maxLength: 40 })),
    source: Type.Optional(Type.String({ minLength: 1, maxLength: 300 })),
    lines: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_LINES })),
  },
  { additionalProperties: false },
);
const FileSchema = Type.Unsafe<Buffer>({ type: "string", contentMediaType: "application/octet-stream" });

interface Scope {
  readonly bounds: ScanBounds;
  readonly sources?: readonly string[];
}

/** Lines that no pack knows, by shape: what an admin writes the next pack for. */
export function addUnknownRoutes(app: HttpServer, dependencies: ApiDependencies, desk: SearchDesk): void {
  const { control, engine, now } = dependencies;
  const scopeOf = async (asked: {
    readonly from?: string;
    readonly to?: string;
    readonly source?: string;
  }): Promise<Scope> => {
    const range = readTimeRange(asked, { part: "query", now: now(), defaultMicros: DEFAULT_RANGE });
    const bounds = { tenant: DEFAULT_TENANT, range };
    if (asked.source === undefined) return { bounds };
    return { bounds, sources: chooseSources(await control.sources(), asked.source) };
  };

  app.get(
    "/api/v1/unknown",
    {
      config: { access: "events.read", isForWhole: true, refuses: [404, 408, 409, 429] },
      schema: {
        summary: "Lines that no pack knows, counted by shape, most first",
        tags: ["events"],
        querystring: UnknownQuerySchema,
        response: { 200: UnknownListSchema },
      },
    },
    (request, reply) =>
      desk.answer(request, reply, undefined, async (search) => {
        const { limit = DEFAULT_PAGE, cursor } = request.query;
        const scope = await scopeOf(request.query);
        const after = cursor === undefined ? {} : { after: readPlace(cursor) };
        return listShapes({ dependencies, desk, search }, scope, { limit, ...after });
      }),
  );

  app.get(
    "/api/v1/unknown/:id/lines",
    {
      config: { access: "events.read", isForWhole: true, refuses: [408, 409, 429] },
      schema: {
        summary: "Newest lines of one shape as received, one after the other: what a pack is drafted from",
        tags: ["events"],
        params: ShapePath,
        querystring: LinesQuerySchema,
        response: { 200: FileSchema },
      },
    },
    (request, reply) =>
      desk.answer(request, reply, undefined, async (search) => {
        const { id } = request.params;
        const scope = await scopeOf(request.query);
        const asking = { dependencies, desk, search };
        const shape = await shapeOfId(asking, scope, id);
        const ids = await lineIds(asking, scope, { shape, limit: request.query.lines ?? DEFAULT_LINES });
        const lines: Uint8Array[] = [];
        for (let at = 0; at < ids.length; at += EVENTS_PER_READ) {
          const events = await engine.events.byIds(ids.slice(at, at + EVENTS_PER_READ));
          for (const { raw } of events) lines.push(raw, LINE_FEED);
        }
        void reply.header("content-disposition", `attachment; filename="unknown-${id}.log"`);
        return reply.type("application/octet-stream").send(Buffer.concat(lines));
      }),
  );
}

const LINE_FEED = Buffer.from("\n");

interface Asking {
  readonly dependencies: ApiDependencies;
  readonly desk: SearchDesk;
  readonly search: Search;
}

async function listShapes(
  asking: Asking,
  { bounds, sources }: Scope,
  page: { readonly limit: number; readonly after?: ShapePlace },
): Promise<UnknownList> {
  const { control, engine } = asking.dependencies;
  const own = sources === undefined ? {} : { sources };
  const question = { ...own, ...page, limit: page.limit + 1, samples: SAMPLES };
  const rows = await run(asking, compileUnknownShapes(question, bounds), page.limit + 1);
  const shown = rows.slice(0, page.limit);
  const senders = await sendersOf(asking, { bounds, ...own }, shown.map(shapeOfRow));
  const names = new Map((await control.sources()).map((source) => [source.id as string, source.name]));
  const ids = shown.flatMap((row) => samplesOf(row));
  const events = new Map((await engine.events.byIds(ids.slice(0, 1_000))).map((event) => [event.id, event]));
  const items = shown.map((row): UnknownShape => {
    const [, lines, first, last, sourceCount] = row;
    const shape = shapeOfRow(row);
    return {
      id: idOfShape(shape),
      shape,
      lines: Number(lines),
      sources: (senders.get(shape) ?? [])
        .slice(0, SHOWN_SOURCES)
        .map((sender) => ({ ...sender, name: names.get(sender.id) ?? sender.id })),
      sourceCount: Number(sourceCount),
      firstSeen: formatMicros(micros(Number(first))),
      lastSeen: formatMicros(micros(Number(last))),
      samples: samplesOf(row).flatMap((id) => {
        const event = events.get(id);
        return event === undefined ? [] : [sampleView(event)];
      }),
      kql: unknownShapeKql(shape),
    };
  });
  const end = items.at(-1);
  const isMore = rows.length > page.limit && end !== undefined;
  return {
    items,
    nextCursor: isMore ? writePlace(end) : null,
    from: formatMicros(bounds.range.from),
    to: formatMicros(bounds.range.to),
  };
}

async function sendersOf(
  asking: Asking,
  { bounds, sources }: Scope,
  shapes: readonly string[],
): Promise<ReadonlyMap<string, readonly { readonly id: string; readonly lines: number }[]>> {
  if (shapes.length === 0) return new Map();
  const question = { shapes, limit: MAX_SOURCE_ROWS, ...(sources === undefined ? {} : { sources }) };
  const rows = await run(asking, compileUnknownSources(question, bounds), MAX_SOURCE_ROWS);
  const senders = new Map<string, { readonly id: string; readonly lines: number }[]>();
  for (const [shape, id, lines] of rows) {
    const known = senders.get(String(shape));
    const sender = { id: String(id), lines: Number(lines) };
    if (known === undefined) senders.set(String(shape), [sender]);
    else known.push(sender);
  }
  return senders;
}

/** An id is a digest, so its shape is looked for among those that there are. */
async function shapeOfId(asking: Asking, { bounds, sources }: Scope, id: string): Promise<string> {
  const question = { samples: 1, limit: MAX_SHAPES, ...(sources === undefined ? {} : { sources }) };
  const rows = await run(asking, compileUnknownShapes(question, bounds), MAX_SHAPES);
  const found = rows.map(shapeOfRow).find((shape) => idOfShape(shape) === id);
  if (found !== undefined) return found;
  throw new TytoError("not-found", "There is no such shape in this time range", {
    hint: "List them with the same range; without one it is the last 7 days.",
  });
}

/** As many as fit into one file. */
async function lineIds(
  asking: Asking,
  { bounds, sources }: Scope,
  asked: { readonly shape: string; readonly limit: number },
): Promise<readonly EventId[]> {
  const question = { ...asked, ...(sources === undefined ? {} : { sources }) };
  const rows = await run(asking, compileUnknownLines(question, bounds), asked.limit);
  const ids: EventId[] = [];
  let characters = 0;
  for (const [id, size] of rows) {
    characters += Number(size);
    if (characters > MAX_FILE_CHARACTERS && ids.length > 0) break;
    ids.push(String(id) as EventId);
  }
  return ids;
}

type Row = readonly unknown[];

async function run(
  { desk, search }: Asking,
  { query }: ReturnType<typeof compileUnknownShapes>,
  maxRows: number,
): Promise<readonly Row[]> {
  return (await desk.run(query, { ...LIMITS, maxRows }, search)).rows;
}

function shapeOfRow([shape]: Row): string {
  return String(shape);
}

function samplesOf(row: Row): readonly EventId[] {
  const ids = row[5];
  return Array.isArray(ids) ? ids.map((id) => String(id) as EventId) : [];
}

function idOfShape(shape: string): string {
  return createHash("sha256").update(shape).digest("hex").slice(0, 16);
}

function writePlace({ lines, shape }: ShapePlace): string {
  return Buffer.from(JSON.stringify([lines, shape])).toString("base64url");
}

function readPlace(cursor: string): ShapePlace {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
    const [lines, shape] = Array.isArray(parts) ? (parts as readonly unknown[]) : [];
    if (Number.isSafeInteger(lines) && typeof shape === "string") return { lines: Number(lines), shape };
  } catch {
    // Not ours, like every other text.
  }
  throw badField(
    "query.cursor",
    "query.cursor is not one of ours",
    "Send nextCursor of the page before, unchanged.",
  );
}
