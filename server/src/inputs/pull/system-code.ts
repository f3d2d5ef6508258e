/** Node's or OpenSSL's code of a failure, also within its causes. */
export function systemCodeOf(error: unknown): string | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < 4; at = at.cause, depth += 1) {
    if ("code" in at && typeof at.code === "string") return at.code;
    if (at instanceof AggregateError && at.errors[0] instanceof Error) return systemCodeOf(at.errors[0]);
  }
  return undefined;
}
