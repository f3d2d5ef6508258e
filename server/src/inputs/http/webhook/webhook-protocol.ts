import { TytoError } from "@tyto/domain";
import type { RawBatch, SourceId, WebhookKind } from "@tyto/domain";
import { deliveryOrigin } from "../../origin.ts";
import { alike } from "../../records/alike.ts";
import { refusalHeaders } from "../intake.ts";
import type { HttpIntake } from "../intake.ts";
import { headerOf, jsonReply, mediaTypeOf } from "../shipper.ts";
import type { ShipperProtocol, ShipperReply, ShipperRequest } from "../shipper.ts";
import { isSigned } from "./signature.ts";
import { webhookRecords } from "./webhook-records.ts";

export interface KnownWebhook {
  readonly name: string;
  readonly kind: WebhookKind;
  readonly secret: string;
}

export interface WebhookDirectory {
  find(name: string): KnownWebhook | undefined;
}

/** Headers that say what a delivery is about, and are not in its body. */
const EVENT_HEADERS = ["x-github-event", "x-gitlab-event", "x-event-type"];
/** Names of a delivery, the same when it is sent again. */
const DELIVERY_HEADERS = ["x-github-delivery", "x-gitlab-event-uuid", "idempotency-key"];
const MAX_CHALLENGE = 1_024;

/** Products that call when something happens. Each webhook has a name and a secret of its own; without the secret nothing is read. */
export function createWebhookProtocol(intake: HttpIntake, webhooks: WebhookDirectory): ShipperProtocol {
  async function take(request: ShipperRequest, webhook: KnownWebhook): Promise<ShipperReply> {
    const body = await intake.read(request);
    try {
      if (!isSigned(webhook.kind, webhook.secret, { request, body: body.bytes, now: intake.now() }))
        throw unsigned();
      const challenge = webhook.kind === "slack" ? slackChallenge(body.bytes) : undefined;
      if (challenge !== undefined) return jsonReply(200, { challenge });
      const mediaType = mediaTypeOf(request);
      const records = webhookRecords(body.bytes, { kind: webhook.kind, mediaType }, body.limits);
      const source = await intake.source({ id: webhook.name, name: webhook.name });
      const placed = records.map((record, ordinal) => ({
        bytes: record.bytes,
        fault: record.fault,
        ordinal,
      }));
      for (const { records: group, fault } of alike(placed.map(withoutAbsent))) {
        await intake.append({
          source,
          header: JSON.stringify({
            webhook: { name: webhook.name, kind: webhook.kind, ...eventOf(request) },
          }),
          identity: identityOf(request, source, group),
          records: group.map(({ bytes }) => bytes),
          ...(fault === undefined ? {} : { fault }),
          ...(request.peer === undefined ? {} : { peer: request.peer }),
        });
      }
      return jsonReply(200, { accepted: records.length });
    } finally {
      body.release();
    }
  }

  return {
    kind: intake.kind,
    isBesideConsole: true,
    routes: [{ methods: ["GET", "POST"], path: "/ingest/webhook/:name" }],
    async handle(request) {
      try {
        const webhook = webhooks.find(decoded(request.path.slice("/ingest/webhook/".length)));
        // Whether a name exists is told to nobody who has not its secret.
        if (webhook === undefined) throw unsigned();
        return request.method === "GET" ? verification(request, webhook) : await take(request, webhook);
      } catch (error) {
        if (!(error instanceof TytoError)) throw error;
        return jsonReply(
          error.status,
          { error: { code: error.code, message: error.message } },
          refusalHeaders(error),
        );
      }
    },
    counts: () => intake.counts(),
  };
}

interface Placed {
  readonly bytes: Uint8Array;
  readonly ordinal: number;
}

function withoutAbsent<T extends Placed & { readonly fault: Fault | undefined }>({
  bytes,
  ordinal,
  fault,
}: T): Placed & {
  readonly fault?: Fault;
} {
  return fault === undefined ? { bytes, ordinal } : { bytes, ordinal, fault };
}
type Fault = NonNullable<RawBatch["fault"]>;

function identityOf(
  request: ShipperRequest,
  source: SourceId,
  records: readonly Placed[],
): RawBatch["identity"] {
  const delivery = DELIVERY_HEADERS.map((name) => headerOf(request, name)).find(
    (value) => value !== undefined,
  );
  if (delivery === undefined || !/^[\x21-\x7e]{1,255}$/.test(delivery)) return { kind: "journal" };
  return {
    kind: "object",
    origin: deliveryOrigin(source, delivery),
    ordinals: records.map(({ ordinal }) => ordinal),
  };
}

function eventOf(request: ShipperRequest): { readonly event?: string } {
  const event = EVENT_HEADERS.map((name) => headerOf(request, name)).find((value) => value !== undefined);
  return event === undefined ? {} : { event: event.slice(0, 128) };
}

/** Okta asks once, before it sends: the value comes back as JSON. */
function verification(request: ShipperRequest, webhook: KnownWebhook): ShipperReply {
  const challenge = headerOf(request, "x-okta-verification-challenge");
  const isAsked = webhook.kind === "okta" && challenge !== undefined && challenge.length <= MAX_CHALLENGE;
  if (!isAsked) throw new TytoError("bad-request", "this webhook is called with POST");
  return jsonReply(200, { verification: challenge });
}

/** Slack asks once, signed like everything else. */
function slackChallenge(bytes: Uint8Array): string | undefined {
  if (bytes.length > 4_096) return undefined;
  try {
    const body: unknown = JSON.parse(Buffer.from(bytes).toString("utf8"));
    if (typeof body !== "object" || body === null || !("type" in body) || body.type !== "url_verification")
      return undefined;
    return "challenge" in body && typeof body.challenge === "string" ? body.challenge : undefined;
  } catch {
    return undefined;
  }
}

function unsigned(): TytoError {
  return new TytoError(
    "unauthenticated",
    "there is no such webhook, or the request is not signed with its secret",
  );
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
