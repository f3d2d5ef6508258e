import type { ConnectionSecret, ConnectionSettings } from "@tyto/domain";
import type { AwsCredentials } from "../aws/sign.ts";
import { HttpClient } from "../outbound/http-client.ts";
import { pulledOrigin } from "../origin.ts";
import type { Check, PullContext, PullKind, PullWorld, TestContext } from "../pull/ports.ts";
import { listBucket, withOlderObjects } from "./list-bucket.ts";
import { readNotification } from "./notification.ts";
import type { NewObject } from "./notification.ts";
import { OBJECT_LIMITS } from "./read-object.ts";
import { S3Client } from "./s3-client.ts";
import { SqsClient } from "./sqs-client.ts";
import type { SqsMessage } from "./sqs-client.ts";
import { takeObject } from "./take-object.ts";

const VISIBILITY_S = 300;
const EXTEND_EVERY_MS = 120_000;
const MISSING_RETRIES = 3;

/** Objects of S3: those that an SQS queue tells of, or those that a bucket lists. */
export const s3Kind: PullKind<"s3"> = {
  kind: "s3",
  input: "s3",
  title: "Amazon S3 (with SQS, or by listing)",
  needs: [
    "s3:GetObject (and kms:Decrypt where objects are encrypted with a key of yours)",
    "with a queue: sqs:ReceiveMessage, sqs:DeleteMessage, sqs:ChangeMessageVisibility, sqs:GetQueueAttributes",
    "with a bucket: s3:ListBucket",
  ],
  refuses: ({ queueUrl, bucket }) => {
    if (queueUrl === undefined && bucket === undefined)
      return "settings: name a queueUrl, or a bucket to list";
    if (queueUrl !== undefined && !URL.canParse(queueUrl)) return "settings.queueUrl is no address";
    return queueUrl !== undefined && bucket !== undefined
      ? "settings: queueUrl and bucket exclude each other"
      : undefined;
  },
  run: async (context) => {
    if (context.settings.queueUrl === undefined) await listBucket(context, clientsOf(context).s3);
    else await followQueue(context);
  },
  test: testS3,
  backfill: withOlderObjects,
};

interface Clients {
  readonly s3: S3Client;
  readonly sqs: SqsClient;
}

function clientsOf(context: {
  readonly settings: ConnectionSettings<"s3">;
  readonly secret: ConnectionSecret<"s3">;
  readonly world: PullWorld;
  readonly signal: AbortSignal;
}): Clients {
  const { settings, secret, world, signal } = context;
  const { region, accessKeyId, endpoint, queueUrl = "", allowPrivateAddresses, allowHttp } = settings;
  const { secretAccessKey, sessionToken } = secret;
  const credentials: AwsCredentials = { region, accessKeyId, secretAccessKey, sessionToken };
  const http = new HttpClient({
    allowPrivate: allowPrivateAddresses === true,
    allowHttp: allowHttp === true,
  });
  const shared = { http, credentials, nowMs: () => world.now() / 1_000, signal };
  return { s3: new S3Client({ ...shared, endpoint }), sqs: new SqsClient({ ...shared, queueUrl }) };
}

async function followQueue(context: PullContext<"s3">): Promise<void> {
  const { signal } = context;
  const clients = clientsOf(context);
  context.running();
  while (!signal.aborted) {
    const messages = await clients.sqs.receive(VISIBILITY_S);
    // Those that wait behind the first stay ours as well.
    const held = new Set(messages);
    const extending = setInterval(() => {
      for (const message of held) void clients.sqs.extend(message, VISIBILITY_S).catch(() => undefined);
    }, EXTEND_EVERY_MS);
    try {
      for (const message of messages) {
        signal.throwIfAborted();
        if (await takeMessage(context, clients, message)) {
          await context.commit({ version: 1 });
          await clients.sqs.delete(message);
        }
        held.delete(message);
      }
    } finally {
      clearInterval(extending);
    }
  }
}

/** @returns whether the message is done with: everything that it names is durable, or passed over with a reason. */
async function takeMessage(
  context: PullContext<"s3">,
  clients: Clients,
  message: SqsMessage,
): Promise<boolean> {
  const told = readNotification(message.body);
  if (told.kind === "nothing") return true;
  if (told.kind === "unknown") {
    const bytes = Buffer.from(message.body).subarray(0, OBJECT_LIMITS.maxRecordBytes);
    const origin = pulledOrigin("sqs poison", context.id, message.id, message.body);
    await context.deliver({ origin, records: [{ bytes, ordinal: 0, fault: "bad-frame" }] });
    context.skipped(`message ${message.id}`, "it tells of no object of S3");
    return true;
  }
  for (const object of told.objects) {
    if (!isWanted(context.settings, object)) continue;
    const isThere = await takeObject(context, clients.s3, object);
    if (isThere) continue;
    // S3 is consistent, but a copy elsewhere may lag; and what has been deleted since is gone.
    if (message.receiveCount <= MISSING_RETRIES) return false;
    context.skipped(`${object.bucket}/${object.key}`, "there is no such object any more");
  }
  return true;
}

function isWanted({ prefix = "" }: ConnectionSettings<"s3">, { key }: NewObject): boolean {
  return key.startsWith(prefix) && !key.endsWith("/");
}

async function testS3(context: TestContext<"s3">): Promise<readonly Check[]> {
  const { settings } = context;
  const { s3, sqs } = clientsOf(context);
  if (settings.bucket === undefined) {
    const depth = await sqs.depth();
    const hint = "Whether objects can be read shows with the first message: the key also needs s3:GetObject.";
    return [{ name: "queue", ok: true, message: `about ${depth} messages wait`, hint }];
  }
  const { entries } = await s3.list(settings.bucket, { prefix: settings.prefix ?? "", after: "", limit: 10 });
  const checks: Check[] = [{ name: "list", ok: true, message: "the bucket can be listed", hint: null }];
  const [first] = entries.filter(({ key }) => !key.endsWith("/"));
  if (first === undefined) {
    return [...checks, { name: "read", ok: true, message: "there is no object to try", hint: null }];
  }
  const object = await s3.get(settings.bucket, first.key);
  object?.destroy();
  return [...checks, { name: "read", ok: true, message: "an object can be read", hint: null }];
}
