import { Readable } from "node:stream";
import { AuditFilterSchema, AuditPageSchema, AuditQuerySchema, csvLines, formatMicros } from "@tyto/domain";
import type { AuditEntryView, AuditFilter, Micros } from "@tyto/domain";
import Type from "typebox";
import { parseInstant } from "../../query/index.ts";
import type { AuditQuestion } from "../../storage/index.ts";
import type { ApiDependencies } from "../dependencies.ts";
import { badField } from "../errors.ts";
import type { HttpServer } from "../http-server.ts";
import type { Looks } from "../looks.ts";
import { auditView, kindOf } from "../views/audit-view.ts";

const DEFAULT_PAGE = 100;
const PAGE_OF_FILE = 500;
const FileSchema = Type.Unsafe<Buffer>({ type: "string", contentMediaType: "text/csv" });
const HEADINGS = ["at", "actor", "kind", "action", "subject", "changes", "detail"];

/** Who searched, read, took away and changed what. Reading it is written into it. */
export function addAuditRoutes(app: HttpServer, { audit, now }: ApiDependencies, looks: Looks): void {
  app.get(
    "/api/v1/audit",
    {
      config: { access: "audit.read" },
      schema: {
        summary: "Who searched, read, exported and changed what, newest first",
        tags: ["access"],
        querystring: AuditQuerySchema,
        response: { 200: AuditPageSchema },
      },
    },
    async (request) => {
      const { limit = DEFAULT_PAGE, cursor, ...filter } = request.query;
      const question = questionOf(filter, now());
      await looks.note(request, "audit-read", { filter });
      const { items, nextCursor } = await audit.page({ ...question, limit, cursor });
      return { items: items.map(auditView), nextCursor };
    },
  );

  app.get(
    "/api/v1/audit/file",
    {
      config: { access: "audit.read" },
      schema: {
        summary: "All entries that a filter lets through, as CSV",
        tags: ["access"],
        querystring: AuditFilterSchema,
        response: { 200: FileSchema },
      },
    },
    async (request, reply) => {
      const question = questionOf(request.query, now());
      await looks.note(request, "audit-exported", { filter: request.query });
      void reply.header("content-disposition", 'attachment; filename="tyto-audit.csv"');
      const stream = Readable.from(csvOf(audit, question), { objectMode: false });
      return reply.type("text/csv; charset=utf-8").send(stream as never);
    },
  );
}

type Filter = Pick<AuditQuestion, "from" | "to" | "matches">;

function questionOf({ actor, kind, from, to, text }: AuditFilter, now: Micros): Filter {
  const words = text?.toLowerCase() ?? "";
  const instant = (name: "from" | "to", value: string | undefined): string | undefined => {
    if (value === undefined) return undefined;
    const micros = parseInstant(value, now);
    if (micros === undefined) throw badField(`query.${name}`, "This is no time: write -24h or 2026-01-31");
    return formatMicros(micros);
  };
  return {
    from: instant("from", from),
    to: instant("to", to),
    matches: (line) =>
      (actor === undefined || line.actor === actor) &&
      (kind === undefined || kindOf(line.action) === kind) &&
      (words === "" || JSON.stringify(line).toLowerCase().includes(words)),
  };
}

/** A page at a time: whoever reads slowly is waited for. */
async function* csvOf(audit: ApiDependencies["audit"], question: Filter): AsyncGenerator<string> {
  yield csvLines([HEADINGS]);
  let cursor: string | null | undefined;
  do {
    const page = await audit.page({ ...question, limit: PAGE_OF_FILE, cursor: cursor ?? undefined });
    if (page.items.length > 0) yield csvLines(page.items.map((line) => rowOf(auditView(line))));
    cursor = page.nextCursor;
  } while (cursor !== null);
}

function rowOf({ at, actor, kind, action, subject, changes, detail }: AuditEntryView): readonly string[] {
  const said = changes.length === 0 ? "" : JSON.stringify(changes);
  return [at, actor, kind, action, subject, said, JSON.stringify(detail)];
}
