import { PullFailure } from "../pull/pull-failure.ts";

const CREDENTIALS =
  /^(InvalidClientTokenId|UnrecognizedClientException|InvalidAccessKeyId|ExpiredToken|ExpiredTokenException|InvalidToken|IncompleteSignature|MissingAuthenticationToken.*|InvalidSecurityToken.*)$/;
const SIGNATURE = /^(SignatureDoesNotMatch|InvalidSignatureException)$/;
const CLOCK = /^(RequestTimeTooSkewed|RequestExpired)$/;
const DENIED =
  /^(AccessDenied|AccessDeniedException|AuthorizationError|AllAccessDisabled|KMS\.AccessDeniedException)$/;
const THROTTLED =
  /^(Throttling|ThrottlingException|ThrottledException|RequestThrottled|SlowDown|TooManyRequestsException|RequestLimitExceeded)$/;

/** What AWS's error code means for a person; undefined when it is none of these. */
export function awsFailure(service: string, code: string, needs: string): PullFailure | undefined {
  if (CREDENTIALS.test(code)) {
    return new PullFailure("credentials", `${service} does not accept the access key (${code})`, {
      hint: "Set accessKeyId and the secret secretAccessKey again; temporary credentials also need sessionToken, and end.",
    });
  }
  if (SIGNATURE.test(code)) {
    return new PullFailure("credentials", `${service} does not accept the signature (${code})`, {
      hint: "The secret access key is not that of the access key, or this machine's clock is wrong.",
    });
  }
  if (CLOCK.test(code)) {
    return new PullFailure("refused", `${service} says that this machine's clock is wrong (${code})`, {
      hint: "Set the clock (NTP).",
    });
  }
  if (DENIED.test(code)) {
    return new PullFailure("permission", `${service} does not allow this (${code})`, {
      hint: `The key needs ${needs}.`,
    });
  }
  if (THROTTLED.test(code))
    return new PullFailure("throttled", `${service} asks to wait (${code})`, { retryAfterMs: 5_000 });
  return undefined;
}

/** `com.amazon…#Code:…` or `Code` of a JSON error, `<Code>` of an XML one. */
export function awsErrorCode(body: Uint8Array): string {
  const text = Buffer.from(body.buffer, body.byteOffset, Math.min(body.length, 8_192)).toString("utf8");
  const xml = /<Code>([\w.]{1,80})<\/Code>/.exec(text)?.[1];
  if (xml !== undefined) return xml;
  const json = /"(?:__type|code)"\s*:\s*"(?:[^"#]{0,120}#)?([\w.]{1,80})/.exec(text)?.[1];
  return json ?? "";
}
