import { awsErrorCode, awsFailure } from "../aws/aws-failure.ts";
import { awsHost, signAws } from "../aws/sign.ts";
import type { AwsCredentials } from "../aws/sign.ts";
import type { HttpClient, OutboundResponse } from "../outbound/http-client.ts";
import { PullFailure } from "../pull/pull-failure.ts";

export interface S3Options {
  readonly http: HttpClient;
  readonly credentials: AwsCredentials;
  /** Of another S3; buckets are then named in the path. */
  readonly endpoint: string | undefined;
  readonly nowMs: () => number;
  readonly signal: AbortSignal;
}

export interface S3Entry {
  readonly key: string;
  readonly etag: string;
  readonly size: number;
  readonly modifiedMs: number;
}

export interface S3Object {
  readonly etag: string;
  readonly body: AsyncIterable<Uint8Array>;
  destroy(): void;
}

const MAX_LIST_BYTES = 8 * 1024 * 1024;
const NEEDS =
  "s3:GetObject on the objects, s3:ListBucket on the bucket, and kms:Decrypt where objects are encrypted with a key of yours";

/** The two questions to S3 that reading logs takes. */
export class S3Client {
  readonly #options: S3Options;

  constructor(options: S3Options) {
    this.#options = options;
  }

  /** @returns undefined when there is no such object (any more). @throws PullFailure */
  async get(bucket: string, key: string): Promise<S3Object | undefined> {
    const response = await this.#ask(this.#url(bucket, key));
    if (response.status === 200) {
      return {
        etag: String(response.headers.etag ?? response.headers["last-modified"] ?? ""),
        body: response.body,
        destroy: () => response.destroy(),
      };
    }
    const code = await codeOf(response);
    if (code === "NoSuchKey" || (response.status === 404 && code === "")) return undefined;
    throw failureOf(code, response.status);
  }

  /** Entries in the order of their keys, after one. @throws PullFailure */
  async list(
    bucket: string,
    options: { readonly prefix: string; readonly after: string; readonly limit?: number },
  ): Promise<{ readonly entries: readonly S3Entry[]; readonly isTruncated: boolean }> {
    const url = new URL(this.#url(bucket, ""));
    url.searchParams.set("list-type", "2");
    url.searchParams.set("encoding-type", "url");
    url.searchParams.set("max-keys", String(options.limit ?? 1_000));
    if (options.prefix !== "") url.searchParams.set("prefix", options.prefix);
    if (options.after !== "") url.searchParams.set("start-after", options.after);
    const response = await this.#ask(url.href);
    if (response.status !== 200) throw failureOf(await codeOf(response), response.status);
    const xml = await textOf(response, MAX_LIST_BYTES);
    if (!xml.includes("<ListBucketResult")) {
      throw new PullFailure("unreachable", `${url.host} does not answer as S3 does`);
    }
    return { entries: readEntries(xml), isTruncated: /<IsTruncated>true<\/IsTruncated>/.test(xml) };
  }

  async #ask(url: string): Promise<OutboundResponse> {
    const { http, credentials, nowMs, signal } = this.#options;
    const request = { url, method: "GET", headers: { "x-amz-content-sha256": "UNSIGNED-PAYLOAD" } };
    const headers = await signAws(request, credentials, "s3", nowMs());
    return http.open({ url, headers, signal });
  }

  #url(bucket: string, key: string): string {
    const { endpoint, credentials } = this.#options;
    const path = key.split("/").map(encodeKey).join("/");
    if (endpoint !== undefined) return `${endpoint.replace(/\/+$/, "")}/${bucket}/${path}`;
    // A bucket with dots in its name does not fit the certificate.
    return bucket.includes(".")
      ? `https://${awsHost("s3", credentials.region)}/${bucket}/${path}`
      : `https://${bucket}.${awsHost("s3", credentials.region)}/${path}`;
  }
}

/** RFC 3986, stricter than `encodeURIComponent`; and dots of their own are no steps up. */
function encodeKey(part: string): string {
  const encoded = encodeURIComponent(part).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return encoded === "." || encoded === ".." ? encoded.replaceAll(".", "%2E") : encoded;
}

async function codeOf(response: OutboundResponse): Promise<string> {
  return awsErrorCode(Buffer.from(await textOf(response, 64 * 1024)));
}

async function textOf(response: OutboundResponse, maxBytes: number): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body) {
    size += part.length;
    if (size > maxBytes) break;
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

function failureOf(code: string, status: number): PullFailure {
  const known = awsFailure("S3", code, NEEDS);
  if (known !== undefined) return known;
  if (code === "NoSuchBucket") return new PullFailure("settings", "there is no such bucket");
  if (
    status === 301 ||
    status === 307 ||
    code === "PermanentRedirect" ||
    code === "AuthorizationHeaderMalformed"
  ) {
    return new PullFailure("settings", "the bucket is in another region", {
      hint: "Set region to the bucket's.",
    });
  }
  if (status === 403)
    return new PullFailure("permission", "S3 does not allow this (403)", { hint: `The key needs ${NEEDS}.` });
  return new PullFailure("unreachable", `S3 fails (${status}${code === "" ? "" : ` ${code}`})`);
}

function readEntries(xml: string): readonly S3Entry[] {
  return [...xml.matchAll(/<Contents>([\s\S]*?)<\/Contents>/g)].map((m) => {
    const entry = m[1] ?? "";
    return {
      key: decodeKey(inner(entry, "Key")),
      etag: unescapeXml(inner(entry, "ETag")),
      size: Number(inner(entry, "Size")),
      modifiedMs: Date.parse(inner(entry, "LastModified")),
    };
  });
}

function inner(xml: string, name: string): string {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1] ?? "";
}

/** As form fields are encoded, blanks as plus signs. */
export function decodeKey(key: string): string {
  try {
    return decodeURIComponent(key.replaceAll("+", " "));
  } catch {
    return key;
  }
}

export function unescapeXml(text: string): string {
  return text.replace(/&(quot|apos|lt|gt|amp|#34|#39);/g, (_, name: string) => XML[name] ?? "");
}

const XML: Readonly<Record<string, string>> = {
  quot: '"',
  "#34": '"',
  apos: "'",
  "#39": "'",
  lt: "<",
  gt: ">",
  amp: "&",
};
