import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { assertNever, MICROS_PER_MINUTE, MICROS_PER_SECOND } from "@tyto/domain";
import type { Micros, WebhookKind } from "@tyto/domain";
import { headerOf } from "../shipper.ts";
import type { ShipperRequest } from "../shipper.ts";

/** A signed request that is older could be one that somebody has recorded. */
const WINDOW = 5 * MICROS_PER_MINUTE;
const GENERIC_HEADERS = ["x-signature-256", "x-tyto-signature", "x-hub-signature-256", "x-signature"];
const TOKEN_HEADERS = ["x-gitlab-token", "x-auth-token"];

export interface SignedRequest {
  readonly request: Pick<ShipperRequest, "headers">;
  /** As it is read; webhooks are not compressed. */
  readonly body: Uint8Array;
  readonly now: Micros;
}

/** Whether the request was made by one who knows the secret. Takes the same time wherever a signature is wrong. */
export function isSigned(kind: WebhookKind, secret: string, { request, body, now }: SignedRequest): boolean {
  switch (kind) {
    case "github":
      return equal(headerOf(request, "x-hub-signature-256"), `sha256=${hmac(secret, body)}`);
    case "slack": {
      const stamp = headerOf(request, "x-slack-request-timestamp") ?? "";
      if (!/^\d{1,12}$/.test(stamp) || Math.abs(Number(stamp) * MICROS_PER_SECOND - now) > WINDOW)
        return false;
      const signed = Buffer.concat([Buffer.from(`v0:${stamp}:`), body]);
      return equal(headerOf(request, "x-slack-signature"), `v0=${hmac(secret, signed)}`);
    }
    case "okta":
      return equal(headerOf(request, "authorization"), secret);
    case "generic": {
      const given = GENERIC_HEADERS.map((name) => headerOf(request, name)).find(
        (value) => value !== undefined,
      );
      return equal(given?.replace(/^sha256=/i, "").toLowerCase(), hmac(secret, body));
    }
    case "token": {
      const bearer = /^Bearer +(\S+) *$/i.exec(headerOf(request, "authorization") ?? "")?.[1];
      const given =
        bearer ?? TOKEN_HEADERS.map((name) => headerOf(request, name)).find((value) => value !== undefined);
      return equal(given, secret);
    }
    default:
      return assertNever(kind);
  }
}

function hmac(secret: string, body: Uint8Array): string {
  return createHmac("sha256", secret).update(body).digest("hex");
}

function equal(given: string | undefined, expected: string): boolean {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return given !== undefined && timingSafeEqual(digest(given), digest(expected));
}
