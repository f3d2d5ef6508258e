import type { PullContext } from "../pull/ports.ts";
import type { NewObject } from "./notification.ts";
import { OBJECT_LIMITS, readObject } from "./read-object.ts";
import type { S3Client } from "./s3-client.ts";

/** @returns whether the object is there. @throws PullFailure */
export async function takeObject(
  context: Pick<PullContext<"s3">, "deliver" | "signal" | "skipped">,
  s3: S3Client,
  object: NewObject,
): Promise<boolean> {
  const opened = await s3.get(object.bucket, object.key);
  if (opened === undefined) return false;
  const trouble = await readObject(context, object, opened, OBJECT_LIMITS);
  if (trouble !== undefined) context.skipped(`${object.bucket}/${object.key}`, trouble);
  return true;
}
