import { TytoError } from "@tyto/domain";
import { admittedSender } from "../admission.ts";
import { ExpandedRecords } from "../expanded-records.ts";
import { refusalHeaders } from "../intake.ts";
import type { HttpIntake } from "../intake.ts";
import { parseJsonBody } from "../json-body.ts";
import { mediaTypeOf, textReply } from "../shipper.ts";
import type { ShipperProtocol, ShipperReply, ShipperRequest } from "../shipper.ts";
import { BrokenProtobuf } from "../wire/protobuf.ts";
import { BrokenSnappy, SnappyTooLarge, unsnappiedLength, unsnappy } from "../wire/snappy.ts";
import { readJsonPush, readProtobufPush } from "./push.ts";

/** Loki's push: JSON, or protobuf in a Snappy block, as Promtail, Alloy, Fluent Bit, Vector and Docker's driver send it. */
export function createLokiProtocol(intake: HttpIntake): ShipperProtocol {
  async function take(request: ShipperRequest): Promise<ShipperReply> {
    const sender = await admittedSender(request, { allowsQueryTokens: false });
    const body = await intake.read(request);
    const records = new ExpandedRecords(intake);
    try {
      if (mediaTypeOf(request) === "application/json") readJsonPush(parseJsonBody(body.bytes), records);
      else readSnappy(body.bytes, records);
      const source = await intake.source(sender);
      for (const group of records.groups()) {
        await intake.append({
          ...group,
          source,
          ...(request.peer === undefined ? {} : { peer: request.peer }),
        });
      }
      return { status: 204, headers: {}, body: "" };
    } finally {
      records.release();
      body.release();
    }
  }

  function readSnappy(bytes: Uint8Array, records: ExpandedRecords): void {
    const length = unsnappiedLength(bytes, intake.limits.maxInflatedBytes);
    const give = intake.hold(length);
    try {
      readProtobufPush(unsnappy(bytes, length), records);
    } finally {
      give();
    }
  }

  return {
    kind: intake.kind,
    isBesideConsole: true,
    routes: [
      { methods: ["POST"], path: "/loki/api/v1/push" },
      { methods: ["GET"], path: "/ready" },
    ],
    async handle(request) {
      if (request.method !== "POST")
        return textReply(intake.isBusy ? 503 : 200, intake.isBusy ? "busy\n" : "ready\n");
      try {
        return await take(request);
      } catch (error) {
        return refusal(error);
      }
    },
    counts: () => intake.counts(),
  };
}

/** Clients drop a batch at 400 and send it again at 429 and 5xx. */
function refusal(error: unknown): ShipperReply {
  if (error instanceof SnappyTooLarge) {
    return textReply(413, "the body inflates beyond its limits; nothing of it was accepted\n", {
      connection: "close",
    });
  }
  if (error instanceof BrokenProtobuf || error instanceof BrokenSnappy)
    return textReply(400, `${error.message}\n`);
  if (!(error instanceof TytoError)) throw error;
  return textReply(error.status, `${error.message}\n`, refusalHeaders(error));
}
