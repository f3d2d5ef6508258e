import { isObject } from "../poll/api-call.ts";
import { decodeKey } from "./s3-client.ts";

export interface NewObject {
  readonly bucket: string;
  readonly key: string;
}

/** What a message says: new objects; something that needs no answer (a test event, a deletion); or nothing that is known. */
export type Notification =
  | { readonly kind: "objects"; readonly objects: readonly NewObject[] }
  | { readonly kind: "nothing" }
  | { readonly kind: "unknown" };

const MAX_DEPTH = 3;

/** Reads S3's own event message, the same within an SNS envelope, EventBridge's form, and CloudTrail's list of files. */
export function readNotification(body: string, depth = 0): Notification {
  const value = parsed(body);
  if (!isObject(value) || depth > MAX_DEPTH) return { kind: "unknown" };
  if (value["Event"] === "s3:TestEvent") return { kind: "nothing" };
  if (Array.isArray(value["Records"])) return ofRecords(value["Records"], depth);
  if (typeof value["Message"] === "string" && "TopicArn" in value)
    return readNotification(value["Message"], depth + 1);
  if (isObject(value["detail"]) && typeof value["detail-type"] === "string") {
    return ofEventBridge(value["detail"], value["detail-type"]);
  }
  if (typeof value["s3Bucket"] === "string" && Array.isArray(value["s3ObjectKey"])) {
    const bucket = value["s3Bucket"];
    const keys = value["s3ObjectKey"].filter((key): key is string => typeof key === "string");
    return { kind: "objects", objects: keys.map((key) => ({ bucket, key })) };
  }
  return { kind: "unknown" };
}

function ofRecords(records: readonly unknown[], depth: number): Notification {
  const objects: NewObject[] = [];
  let isKnown = records.length > 0;
  for (const record of records) {
    const { s3, eventName, Sns: sns } = isObject(record) ? record : {};
    if (isObject(sns) && typeof sns["Message"] === "string") {
      const inner = readNotification(sns["Message"], depth + 1);
      if (inner.kind === "objects") objects.push(...inner.objects);
      isKnown &&= inner.kind !== "unknown";
      continue;
    }
    const object = isObject(s3) ? objectOf(s3["bucket"], s3["object"], true) : undefined;
    if (object === undefined) isKnown = false;
    else if (typeof eventName !== "string" || /ObjectCreated|ObjectRestore:Completed/.test(eventName))
      objects.push(object);
  }
  if (!isKnown && objects.length === 0) return { kind: "unknown" };
  return objects.length === 0 ? { kind: "nothing" } : { kind: "objects", objects };
}

function ofEventBridge(detail: Readonly<Record<string, unknown>>, type: string): Notification {
  const object = objectOf(detail["bucket"], detail["object"], false);
  if (object === undefined) return { kind: "unknown" };
  return type === "Object Created" ? { kind: "objects", objects: [object] } : { kind: "nothing" };
}

/** S3's own messages encode keys as forms do; EventBridge's do not. */
function objectOf(bucket: unknown, object: unknown, isEncoded: boolean): NewObject | undefined {
  const name = isObject(bucket) ? bucket["name"] : undefined;
  const key = isObject(object) ? object["key"] : undefined;
  if (typeof name !== "string" || typeof key !== "string" || key === "") return undefined;
  if (!/^[a-z0-9][a-z0-9.-]{1,62}$/.test(name)) return undefined;
  return { bucket: name, key: isEncoded ? decodeKey(key) : key };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
