/** Against a small S3 and SQS of our own: built to their documented protocol, not verified with AWS. */
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { ConnectionSettings } from "@tyto/domain";
import { until } from "../testing/context.ts";
import { Peer } from "../testing/peer.ts";
import type { PeerReply, PeerRequest } from "../testing/peer.ts";
import { PullHarness } from "../testing/pulling.ts";
import { readNotification } from "./notification.ts";
import { s3Kind } from "./s3-kind.ts";

const BUCKET = "logs";
const SECRET = { secretAccessKey: "secret" };

interface StoredObject {
  readonly body: Uint8Array;
  readonly modifiedMs: number;
}

/** A bucket and a queue whose messages stay until they are deleted. */
class FakeAws {
  readonly objects = new Map<string, StoredObject>();
  readonly queue = new Map<string, { readonly body: string; received: number }>();
  readonly deleted: string[] = [];
  pageSize = 2;
  isDenied = false;
  #messages = 0;

  put(key: string, body: string | Uint8Array, modifiedMs = Date.UTC(2026, 10, 20, 12)): void {
    this.objects.set(key, { body: Buffer.from(body), modifiedMs });
  }

  send(body: string): void {
    this.#messages += 1;
    this.queue.set(`m${this.#messages}`, { body, received: 0 });
  }

  tell(...keys: readonly string[]): void {
    const records = keys.map((key) => ({
      eventName: "ObjectCreated:Put",
      s3: { bucket: { name: BUCKET }, object: { key: encodeURIComponent(key).replaceAll("%20", "+") } },
    }));
    this.send(JSON.stringify({ Records: records }));
  }

  readonly answer = (request: PeerRequest): PeerReply => {
    if (request.headers.authorization?.startsWith("AWS4-HMAC-SHA256 ") !== true) return { status: 401 };
    const action = request.headers["x-amz-target"];
    return typeof action === "string" ? this.#sqs(action, request.body) : this.#s3(request.url);
  };

  #sqs(action: string, body: string): PeerReply {
    const { ReceiptHandle: receipt = "" } = JSON.parse(body) as { ReceiptHandle?: string };
    if (action.endsWith("DeleteMessage")) {
      this.deleted.push(receipt);
      this.queue.delete(receipt);
      return { body: {} };
    }
    if (action.endsWith("GetQueueAttributes")) {
      return { body: { Attributes: { ApproximateNumberOfMessages: String(this.queue.size) } } };
    }
    const messages = [...this.queue].map(([id, message]) => {
      message.received += 1;
      const Attributes = { ApproximateReceiveCount: String(message.received) };
      return { MessageId: id, ReceiptHandle: id, Body: message.body, Attributes };
    });
    return { body: { Messages: messages } };
  }

  #s3({ pathname, searchParams }: URL): PeerReply {
    if (this.isDenied) return { status: 403, body: "<Error><Code>AccessDenied</Code></Error>" };
    const key = decodeURIComponent(pathname.slice(`/${BUCKET}/`.length));
    if (key !== "") {
      const found = this.objects.get(key);
      if (found === undefined) return { status: 404, body: "<Error><Code>NoSuchKey</Code></Error>" };
      return {
        headers: { etag: `"${found.body.length}"`, "content-type": "binary/octet-stream" },
        body: found.body,
      };
    }
    const keys = [...this.objects.keys()]
      .sort()
      .filter((one) => one > (searchParams.get("start-after") ?? ""));
    const page = keys.slice(0, this.pageSize);
    const contents = page.map((one) => {
      const { body, modifiedMs } = this.objects.get(one) ?? { body: new Uint8Array(0), modifiedMs: 0 };
      return `<Contents><Key>${encodeURIComponent(one)}</Key><LastModified>${new Date(modifiedMs).toISOString()}</LastModified><ETag>&quot;${body.length}&quot;</ETag><Size>${body.length}</Size></Contents>`;
    });
    return {
      body: `<?xml version="1.0"?><ListBucketResult><IsTruncated>${keys.length > page.length}</IsTruncated>${contents.join("")}</ListBucketResult>`,
    };
  }
}

async function start(
  aws: FakeAws,
  more: Partial<ConnectionSettings<"s3">> = {},
): Promise<ConnectionSettings<"s3">> {
  const peer = await Peer.start(aws.answer);
  return {
    region: "eu-west-1",
    accessKeyId: "AKID",
    endpoint: peer.url,
    queueUrl: `${peer.url}/123/queue`,
    allowHttp: true,
    allowPrivateAddresses: true,
    ...more,
  };
}

/** Runs until the condition holds. */
async function runUntil(
  harness: PullHarness,
  settings: ConnectionSettings<"s3">,
  condition: () => boolean,
): Promise<void> {
  const stopping = new AbortController();
  const done = s3Kind
    .run(harness.context<"s3">(settings, SECRET, stopping.signal))
    .catch((error: unknown) => {
      if (!stopping.signal.aborted) throw error;
    });
  await Promise.race([until(condition, "what the test waits for"), done]);
  stopping.abort();
  await done;
}

describe("objects that a queue tells of", () => {
  it("are read in every form, and their messages deleted when all of it is durable", async () => {
    const aws = new FakeAws();
    const harness = new PullHarness();
    aws.put("a/plain log.txt", "one\ntwo\n");
    aws.put("b.json.gz", gzipSync('{"n":1}\n{"n":2}\n'));
    aws.put("trail.json.gz", gzipSync('{"Records":[{"eventName":"A"},{"eventName":"B"}]}'));
    aws.put("t.csv", "time,user,action\n2026-01-01,ana,login\n");
    aws.tell("a/plain log.txt", "b.json.gz");
    aws.send(
      JSON.stringify({
        TopicArn: "arn",
        Type: "Notification",
        Message: JSON.stringify({
          Records: [
            {
              eventName: "ObjectCreated:Put",
              s3: { bucket: { name: BUCKET }, object: { key: "trail.json.gz" } },
            },
          ],
        }),
      }),
    );
    aws.send(
      JSON.stringify({
        "detail-type": "Object Created",
        detail: { bucket: { name: BUCKET }, object: { key: "t.csv" } },
      }),
    );
    aws.send(JSON.stringify({ Service: "Amazon S3", Event: "s3:TestEvent", Bucket: BUCKET }));
    await runUntil(harness, await start(aws), () => aws.queue.size === 0);
    expect(harness.texts).toEqual([
      "one",
      "two",
      '{"n":1}',
      '{"n":2}',
      '{"eventName":"A"}',
      '{"eventName":"B"}',
      "time,user,action",
      "2026-01-01,ana,login",
    ]);
    expect(harness.events.at(-1)?.header).toBe("time,user,action");
    expect(harness.skipped).toEqual([]);
  });

  it("have the same ids when they are told of twice, and after a crash before the message was deleted", async () => {
    const aws = new FakeAws();
    const harness = new PullHarness();
    aws.put("x.log", Array.from({ length: 500 }, (_, n) => `line ${n}\n`).join(""));
    aws.tell("x.log");
    const settings = await start(aws);
    harness.gate = (what) => {
      if (what === "commit") throw new Error("killed");
    };
    await expect(runUntil(harness, settings, () => false)).rejects.toThrow("killed");
    expect(aws.deleted).toEqual([]);
    harness.gate = () => undefined;
    aws.tell("x.log");
    await runUntil(harness, settings, () => aws.queue.size === 0);
    expect(harness.delivered).toHaveLength(1_500);
    expect(harness.texts).toHaveLength(500);
  });

  it("are passed over with a reason when they are bombs, cut off, of no readable form, or gone", async () => {
    const aws = new FakeAws();
    const harness = new PullHarness();
    aws.put("bomb.gz", gzipSync(Buffer.alloc(64 * 1024 * 1024, "x")));
    aws.put(
      "cut.gz",
      gzipSync(Array.from({ length: 9_000 }, (_, n) => `${n * 7919} ${n}\n`).join("")).subarray(0, -40),
    );
    aws.put("table.parquet", "PAR1....");
    aws.tell("bomb.gz");
    aws.tell("cut.gz", "table.parquet");
    aws.tell("gone.log");
    aws.send("what is this?");
    await runUntil(harness, await start(aws), () => aws.queue.size === 0);
    const reasons = Object.fromEntries(harness.skipped.map(({ what, reason }) => [what, reason]));
    expect(reasons).toMatchObject({
      "logs/bomb.gz": expect.stringContaining("no log does") as string,
      "logs/cut.gz": "the gzip stream ends too early",
      "logs/table.parquet": "it is Parquet, which is not read",
      "logs/gone.log": "there is no such object any more",
      "message m4": "it tells of no object of S3",
    });
    expect(harness.events.filter(({ fault }) => fault === "bad-frame")).toHaveLength(4);
    expect(harness.texts).toContain("0 0");
  });

  it("wait while they may not be read, and say what is missing", async () => {
    const aws = new FakeAws();
    aws.put("x.log", "one\n");
    aws.tell("x.log");
    aws.isDenied = true;
    await expect(runUntil(new PullHarness(), await start(aws), () => false)).rejects.toMatchObject({
      kind: "permission",
      hint: expect.stringContaining("s3:GetObject") as string,
    });
    expect(aws.deleted).toEqual([]);
  });

  it("are tried in a test", async () => {
    const aws = new FakeAws();
    aws.tell("x");
    const { world } = new PullHarness();
    const { signal } = new AbortController();
    const test = { settings: await start(aws), secret: SECRET, world, signal };
    expect(await s3Kind.test(test)).toMatchObject([
      { name: "queue", ok: true, message: "about 1 messages wait" },
    ]);
  });
});

it("with a queue the past cannot be asked for", () => {
  const settings = { region: "eu-west-1", accessKeyId: "A", queueUrl: "https://sqs.example/1/q" };
  expect(() => s3Kind.backfill?.(undefined, { from: 0, to: 1 }, settings)).toThrow(
    "cannot be asked for the past",
  );
});

describe("objects that a bucket lists", () => {
  it("are read when they are new, each once, over pages, rounds and crashes", async () => {
    const aws = new FakeAws();
    const harness = new PullHarness();
    const now = harness.nowMs;
    aws.put("old.log", "old\n", now - 86_400_000);
    for (const name of ["a", "b", "c"]) aws.put(`${name}.log`, `${name}\n`, now + 1_000);
    const { queueUrl: _, ...settings } = await start(aws, { bucket: BUCKET });
    let left = 3;
    harness.gate = (what) => {
      if (what !== "commit") return;
      left -= 1;
      if (left === 0) throw new Error("killed");
    };
    await expect(runUntil(harness, settings, () => false)).rejects.toThrow("killed");
    harness.gate = () => undefined;
    let rounds = 0;
    harness.onSleep = () => {
      rounds += 1;
      if (rounds === 1) aws.put("d.log", "d\n", harness.nowMs + 1);
    };
    await runUntil(harness, settings, () => rounds >= 3);
    expect(harness.texts).toEqual(["a", "b", "c", "d"]);
  });

  it("are fetched from the past when asked to", async () => {
    const aws = new FakeAws();
    const harness = new PullHarness();
    aws.put("old.log", "old\n", harness.nowMs - 2 * 86_400_000);
    aws.put("older.log", "older\n", harness.nowMs - 9 * 86_400_000);
    const { queueUrl: _, ...settings } = await start(aws, { bucket: BUCKET });
    let rounds = 0;
    harness.onSleep = () => void (rounds += 1);
    await runUntil(harness, settings, () => rounds >= 1);
    expect(harness.texts).toEqual([]);
    const range = { from: harness.nowMs - 3 * 86_400_000, to: harness.nowMs };
    harness.cursor = s3Kind.backfill?.(harness.cursor, range, settings);
    await runUntil(harness, settings, () => harness.texts.length > 0);
    expect(harness.texts).toEqual(["old"]);
  });
});

describe("a message", () => {
  it.each([
    ["", "unknown"],
    ["[]", "unknown"],
    ['{"Records": []}', "unknown"],
    ['{"Records": [{"s3": {"bucket": {"name": "../x"}, "object": {"key": "k"}}}]}', "unknown"],
    [
      '{"Records": [{"eventName": "ObjectRemoved:Delete", "s3": {"bucket": {"name": "b12"}, "object": {"key": "k"}}}]}',
      "nothing",
    ],
    ['{"s3Bucket": "b12", "s3ObjectKey": ["k"]}', "objects"],
  ])("%j is %s", (body, kind) => expect(readNotification(body).kind).toBe(kind));

  it("within messages is not followed for ever", () => {
    let body = '{"Event": "s3:TestEvent"}';
    for (let depth = 0; depth < 8; depth += 1) body = JSON.stringify({ TopicArn: "t", Message: body });
    expect(readNotification(body).kind).toBe("unknown");
  });
});
