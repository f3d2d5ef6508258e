import { TytoError } from "@tyto/domain";
import { admittedSender } from "../admission.ts";
import { ExpandedRecords } from "../expanded-records.ts";
import { refusalHeaders } from "../intake.ts";
import type { HttpIntake } from "../intake.ts";
import { parseJsonBody } from "../json-body.ts";
import { mediaTypeOf } from "../shipper.ts";
import type { SenderToken, ShipperProtocol, ShipperReply, ShipperRequest } from "../shipper.ts";
import { BrokenProtobuf, encodeMessage } from "../wire/protobuf.ts";
import { readJsonLogs } from "./json-logs.ts";
import { readProtobufLogs } from "./protobuf-logs.ts";
import { countJson, countProtobuf } from "./signal-count.ts";

type Form = "protobuf" | "json";

const FORM_OF: ReadonlyMap<string, Form> = new Map([
  ["application/x-protobuf", "protobuf"],
  ["application/protobuf", "protobuf"],
  ["application/json", "json"],
]);
/** Codes of google.rpc.Status by HTTP status. */
const RPC_CODES: ReadonlyMap<number, number> = new Map([
  [400, 3],
  [401, 16],
  [403, 7],
  [413, 8],
  [415, 3],
  [429, 8],
  [503, 14],
]);

/** OpenTelemetry's logs over HTTP, in both of its encodings; traces and metrics are refused in its own way, each one counted. */
export function createOtlpProtocol(intake: HttpIntake): ShipperProtocol {
  async function take(request: ShipperRequest, form: Form, sender: SenderToken): Promise<ShipperReply> {
    const signal = request.path.split("/")[2] ?? "";
    const body = await intake.read(request);
    const records = new ExpandedRecords(intake);
    try {
      if (signal === "traces" || signal === "metrics") {
        const count =
          form === "json" ? countJson(parseJsonBody(body.bytes), signal) : countProtobuf(body.bytes, signal);
        return partial(form, signal, count);
      }
      if (form === "json") readJsonLogs(parseJsonBody(body.bytes), records);
      else readProtobufLogs(body.bytes, records);
      const source = await intake.source(sender);
      for (const group of records.groups()) {
        await intake.append({
          ...group,
          source,
          ...(request.peer === undefined ? {} : { peer: request.peer }),
        });
      }
      return form === "json"
        ? reply(form, 200, `{"partialSuccess":{}}`)
        : reply(form, 200, new Uint8Array(0));
    } finally {
      records.release();
      body.release();
    }
  }

  return {
    kind: intake.kind,
    isBesideConsole: true,
    routes: ["/v1/logs", "/v1/traces", "/v1/metrics"].map((path) => ({ methods: ["POST"], path })),
    async handle(request) {
      const form = FORM_OF.get(mediaTypeOf(request));
      try {
        const sender = await admittedSender(request, { allowsQueryTokens: false });
        if (form === undefined) {
          throw new TytoError("unsupported-media-type", "send application/x-protobuf or application/json");
        }
        return await take(request, form, sender);
      } catch (error) {
        if (error instanceof BrokenProtobuf) {
          return failure(form, new TytoError("bad-request", `the body is no such message: ${error.message}`));
        }
        if (!(error instanceof TytoError)) throw error;
        return failure(form, error);
      }
    },
    counts: () => intake.counts(),
  };
}

function partial(form: Form, signal: "traces" | "metrics", count: number): ShipperReply {
  const message = count === 0 ? "" : `${signal} are not kept here; send logs alone`;
  if (form === "json") {
    const rejected = signal === "traces" ? { rejectedSpans: count } : { rejectedDataPoints: count };
    return reply(
      form,
      200,
      JSON.stringify({ partialSuccess: count === 0 ? {} : { ...rejected, errorMessage: message } }),
    );
  }
  const inner =
    count === 0
      ? []
      : ([
          [1, count],
          [2, message],
        ] as const);
  return reply(form, 200, count === 0 ? new Uint8Array(0) : encodeMessage([[1, encodeMessage(inner)]]));
}

/** google.rpc.Status, in the encoding of the request. */
function failure(form: Form | undefined, error: TytoError): ShipperReply {
  const code = RPC_CODES.get(error.status) ?? 13;
  const headers = refusalHeaders(error);
  if (form === "protobuf") {
    return reply(
      form,
      error.status,
      encodeMessage([
        [1, code],
        [2, error.message],
      ]),
      headers,
    );
  }
  return reply("json", error.status, JSON.stringify({ code, message: error.message }), headers);
}

function reply(
  form: Form,
  status: number,
  body: string | Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): ShipperReply {
  const type = form === "json" ? "application/json" : "application/x-protobuf";
  return { status, headers: { "content-type": type, ...headers }, body };
}
