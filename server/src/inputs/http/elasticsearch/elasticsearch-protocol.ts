import { TytoError } from "@tyto/domain";
import type { SourceId } from "@tyto/domain";
import { documentOrigin } from "../../origin.ts";
import { refusalHeaders } from "../intake.ts";
import type { HttpIntake, IntakeBatch } from "../intake.ts";
import { credentialOf, headerOf } from "../shipper.ts";
import type { HttpMethod, SenderToken, ShipperProtocol, ShipperReply, ShipperRequest } from "../shipper.ts";
import { bulkReply, itemBody } from "./bulk-reply.ts";
import type { ItemOutcome } from "./bulk-reply.ts";
import { readBulk } from "./bulk.ts";
import type { BulkItem } from "./bulk.ts";
import { HANDSHAKE_PATHS, handshakeAnswer } from "./handshake.ts";

const SET_UP: readonly HttpMethod[] = ["GET", "HEAD", "PUT", "POST", "DELETE"];
const SEND: readonly HttpMethod[] = ["POST", "PUT"];
/** Documents with an id of their own are batches of their own; so many wait for the journal at once. */
const APPENDS_AT_ONCE = 1_000;

type Document = Extract<BulkItem, { readonly kind: "document" }>;

/** Elasticsearch's `_bulk`, with the handshakes of the shippers that write to it. */
export function createElasticsearchProtocol(intake: HttpIntake): ShipperProtocol {
  async function take(request: ShipperRequest, sender: SenderToken): Promise<ShipperReply> {
    const startedAt = intake.now();
    const body = await intake.read(request);
    try {
      const [, first = "", action = "", id = ""] = request.path.split("/").map(decoded);
      const isBulk = first === "_bulk" || action === "_bulk";
      const bytes = isBulk ? body.bytes : asBulk(body.bytes, id);
      const reading = readBulk(bytes, { ...body.limits, index: first === "_bulk" ? "" : first });
      if (!reading.ok) return failure(request, 400, reading.problem);
      const outcomes = await keep(reading.items, await intake.source(sender), request.peer);
      const [only] = outcomes;
      if (!isBulk && only !== undefined) return single(request, only);
      const tookMs = Math.round((intake.now() - startedAt) / 1_000);
      return answer(request, 200, bulkReply(outcomes, tookMs, request.query.get("filter_path")));
    } finally {
      body.release();
    }
  }

  /** One outcome per item, in order. Those without an id go together. */
  async function keep(
    items: readonly BulkItem[],
    source: SourceId,
    peer?: string,
  ): Promise<readonly ItemOutcome[]> {
    const outcomes: ItemOutcome[] = items.map((item, place) => outcomeOf(item, place));
    const documents = items.flatMap((item, place) => (item.kind === "document" ? [{ item, place }] : []));
    const batches = batchesOf(documents, source, peer);
    for (let at = 0; at < batches.length; at += APPENDS_AT_ONCE) {
      await Promise.all(
        batches.slice(at, at + APPENDS_AT_ONCE).map(async ({ batch, places }) => {
          const isKept = await kept(batch);
          if (isKept) return;
          for (const place of places) outcomes[place] = refusedForNow(outcomes[place]);
        }),
      );
    }
    return outcomes;
  }

  async function kept(batch: IntakeBatch): Promise<boolean> {
    try {
      await intake.append(batch);
      return true;
    } catch (error) {
      if (error instanceof TytoError && error.isRetryable) return false;
      throw error;
    }
  }

  return {
    kind: intake.kind,
    isBesideConsole: false,
    routes: [
      ...HANDSHAKE_PATHS.map((path) => ({ methods: SET_UP, path })),
      ...["/_bulk", "/:index/_bulk", "/:index/_doc", "/:index/_doc/:id", "/:index/_create/:id"].map(
        (path) => ({ methods: SEND, path }),
      ),
      { methods: ["HEAD", "PUT"], path: "/:index" },
    ],
    async handle(request) {
      try {
        const sender = await admitted(request);
        if ("status" in sender) return sender;
        if (isSending(request)) return await take(request, sender);
        const { kind, body } = handshakeAnswer(request.method, request.path);
        return kind === "json" ? answer(request, 200, JSON.stringify(body)) : textAnswer(body);
      } catch (error) {
        if (!(error instanceof TytoError)) throw error;
        return refusal(request, error);
      }
    },
    counts: () => intake.counts(),
  };
}

function isSending(request: ShipperRequest): boolean {
  return (
    SEND.includes(request.method) &&
    /^\/(?:[^/]+\/)?_bulk\/?$|^\/[^/]+\/_(?:doc|create)(?:\/[^/]*)?$/.test(request.path)
  );
}

/** A single document as the bulk body that it stands for. */
function asBulk(document: Uint8Array, id: string): Uint8Array {
  const action = JSON.stringify({ create: id === "" ? {} : { _id: id } });
  // A document may stand over several lines.
  const line = Buffer.from(document.map((byte) => (byte === 0x0a || byte === 0x0d ? 0x20 : byte)));
  return Buffer.concat([Buffer.from(`${action}\n`), line, Buffer.from("\n")]);
}

interface PlacedBatch {
  readonly batch: IntakeBatch;
  readonly places: readonly number[];
}

function batchesOf(
  documents: readonly { readonly item: Document; readonly place: number }[],
  source: SourceId,
  peer?: string,
): readonly PlacedBatch[] {
  const groups = new Map<string, { readonly item: Document; readonly place: number }[]>();
  for (const document of documents) {
    const { index, id, isCut } = document.item;
    const key = JSON.stringify([index, isCut, id ?? null]);
    const group = groups.get(key);
    // The same id twice in one body: the second would be the first's equal, and is a batch like any repeated one.
    if (group === undefined) groups.set(key, [document]);
    else if (id === undefined) group.push(document);
    else groups.set(JSON.stringify([key, document.place]), [document]);
  }
  return [...groups.values()].map((group) => {
    const { index = "", id, isCut = false } = group[0]?.item ?? {};
    const batch: IntakeBatch = {
      source,
      records: group.map(({ item }) => item.bytes),
      header: JSON.stringify({ elasticsearch: { index } }),
      ...(id === undefined
        ? {}
        : { identity: { kind: "object", origin: documentOrigin(source, index, id), ordinals: [0] } }),
      ...(isCut ? { fault: "oversize" } : {}),
      ...(peer === undefined ? {} : { peer }),
    };
    return { batch, places: group.map(({ place }) => place) };
  });
}

function outcomeOf(item: BulkItem, place: number): ItemOutcome {
  const { action, index, id = String(place) } = item;
  if (item.kind === "document") return { action, index, id, status: 201 };
  return { action, index, id, status: 400, error: { type: item.type, reason: item.reason } };
}

function refusedForNow(outcome: ItemOutcome | undefined): ItemOutcome {
  const place = outcome ?? { action: "create", index: "", id: "" };
  const error = {
    type: "es_rejected_execution_exception",
    reason: "the journal takes nothing now; send it again",
  };
  return { action: place.action, index: place.index, id: place.id, status: 429, error };
}

async function admitted(request: ShipperRequest): Promise<SenderToken | ShipperReply> {
  const credential = credentialOf(request, ["basic", "apikey", "bearer"]);
  if (credential.kind === "secret") {
    const admission = await request.admit(credential.secret);
    if (admission.kind === "admitted") return admission.token;
    if (admission.reason === "wrong-scope") {
      return failure(request, 403, { type: "security_exception", reason: "this token may not send" });
    }
  }
  const what = credential.kind === "none" ? "missing authentication credentials" : "unable to authenticate";
  return failure(
    request,
    401,
    { type: "security_exception", reason: `${what} for REST request [${request.path}]` },
    { "www-authenticate": 'Basic realm="security", charset="UTF-8"' },
  );
}

function single(request: ShipperRequest, outcome: ItemOutcome): ShipperReply {
  if (outcome.error !== undefined) return failure(request, outcome.status, outcome.error);
  return answer(request, outcome.status, JSON.stringify(itemBody(outcome)));
}

function refusal(request: ShipperRequest, error: TytoError): ShipperReply {
  // A whole request that is to come again is 429 here: shippers know no 503 of a bulk.
  if (error.isRetryable) {
    const problem = { type: "es_rejected_execution_exception", reason: error.message };
    return failure(request, 429, problem, refusalHeaders(error));
  }
  const type = error.status === 413 ? "content_too_long_exception" : "parse_exception";
  return failure(request, error.status, { type, reason: error.message }, refusalHeaders(error));
}

function failure(
  request: ShipperRequest,
  status: number,
  problem: { readonly type: string; readonly reason: string },
  headers: Readonly<Record<string, string>> = {},
): ShipperReply {
  const body = { error: { root_cause: [problem], ...problem }, status };
  return answer(request, status, JSON.stringify(body), headers);
}

/** Official clients refuse a server without the product's name, and ask for their version of JSON. */
function answer(
  request: ShipperRequest,
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): ShipperReply {
  const isVersioned = (headerOf(request, "accept") ?? "").includes("application/vnd.elasticsearch+json");
  const type = isVersioned ? "application/vnd.elasticsearch+json;compatible-with=8" : "application/json";
  return {
    status,
    headers: { "content-type": type, "x-elastic-product": "Elasticsearch", ...headers },
    body,
  };
}

function textAnswer(body: string): ShipperReply {
  return {
    status: 200,
    headers: { "content-type": "text/plain; charset=UTF-8", "x-elastic-product": "Elasticsearch" },
    body,
  };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
