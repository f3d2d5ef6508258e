import { resolve } from "node:path";
import { TytoError } from "@tyto/domain";
import { FolderPlace, ObjectPlace, S3Objects } from "../storage/index.ts";
import type { ArchivePlace } from "../storage/index.ts";

/** A folder, or `s3://bucket/prefix` with the credentials that AWS's own tools take from the environment. */
export function archivePlace(
  text: string,
  environment: Readonly<Record<string, string | undefined>>,
): ArchivePlace {
  const s3 = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/.exec(text);
  if (s3 === null) {
    if (/^[a-z0-9]+:\/\//i.test(text))
      throw new TytoError("bad-request", `"${text.slice(0, 80)}" is no place for archives`, {
        hint: "Give a folder, or s3://bucket/prefix.",
      });
    return new FolderPlace(resolve(text));
  }
  const accessKeyId = environment["AWS_ACCESS_KEY_ID"];
  const secretAccessKey = environment["AWS_SECRET_ACCESS_KEY"];
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    throw new TytoError("config-invalid", "There are no credentials for S3", {
      hint: "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (AWS_SESSION_TOKEN, AWS_REGION and AWS_ENDPOINT_URL where needed).",
    });
  }
  const sessionToken = environment["AWS_SESSION_TOKEN"];
  const endpoint = environment["AWS_ENDPOINT_URL_S3"] ?? environment["AWS_ENDPOINT_URL"];
  const region = environment["AWS_REGION"] ?? environment["AWS_DEFAULT_REGION"] ?? "us-east-1";
  return new ObjectPlace(
    new S3Objects({
      bucket: s3[1] ?? "",
      prefix: (s3[2] ?? "").replace(/^\/+|\/+$/g, ""),
      region,
      accessKeyId,
      secretAccessKey,
      ...(sessionToken === undefined ? {} : { sessionToken }),
      ...(endpoint === undefined ? {} : { endpoint }),
    }),
  );
}
