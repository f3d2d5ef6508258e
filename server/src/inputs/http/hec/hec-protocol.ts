import { TytoError } from "@tyto/domain";
import { alike } from "../../records/alike.ts";
import type { SplitRecord } from "../../records/splitter.ts";
import type { Body } from "../body.ts";
import type { HttpIntake } from "../intake.ts";
import { credentialOf, headerOf, jsonReply } from "../shipper.ts";
import type { HttpMethod, SenderToken, ShipperProtocol, ShipperReply, ShipperRequest } from "../shipper.ts";
import { splitLines } from "../split-body.ts";
import { hecRefusal, hecReply } from "./answers.ts";
import { AckChannels, isChannel } from "./channels.ts";
import { readHecEvents } from "./events.ts";

export interface HecOptions {
  readonly allowsQueryTokens: boolean;
  /** The first number of this run; 0 when absent. */
  readonly firstAck?: number;
}

const POST: readonly HttpMethod[] = ["POST"];
const GET: readonly HttpMethod[] = ["GET"];
const SENDING = [
  "",
  "/event",
  "/event/1.0",
  "/raw",
  "/raw/1.0",
  "/mint",
  "/mint/1.0",
  "/1.0",
  "/ack",
  "/ack/1.0",
];
const ROOT = "/services/collector";
/** Tells packs that the records are the collector's envelopes. */
const EVENT_HEADER = JSON.stringify({ hec: { endpoint: "event" } });
const METADATA = ["host", "source", "sourcetype", "index", "time"] as const;
const MAX_ACKS = 10_000;

/** Splunk's HTTP Event Collector: events, raw lines, health and acknowledgement, with its own codes. */
export function createHecProtocol(intake: HttpIntake, options: HecOptions): ShipperProtocol {
  const channels = new AckChannels(options.firstAck ?? 0);

  async function send(request: ShipperRequest): Promise<ShipperReply> {
    const sender = await admitted(request, options);
    if ("status" in sender) return sender;
    const action = actionOf(request.path);
    const channel =
      headerOf(request, "x-splunk-request-channel") ?? request.query.get("channel") ?? undefined;
    if (channel === undefined && (action === "raw" || action === "ack")) return hecReply("channelMissing");
    if (channel !== undefined && !isChannel(channel)) return hecReply("channelInvalid");
    const body = await intake.read(request);
    try {
      if (action === "ack")
        return acks(body.bytes, (id) => channels.isAcknowledged(sender.id, channel ?? "", id));
      if (isBlank(body.bytes)) return hecReply("noData");
      const told = (): Readonly<Record<string, number>> =>
        channel === undefined ? {} : { ackId: channels.acknowledge(sender.id, channel) };
      return action === "event"
        ? await takeEvents(request, sender, body, told)
        : await takeLines(request, sender, body, told);
    } finally {
      body.release();
    }
  }

  async function takeEvents(
    request: ShipperRequest,
    sender: SenderToken,
    body: Body,
    told: () => Readonly<Record<string, number>>,
  ): Promise<ShipperReply> {
    const { events, problem } = readHecEvents(body.bytes, body.limits);
    // As Splunk does: what stands before the event that is none is kept, and the number tells where to go on.
    await append(request, sender, events, EVENT_HEADER);
    if (problem !== undefined) return hecReply(problem.answer, { "invalid-event-number": problem.number });
    return hecReply(events.length === 0 ? "noData" : "success", told());
  }

  async function takeLines(
    request: ShipperRequest,
    sender: SenderToken,
    body: Body,
    told: () => Readonly<Record<string, number>>,
  ): Promise<ShipperReply> {
    const records = splitLines(body.bytes, body.limits);
    const said = METADATA.map((name) => [name, request.query.get(name)?.slice(0, 1_024)] as const);
    const known = said.filter((one): one is [(typeof METADATA)[number], string] => one[1] !== undefined);
    await append(
      request,
      sender,
      records,
      JSON.stringify({ hec_raw: { endpoint: "raw", ...Object.fromEntries(known) } }),
    );
    return hecReply("success", told());
  }

  async function append(
    request: ShipperRequest,
    sender: SenderToken,
    records: readonly SplitRecord[],
    header: string,
  ): Promise<void> {
    const source = await intake.source(sender);
    // A line's own header (names of columns) says more about it than the address does.
    for (const group of alike(records)) {
      await intake.append({
        source,
        header: group.header ?? header,
        records: group.records.map(({ bytes }) => bytes),
        ...(group.fault === undefined ? {} : { fault: group.fault }),
        ...(request.peer === undefined ? {} : { peer: request.peer }),
      });
    }
  }

  return {
    kind: intake.kind,
    isBesideConsole: true,
    routes: [
      ...SENDING.map((path) => ({ methods: POST, path: ROOT + path })),
      ...["/health", "/health/1.0"].map((path) => ({ methods: GET, path: ROOT + path })),
    ],
    async handle(request) {
      if (request.method !== "POST") return hecReply(intake.isBusy ? "unhealthy" : "healthy");
      try {
        return await send(request);
      } catch (error) {
        if (!(error instanceof TytoError)) throw error;
        return hecRefusal(error);
      }
    },
    counts: () => intake.counts(),
  };
}

function actionOf(path: string): "event" | "raw" | "mint" | "ack" {
  const [first = ""] = path.slice(ROOT.length + 1).split("/");
  return first === "raw" || first === "mint" || first === "ack" ? first : "event";
}

async function admitted(request: ShipperRequest, options: HecOptions): Promise<SenderToken | ShipperReply> {
  const credential = credentialOf(request, ["splunk", "basic", "bearer"]);
  const inQuery = request.query.get("token");
  if (credential.kind === "malformed") return hecReply("invalidAuthorization");
  if (credential.kind === "none" && inQuery === null) return hecReply("tokenRequired");
  if (credential.kind === "none" && !options.allowsQueryTokens) return hecReply("queryTokenDisabled");
  const admission = await request.admit(credential.kind === "secret" ? credential.secret : (inQuery ?? ""));
  if (admission.kind === "admitted") return admission.token;
  return hecReply(admission.reason === "expired" ? "tokenDisabled" : "invalidToken");
}

function isBlank(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d));
}

/** `{"acks": [0, 1]}` → `{"acks": {"0": true, "1": false}}`. */
function acks(bytes: Uint8Array, isAcknowledged: (id: number) => boolean): ShipperReply {
  const asked = idsOf(bytes);
  if (asked === undefined) return hecReply("invalidFormat");
  return jsonReply(200, { acks: Object.fromEntries(asked.map((id) => [id, isAcknowledged(id)])) });
}

function idsOf(bytes: Uint8Array): readonly number[] | undefined {
  try {
    const body: unknown = JSON.parse(Buffer.from(bytes).toString("utf8"));
    const ids: unknown = typeof body === "object" && body !== null && "acks" in body ? body.acks : undefined;
    if (!Array.isArray(ids) || ids.length > MAX_ACKS) return undefined;
    return ids.every((id): id is number => Number.isSafeInteger(id)) ? ids : undefined;
  } catch {
    return undefined;
  }
}
