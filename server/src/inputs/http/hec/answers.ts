import type { TytoError } from "@tyto/domain";
import { refusalHeaders } from "../intake.ts";
import { jsonReply } from "../shipper.ts";
import type { ShipperReply } from "../shipper.ts";

/** Splunk's own codes and words, which its client libraries compare. */
const ANSWERS = {
  success: { status: 200, code: 0, text: "Success" },
  tokenDisabled: { status: 403, code: 1, text: "Token disabled" },
  tokenRequired: { status: 401, code: 2, text: "Token is required" },
  invalidAuthorization: { status: 401, code: 3, text: "Invalid authorization" },
  invalidToken: { status: 403, code: 4, text: "Invalid token" },
  noData: { status: 400, code: 5, text: "No data" },
  invalidFormat: { status: 400, code: 6, text: "Invalid data format" },
  internal: { status: 500, code: 8, text: "Internal server error" },
  busy: { status: 503, code: 9, text: "Server is busy" },
  channelMissing: { status: 400, code: 10, text: "Data channel is missing" },
  channelInvalid: { status: 400, code: 11, text: "Invalid data channel" },
  eventRequired: { status: 400, code: 12, text: "Event field is required" },
  eventBlank: { status: 400, code: 13, text: "Event field cannot be blank" },
  invalidFields: { status: 400, code: 15, text: "Error in handling indexed fields" },
  queryTokenDisabled: { status: 400, code: 16, text: "Query string authorization is not enabled" },
  healthy: { status: 200, code: 17, text: "HEC is healthy" },
  unhealthy: { status: 503, code: 18, text: "HEC is unhealthy, queues are full" },
} as const;

export type HecAnswer = keyof typeof ANSWERS;

export function hecReply(
  answer: HecAnswer,
  more: Readonly<Record<string, number>> = {},
  headers: Readonly<Record<string, string>> = {},
): ShipperReply {
  const { status, code, text } = ANSWERS[answer];
  return jsonReply(status, { text, code, ...more }, headers);
}

/** What kept a body from being read or kept. */
export function hecRefusal(error: TytoError): ShipperReply {
  const headers = refusalHeaders(error);
  if (error.isRetryable) return hecReply("busy", {}, headers);
  const { status, code, text } = error.status >= 500 ? ANSWERS.internal : ANSWERS.invalidFormat;
  return jsonReply(error.status >= 500 ? status : error.status, { text, code }, headers);
}
