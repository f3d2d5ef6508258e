import { randomUUID, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { isLane, LANE_HEADER } from "./child-protocol.ts";
import type { Lane } from "./child-protocol.ts";
import { CallError } from "./child-sessions.ts";
import type { EngineAnswer, EngineCall, EngineSessions } from "./child-sessions.ts";
import { singleStatement } from "./statement.ts";
import type { StatementFault } from "./statement.ts";

/** An insert of 50,000 rows of ours stays far below; a body beyond it is a fault of the caller. */
const MAX_BODY_BYTES = 256 * 1024 * 1024;
const MAX_URL_BYTES = 8 * 1024 * 1024;

const AUTHENTICATION_FAILED = 516;
const BAD_ARGUMENTS = 36;
const SYNTAX_ERROR = 62;
const UNKNOWN_EXCEPTION = 1002;

/** URL parameters of ClickHouse's HTTP interface that are neither settings nor query parameters. */
const PROTOCOL_PARAMETERS = new Set([
  "query",
  "query_id",
  "database",
  "default_format",
  "session_id",
  "wait_end_of_query",
  "enable_http_compression",
  "http_headers_progress_interval_ms",
  "send_progress_in_http_headers",
  "role",
  "user",
  "password",
]);

const FAULT_TEXT: Readonly<Record<StatementFault, string>> = {
  empty: "empty query",
  stacked: "several statements in one query",
  "file-access": "clauses that read or write files are refused",
  unterminated: "unterminated text or comment",
  "odd-character": "a character that may only stand inside quotes",
};

/** The subset of ClickHouse's HTTP interface that `@clickhouse/client` uses, on loopback, behind a secret. */
export function engineServer(sessions: EngineSessions, secret: string): Server {
  const server = createServer(
    { maxHeaderSize: MAX_URL_BYTES, keepAliveTimeout: 60_000 },
    (request, response) => {
      const caller = new AbortController();
      const onClose = (): void => caller.abort();
      // Before anything is awaited: a sender that goes away while its request is read must be seen, too.
      request.socket.once("close", onClose);
      void answer({ sessions, secret, request, response, caller: caller.signal })
        .catch((error: unknown) => fail(response, error))
        .finally(() => request.socket.off("close", onClose));
    },
  );
  // Both limits would cut long inserts and slow queries, which have limits of their own.
  server.requestTimeout = 0;
  server.timeout = 0;
  return server;
}

interface Exchange {
  readonly sessions: EngineSessions;
  readonly secret: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Aborts when the sender is gone. */
  readonly caller: AbortSignal;
}

async function answer({ sessions, secret, request, response, caller }: Exchange): Promise<void> {
  const url = new URL(request.url ?? "/", "http://engine");
  if (!isSecret(passwordOf(request), secret)) throw new CallError(AUTHENTICATION_FAILED, "wrong secret");
  if (url.pathname === "/ping") {
    response.end("Ok.\n");
    return;
  }
  const body = await readBody(request);
  const named = url.searchParams.get("query");
  // As ClickHouse does: with a query in the URL the body holds its data, else the query itself.
  const parsed = singleStatement(named ?? body.toString("utf8"));
  if (parsed.kind === "refused") throw new CallError(SYNTAX_ERROR, FAULT_TEXT[parsed.fault]);
  const queryId = url.searchParams.get("query_id") ?? randomUUID();
  // What writes ends as it began, whole or refused, also when its sender went away: only queries can be killed.
  const call: EngineCall = {
    ...callOf(parsed.sql, named === null ? Buffer.alloc(0) : body, url.searchParams),
    ...(parsed.isQuery ? { killName: queryId } : {}),
  };
  send(response, queryId, await sessions.run(laneOf(request), call, caller));
}

function laneOf(request: IncomingMessage): Lane {
  const lane = request.headers[LANE_HEADER];
  return isLane(lane) ? lane : "read";
}

function callOf(sql: string, body: Buffer, search: URLSearchParams): EngineCall {
  const parameters = new Map<string, string>();
  const settings = new Map<string, string>();
  for (const [name, value] of search) {
    if (name.startsWith("param_")) parameters.set(name.slice("param_".length), value);
    else if (!PROTOCOL_PARAMETERS.has(name)) settings.set(name, value);
  }
  return { sql, parameters, settings, body };
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES)
      throw new CallError(BAD_ARGUMENTS, `a body has at most ${MAX_BODY_BYTES} bytes`);
    chunks.push(chunk);
  }
  return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, bytes);
}

function passwordOf(request: IncomingMessage): string {
  const key = request.headers["x-clickhouse-key"];
  if (typeof key === "string") return key;
  const basic = /^Basic (.+)$/.exec(request.headers.authorization ?? "")?.[1] ?? "";
  const decoded = Buffer.from(basic, "base64").toString("utf8");
  return decoded.slice(decoded.indexOf(":") + 1);
}

function isSecret(given: string, secret: string): boolean {
  const a = Buffer.from(given);
  const b = Buffer.from(secret);
  return a.length === b.length && timingSafeEqual(a, b);
}

function send(response: ServerResponse, queryId: string, result: EngineAnswer): void {
  const summary = {
    read_rows: String(result.rowsRead),
    read_bytes: String(result.bytesRead),
    written_rows: String(result.rowsWritten),
    elapsed_ns: String(Math.round(result.elapsedSeconds * 1e9)),
  };
  response.writeHead(200, {
    "content-type": "application/json; charset=UTF-8",
    "content-length": result.bytes.length,
    "x-clickhouse-summary": JSON.stringify(summary),
    "x-clickhouse-query-id": queryId,
  });
  response.end(result.bytes);
}

function fail(response: ServerResponse, error: unknown): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const code = codeOf(error);
  const text = error instanceof Error ? error.message : String(error);
  const message = text.startsWith("Code: ") ? text : `Code: ${code}. DB::Exception: ${text}. (TYTO)`;
  response.writeHead(code === AUTHENTICATION_FAILED ? 403 : 500, {
    "content-type": "text/plain; charset=UTF-8",
    "x-clickhouse-exception-code": String(code),
  });
  response.end(message);
}

function codeOf(error: unknown): number {
  if (error instanceof CallError) return error.engineCode;
  const code: unknown =
    error instanceof Error && "clickhouseCode" in error ? error.clickhouseCode : undefined;
  return typeof code === "number" ? code : UNKNOWN_EXCEPTION;
}
