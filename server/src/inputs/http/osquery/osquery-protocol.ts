import { TytoError } from "@tyto/domain";
import { ExpandedRecords } from "../expanded-records.ts";
import { refusalHeaders } from "../intake.ts";
import type { HttpIntake } from "../intake.ts";
import { parseJsonBody } from "../json-body.ts";
import { jsonReply } from "../shipper.ts";
import type { SenderToken, ShipperProtocol, ShipperReply, ShipperRequest } from "../shipper.ts";

/** Seals what must come back unread and unchanged. */
export interface NodeKeySeal {
  seal(use: string, text: string): string;
  open(use: string, sealed: string): string | undefined;
}

type JsonObject = Readonly<Record<string, unknown>>;

const USE = "osquery node key";
const LOG_TYPES: ReadonlySet<unknown> = new Set(["status", "result", "snapshot"]);
const MAX_HOST = 255;
const ACTIONS = ["enroll", "config", "log", "distributed/read", "distributed/write"];

/**
 * osquery's TLS plugins: a node enrols with a token as its secret and is given a key; its logs are kept, an empty configuration and no queries are
 * what it gets. A node key is the token and the host's name, sealed: nothing is kept for a node, its key outlives a restart, and it ends with the token.
 */
export function createOsqueryProtocol(intake: HttpIntake, keys: NodeKeySeal): ShipperProtocol {
  async function take(request: ShipperRequest): Promise<ShipperReply> {
    const body = await intake.read(request);
    const records = new ExpandedRecords(intake);
    try {
      const asked = parseJsonBody(body.bytes);
      const action = ACTIONS.find((one) => request.path.endsWith(`/${one}`));
      if (action === "enroll") return await enrol(request, asked);
      const node = await nodeOf(request, asked);
      if (node === undefined) return jsonReply(200, { node_invalid: true });
      if (action === "config") return jsonReply(200, { schedule: {}, node_invalid: false });
      if (action === "distributed/read") return jsonReply(200, { queries: {}, node_invalid: false });
      if (action === "log") await keep(asked, { records, node, peer: request.peer });
      return jsonReply(200, { node_invalid: false });
    } finally {
      records.release();
      body.release();
    }
  }

  async function enrol(request: ShipperRequest, asked: JsonObject): Promise<ShipperReply> {
    const { enroll_secret: secret, host_identifier: host } = asked;
    const isKnown = typeof secret === "string" && (await request.admit(secret)).kind === "admitted";
    if (!isKnown) return jsonReply(200, { node_key: "", node_invalid: true });
    const name = typeof host === "string" ? host.slice(0, MAX_HOST) : "";
    return jsonReply(200, { node_key: keys.seal(USE, JSON.stringify([secret, name])), node_invalid: false });
  }

  async function nodeOf(request: ShipperRequest, { node_key: key }: JsonObject): Promise<Node | undefined> {
    const opened = typeof key === "string" && key.length < 4_096 ? keys.open(USE, key) : undefined;
    if (opened === undefined) return undefined;
    const [secret = "", host = ""] = JSON.parse(opened) as readonly string[];
    const admission = await request.admit(secret);
    return admission.kind === "admitted" ? { token: admission.token, host } : undefined;
  }

  async function keep(asked: JsonObject, { records, node, peer }: Kept): Promise<void> {
    const { log_type: type, data } = asked;
    const lines: unknown = typeof data === "string" ? parsedList(data) : data;
    if (!LOG_TYPES.has(type) || !Array.isArray(lines)) {
      throw new TytoError("bad-request", "log_type or data is missing; nothing of the body was accepted");
    }
    for (const line of lines) records.add(typeof line === "string" ? line : JSON.stringify(line));
    const source = await intake.source(node.token);
    const header = JSON.stringify({ osquery: { log_type: type, host: node.host } });
    for (const group of records.groups()) {
      await intake.append({ ...group, source, header, ...(peer === undefined ? {} : { peer }) });
    }
  }

  return {
    kind: intake.kind,
    isBesideConsole: false,
    routes: ["", "/osquery"].flatMap((root) =>
      ACTIONS.map((action) => ({ methods: ["POST"] as const, path: `${root}/${action}` })),
    ),
    async handle(request) {
      try {
        return await take(request);
      } catch (error) {
        if (!(error instanceof TytoError)) throw error;
        return jsonReply(error.status, { error: error.message }, refusalHeaders(error));
      }
    },
    counts: () => intake.counts(),
  };
}

interface Node {
  readonly token: SenderToken;
  readonly host: string;
}

interface Kept {
  readonly records: ExpandedRecords;
  readonly node: Node;
  readonly peer: string | undefined;
}

/** Old versions send the list as a text of JSON. */
function parsedList(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
