import { TytoError } from "@tyto/domain";
import { credentialOf } from "./shipper.ts";
import type { SenderToken, ShipperRequest } from "./shipper.ts";

export interface AdmissionOptions {
  /** Whether `?token=` is looked at where there is no header. */
  readonly allowsQueryTokens: boolean;
}

/**
 * The sender, for protocols that have no words of their own for refusals: by Bearer, by Basic's password, by ApiKey.
 * @throws TytoError `unauthenticated`, `forbidden`
 */
export async function admittedSender(
  request: ShipperRequest,
  options: AdmissionOptions,
): Promise<SenderToken> {
  const credential = credentialOf(request, ["bearer", "basic", "apikey"]);
  const inQuery = options.allowsQueryTokens ? request.query.get("token") : null;
  const secret = credential.kind === "secret" ? credential.secret : inQuery;
  if (credential.kind === "malformed" || secret === null) {
    throw new TytoError("unauthenticated", "send Authorization: Bearer TOKEN, or the token as the password");
  }
  const admission = await request.admit(secret);
  if (admission.kind === "admitted") return admission.token;
  if (admission.reason === "wrong-scope") throw new TytoError("forbidden", "this token may not send");
  const what = admission.reason === "expired" ? "has expired" : "is not known here";
  throw new TytoError("unauthenticated", `this token ${what}`);
}
