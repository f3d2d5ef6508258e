import { AwsV4Signer } from "aws4fetch";

export interface AwsCredentials {
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

export interface AwsRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** AWS Signature Version 4, by the clock that is given. */
export async function signAws(
  request: AwsRequest,
  { region, accessKeyId, secretAccessKey, sessionToken }: AwsCredentials,
  service: string,
  nowMs: number,
): Promise<Record<string, string>> {
  const signer = new AwsV4Signer({
    method: request.method,
    url: request.url,
    headers: { ...request.headers },
    ...(request.body === undefined ? {} : { body: request.body }),
    accessKeyId,
    secretAccessKey,
    ...(sessionToken === undefined ? {} : { sessionToken }),
    region,
    service,
    datetime: new Date(nowMs).toISOString().replace(/[:-]|\.\d{3}/g, ""),
  });
  const { headers } = await signer.sign();
  const signed: Record<string, string> = {};
  headers.forEach((value, name) => {
    signed[name] = value;
  });
  return signed;
}

/** `amazonaws.com`, but in China. */
export function awsHost(service: string, region: string): string {
  return `${service}.${region}.amazonaws.com${region.startsWith("cn-") ? ".cn" : ""}`;
}
