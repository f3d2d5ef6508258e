import { createHash } from "node:crypto";
import { TytoError } from "@tyto/domain";
import { AwsClient } from "aws4fetch";
import type { ObjectStore } from "./archive-place.ts";

export interface S3Settings {
  readonly bucket: string;
  /** Without slashes at its ends; may be empty. */
  readonly prefix: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  /** Of another S3 than Amazon's; its buckets are named in the path. */
  readonly endpoint?: string;
}

const MAX_OBJECT_BYTES = 256 * 1024 * 1024;
const TIMEOUT_MS = 5 * 60_000;
const RETRIES = 4;

/** An S3 bucket, ours or anybody's that speaks the same. */
export class S3Objects implements ObjectStore {
  readonly name: string;
  readonly #settings: S3Settings;
  readonly #client: AwsClient;

  constructor(settings: S3Settings) {
    const { bucket, prefix, region, accessKeyId, secretAccessKey, sessionToken } = settings;
    this.name = `s3://${bucket}${prefix === "" ? "" : `/${prefix}`}`;
    this.#settings = settings;
    this.#client = new AwsClient({
      service: "s3",
      region,
      accessKeyId,
      secretAccessKey,
      retries: RETRIES,
      ...(sessionToken === undefined ? {} : { sessionToken }),
    });
  }

  /** S3 checks the hash itself: what arrived changed is refused. */
  async put(key: string, content: Uint8Array): Promise<void> {
    const sha256 = createHash("sha256").update(content).digest();
    const reply = await this.#ask(key, {
      method: "PUT",
      body: Buffer.from(content),
      headers: {
        "x-amz-content-sha256": sha256.toString("hex"),
        "x-amz-checksum-sha256": sha256.toString("base64"),
      },
    });
    if (!reply.ok) throw await this.#refused("be written", key, reply);
  }

  async get(key: string): Promise<Buffer | undefined> {
    const reply = await this.#ask(key, { method: "GET" });
    if (reply.status === 404) return undefined;
    if (!reply.ok) throw await this.#refused("be read", key, reply);
    if (Number(reply.headers.get("content-length")) > MAX_OBJECT_BYTES)
      throw new TytoError("bundle-damaged", `${this.name}/${key} is too large to be part of an archive`);
    return Buffer.from(await reply.arrayBuffer());
  }

  async #ask(key: string, init: RequestInit): Promise<Response> {
    const url = this.#urlOf(key);
    try {
      return await this.#client.fetch(url, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
    } catch (cause) {
      throw new TytoError("store-failed", `${new URL(url).host} does not answer`, {
        cause,
        hint: "Check the region, or AWS_ENDPOINT_URL for another S3 than Amazon's.",
      });
    }
  }

  #urlOf(key: string): string {
    const { bucket, prefix, region, endpoint } = this.#settings;
    const path = [prefix, key].filter((part) => part !== "").join("/");
    const encoded = path.split("/").map(encodeURIComponent).join("/");
    if (endpoint !== undefined) return `${endpoint.replace(/\/+$/, "")}/${bucket}/${encoded}`;
    return `https://${bucket}.s3.${region}.amazonaws.com/${encoded}`;
  }

  async #refused(what: string, key: string, reply: Response): Promise<TytoError> {
    const code =
      /<Code>(\w{1,60})<\/Code>/.exec((await reply.text()).slice(0, 10_000))?.[1] ?? `status ${reply.status}`;
    return new TytoError("store-failed", `${this.name}/${key} cannot ${what}: ${code}`, {
      hint: "The key needs s3:PutObject and s3:GetObject on the prefix, and s3:ListBucket to tell a missing object from a forbidden one.",
    });
  }
}
