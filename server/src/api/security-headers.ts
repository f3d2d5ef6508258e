/** Nothing but our own files, no frames, no inline script or style: what a log line smuggles into a page cannot run. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "object-src 'none'",
].join("; ");

const ALWAYS: Readonly<Record<string, string>> = {
  "content-security-policy": CONTENT_SECURITY_POLICY,
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=()",
  "x-frame-options": "DENY",
};

/** Headers of every answer. */
export function securityHeaders(answer: {
  readonly isApi: boolean;
  readonly isTls: boolean;
}): Readonly<Record<string, string>> {
  return {
    ...ALWAYS,
    ...(answer.isApi ? { "cache-control": "no-store" } : {}),
    ...(answer.isTls ? { "strict-transport-security": "max-age=31536000" } : {}),
  };
}
