import { awsErrorCode, awsFailure } from "../aws/aws-failure.ts";
import { signAws } from "../aws/sign.ts";
import type { AwsCredentials } from "../aws/sign.ts";
import type { HttpClient } from "../outbound/http-client.ts";
import { isObject } from "../poll/api-call.ts";
import { PullFailure } from "../pull/pull-failure.ts";

export interface SqsMessage {
  readonly id: string;
  readonly receipt: string;
  readonly body: string;
  /** How often it has been handed out. */
  readonly receiveCount: number;
}

export interface SqsOptions {
  readonly http: HttpClient;
  readonly credentials: AwsCredentials;
  readonly queueUrl: string;
  readonly nowMs: () => number;
  readonly signal: AbortSignal;
}

const LONG_POLL_S = 20;
const NEEDS =
  "sqs:ReceiveMessage, sqs:DeleteMessage, sqs:ChangeMessageVisibility and sqs:GetQueueAttributes on the queue";

/** One queue, by SQS's JSON protocol. */
export class SqsClient {
  readonly #options: SqsOptions;

  constructor(options: SqsOptions) {
    this.#options = options;
  }

  /** Waits up to 20 seconds for a message. @throws PullFailure */
  async receive(visibilitySeconds: number): Promise<readonly SqsMessage[]> {
    const reply = await this.#ask("ReceiveMessage", {
      MaxNumberOfMessages: 10,
      WaitTimeSeconds: LONG_POLL_S,
      VisibilityTimeout: visibilitySeconds,
      AttributeNames: ["ApproximateReceiveCount"],
    });
    const list = isObject(reply) && Array.isArray(reply["Messages"]) ? reply["Messages"] : [];
    return list.flatMap((one: unknown) => messageOf(one));
  }

  async extend({ receipt }: SqsMessage, visibilitySeconds: number): Promise<void> {
    await this.#ask("ChangeMessageVisibility", {
      ReceiptHandle: receipt,
      VisibilityTimeout: visibilitySeconds,
    });
  }

  async delete({ receipt }: SqsMessage): Promise<void> {
    await this.#ask("DeleteMessage", { ReceiptHandle: receipt });
  }

  /** How many messages wait. @throws PullFailure */
  async depth(): Promise<number> {
    const reply = await this.#ask("GetQueueAttributes", { AttributeNames: ["ApproximateNumberOfMessages"] });
    const attributes = isObject(reply) && isObject(reply["Attributes"]) ? reply["Attributes"] : {};
    return Number(attributes["ApproximateNumberOfMessages"] ?? 0);
  }

  async #ask(action: string, question: object): Promise<unknown> {
    const { http, credentials, queueUrl, nowMs, signal } = this.#options;
    const { origin, host } = new URL(queueUrl);
    const request = {
      url: `${origin}/`,
      method: "POST",
      headers: { "content-type": "application/x-amz-json-1.0", "x-amz-target": `AmazonSQS.${action}` },
      body: JSON.stringify({ QueueUrl: queueUrl, ...question }),
    };
    const headers = await signAws(request, credentials, "sqs", nowMs());
    const { status, bytes } = await http.whole({ ...request, headers, signal, maxBytes: 8 * 1024 * 1024 });
    if (status === 200) return parsed(bytes, host);
    const code = awsErrorCode(bytes);
    const known = awsFailure("SQS", code, NEEDS);
    if (known !== undefined) throw known;
    if (/NonExistentQueue|QueueDoesNotExist/.test(code))
      throw new PullFailure("settings", "there is no such queue");
    if (status === 403)
      throw new PullFailure("permission", "SQS does not allow this (403)", {
        hint: `The key needs ${NEEDS}.`,
      });
    throw new PullFailure("unreachable", `SQS fails (${status}${code === "" ? "" : ` ${code}`})`);
  }
}

function parsed(bytes: Uint8Array, host: string): unknown {
  if (bytes.length === 0) return {};
  try {
    return JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch (cause) {
    throw new PullFailure("unreachable", `${host} does not answer as SQS does`, { cause });
  }
}

function messageOf(value: unknown): readonly SqsMessage[] {
  if (!isObject(value)) return [];
  const { MessageId: id, ReceiptHandle: receipt, Body: body, Attributes: attributes } = value;
  if (typeof receipt !== "string") return [];
  const count = isObject(attributes) ? Number(attributes["ApproximateReceiveCount"]) : 1;
  return [
    {
      id: typeof id === "string" ? id : "",
      receipt,
      body: typeof body === "string" ? body : "",
      receiveCount: Number.isSafeInteger(count) ? count : 1,
    },
  ];
}
