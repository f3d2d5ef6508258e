import { TytoError } from "@tyto/domain";

/** Parsed, JSON takes several times its bytes: batches of shippers are far smaller. */
const MAX_PARSED_BYTES = 16 * 1024 * 1024;

/** A whole body that is one JSON object. @throws TytoError `bad-request`, `too-large` */
export function parseJsonBody(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  if (bytes.length > MAX_PARSED_BYTES) {
    throw new TytoError(
      "too-large",
      `a JSON body here has at most ${MAX_PARSED_BYTES} bytes; nothing of it was accepted`,
      {
        hint: "send it in several batches",
      },
    );
  }
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8"));
  } catch (cause) {
    throw new TytoError("bad-request", "the body is no JSON; nothing of it was accepted", { cause });
  }
  if (isObject(value)) return value;
  throw new TytoError("bad-request", "the body is no JSON object; nothing of it was accepted");
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
