import { TytoError } from "@tyto/domain";
import { alike } from "../../records/alike.ts";
import { JsonSplitter } from "../../records/json-splitter.ts";
import type { SplitRecord } from "../../records/splitter.ts";
import { admittedSender } from "../admission.ts";
import type { AdmissionOptions } from "../admission.ts";
import { refusalHeaders } from "../intake.ts";
import type { HttpIntake } from "../intake.ts";
import { textReply } from "../shipper.ts";
import type { ShipperProtocol, ShipperReply, ShipperRequest } from "../shipper.ts";
import { checkRecords } from "../record-limits.ts";
import type { RecordLimits } from "../record-limits.ts";

/** Tells packs what the objects are, also those that forgot their version. */
const HEADER = JSON.stringify({ gelf: { endpoint: "http" } });

/** Graylog's format over HTTP: one message a request, or several, one after the other. Answered 202 when they are durable. */
export function createGelfProtocol(intake: HttpIntake, options: AdmissionOptions): ShipperProtocol {
  async function take(request: ShipperRequest): Promise<ShipperReply> {
    const sender = await admittedSender(request, options);
    const body = await intake.read(request);
    try {
      const messages = readMessages(body.bytes, body.limits);
      const source = await intake.source(sender);
      for (const { records, fault } of alike(messages)) {
        await intake.append({
          source,
          header: HEADER,
          records: records.map(({ bytes }) => bytes),
          ...(fault === undefined ? {} : { fault }),
          ...(request.peer === undefined ? {} : { peer: request.peer }),
        });
      }
      return textReply(202, "");
    } finally {
      body.release();
    }
  }

  return {
    kind: intake.kind,
    isBesideConsole: true,
    routes: [{ methods: ["POST"], path: "/gelf" }],
    async handle(request) {
      try {
        return await take(request);
      } catch (error) {
        if (!(error instanceof TytoError)) throw error;
        return textReply(error.status, `${error.message}\n`, refusalHeaders(error));
      }
    },
    counts: () => intake.counts(),
  };
}

/** All or nothing: a body of which a part is no object is refused whole. One that is too long is cut, to quarantine. */
function readMessages(body: Uint8Array, limits: RecordLimits): readonly SplitRecord[] {
  const splitter = new JsonSplitter("values", limits.maxRecordBytes);
  const messages: SplitRecord[] = [];
  for (const piece of [...splitter.push(body), ...splitter.end(true)]) {
    const isObject = piece.bytes[0] === 0x7b && (piece.fault === "oversize" || isJson(piece.bytes));
    if (!isObject)
      throw new TytoError("bad-request", "the body is no GELF message; nothing of it was accepted");
    messages.push(piece);
    checkRecords(messages.length, limits);
  }
  if (messages.length === 0) throw new TytoError("bad-request", "the body holds no message");
  return messages;
}

function isJson(bytes: Uint8Array): boolean {
  try {
    JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8"));
    return true;
  } catch {
    return false;
  }
}
