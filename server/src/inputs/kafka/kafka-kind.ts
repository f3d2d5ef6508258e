import type { Socket } from "node:net";
import { connect } from "node:net";
import { connect as connectTls } from "node:tls";
import type { ConnectionOptions } from "node:tls";
import { Kafka, logLevel } from "kafkajs";
import type { EachBatchPayload, ISocketFactory, KafkaConfig, SASLOptions } from "kafkajs";
import type { ConnectionSecret, ConnectionSettings } from "@tyto/domain";
import { guardedLookup, refusePrivateLiteral } from "../outbound/guarded-lookup.ts";
import { pulledOrigin } from "../origin.ts";
import { connectionFailure, PullFailure } from "../pull/pull-failure.ts";
import type { Check, PullContext, PulledRecord, PullKind, TestContext } from "../pull/ports.ts";
import { KafkaPlaces } from "./kafka-places.ts";

const MAX_RECORD_BYTES = 1024 * 1024;
const CONNECT_TIMEOUT_MS = 10_000;
const HEARTBEAT_MS = 3_000;

/** A consumer group. The broker's offsets move only after the records are durable here. */
export const kafkaKind: PullKind<"kafka"> = {
  kind: "kafka",
  input: "kafka",
  title: "Apache Kafka",
  needs: ["Read and Describe on the topics", "Read on the consumer group"],
  refuses: ({ sasl, username, brokers }) => {
    if (sasl !== undefined && username === undefined) return "settings.username is missing: SASL needs one";
    const wrong = brokers.find((broker) => !/^(\[[0-9a-fA-F:]+\]|[^:\s]+):\d{1,5}$/.test(broker));
    return wrong === undefined ? undefined : `settings.brokers: "${wrong.slice(0, 100)}" is not HOST:PORT`;
  },
  run: runKafka,
  test: testKafka,
};

type Access = Pick<TestContext<"kafka">, "settings" | "secret">;

interface Client {
  readonly kafka: Kafka;
  /** Why the last socket failed: kafkajs keeps only the words. */
  readonly trouble: () => Error | undefined;
}

function clientOf({ settings, secret }: Access): Client {
  let trouble: Error | undefined;
  const note = (error: Error): void => {
    trouble = error;
  };
  const sasl = saslOf(settings, secret);
  const config: KafkaConfig = {
    clientId: "tyto",
    brokers: [...settings.brokers],
    connectionTimeout: CONNECT_TIMEOUT_MS,
    logLevel: logLevel.NOTHING,
    // Who runs the connection waits and tries again; here only what passes within seconds.
    retry: { retries: 3, initialRetryTime: 300, maxRetryTime: 3_000 },
    ssl: settings.tls !== false,
    socketFactory: socketFactory(settings, secret, note),
    ...(sasl === undefined ? {} : { sasl }),
  };
  return { kafka: new Kafka(config), trouble: () => trouble };
}

function saslOf(
  { sasl, username = "" }: ConnectionSettings<"kafka">,
  { password = "" }: ConnectionSecret<"kafka">,
): SASLOptions | undefined {
  return sasl === undefined ? undefined : { mechanism: sasl, username, password };
}

/** Sockets that verify certificates and refuse private addresses unless told otherwise, also those that the broker names. */
function socketFactory(
  settings: ConnectionSettings<"kafka">,
  secret: ConnectionSecret<"kafka">,
  note: (error: Error) => void,
): ISocketFactory {
  const allowPrivate = settings.allowPrivateAddresses === true;
  const lookup = guardedLookup(allowPrivate);
  return ({ host, port, onConnect }): Socket => {
    try {
      refusePrivateLiteral(host, allowPrivate);
    } catch (error) {
      if (error instanceof Error) note(error);
      throw error;
    }
    if (settings.tls === false) return connect({ host, port, lookup }, onConnect).on("error", note);
    const tls: ConnectionOptions = {
      host,
      port,
      lookup,
      servername: /^[\d.]+$|:/.test(host) ? "" : host,
      rejectUnauthorized: true,
      ...(settings.ca === undefined ? {} : { ca: settings.ca }),
      ...(secret.clientKey === undefined ? {} : { key: secret.clientKey }),
      ...(secret.clientCertificate === undefined ? {} : { cert: secret.clientCertificate }),
    };
    return connectTls(tls, onConnect).on("error", note);
  };
}

async function runKafka(context: PullContext<"kafka">): Promise<void> {
  const { settings, signal } = context;
  const { kafka, trouble } = clientOf(context);
  const topics = settings.topics.map(({ topic }) => topic);
  const places = new KafkaPlaces(context.cursor);
  try {
    // Written down before anything goes out under it.
    if (await noticeNewTopics(kafka, topics, places)) await context.commit(places.cursor());
    await consume(kafka, context, places, topics);
  } catch (error) {
    if (signal.aborted) return;
    throw kafkaFailure(error, settings, trouble());
  }
}

/** Offsets of a topic that was made anew begin at 0 again, and are other records. */
async function noticeNewTopics(
  kafka: Kafka,
  topics: readonly string[],
  places: KafkaPlaces,
): Promise<boolean> {
  const admin = kafka.admin();
  let isAnyNew = false;
  await admin.connect();
  try {
    for (const topic of topics) {
      for (const { partition, high } of await admin.fetchTopicOffsets(topic)) {
        isAnyNew = places.seen(topic, partition, Number(high)) || isAnyNew;
      }
    }
    return isAnyNew;
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
}

async function consume(
  kafka: Kafka,
  context: PullContext<"kafka">,
  places: KafkaPlaces,
  topics: readonly string[],
): Promise<void> {
  const { settings, signal } = context;
  const consumer = kafka.consumer({
    groupId: settings.group,
    sessionTimeout: 10_000,
    maxWaitTimeInMs: 1_000,
  });
  let fail: (error: unknown) => void = () => undefined;
  const over = new Promise<void>((resolve, reject) => {
    fail = reject;
    signal.addEventListener("abort", () => resolve(), { once: true });
    if (signal.aborted) resolve();
  });
  over.catch(() => undefined);
  consumer.on(consumer.events.CRASH, ({ payload }) => fail(payload.error));
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [...topics], fromBeginning: settings.fromBeginning !== false });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: 1,
      eachBatch: async (payload) => {
        try {
          await takeBatch(payload, context, places);
          const { topic, partition } = payload.batch;
          const offset = String(BigInt(payload.batch.lastOffset()) + 1n);
          await consumer.commitOffsets([{ topic, partition, offset }]);
        } catch (error) {
          // kafkajs would take the same batch again and again by itself: the connection's own waits and status are better.
          fail(error);
          throw error;
        }
      },
    });
    context.running();
    await over;
  } finally {
    await consumer.disconnect().catch(() => undefined);
  }
}

async function takeBatch(
  payload: EachBatchPayload,
  context: PullContext<"kafka">,
  places: KafkaPlaces,
): Promise<void> {
  const { batch } = payload;
  if (payload.isStale() || batch.messages.length === 0) return;
  const { topic, partition } = batch;
  const pack = context.settings.topics.find((one) => one.topic === topic)?.pack;
  const records: PulledRecord[] = [];
  for (const { value, offset } of batch.messages) {
    // A tombstone holds nothing.
    if (value === null || value.length === 0) continue;
    const isLong = value.length > MAX_RECORD_BYTES;
    records.push({
      bytes: isLong ? value.subarray(0, MAX_RECORD_BYTES) : value,
      ordinal: Number(offset),
      ...(isLong ? { fault: "oversize" as const } : {}),
    });
  }
  const origin = pulledOrigin(
    "kafka",
    context.id,
    topic,
    String(partition),
    String(places.lifeOf(topic, partition)),
  );
  // The group must not take us for dead while the journal waits for room.
  const beating = setInterval(() => void payload.heartbeat().catch(() => undefined), HEARTBEAT_MS);
  try {
    if (records.length > 0) await context.deliver({ origin, records, part: topic, pack });
  } finally {
    clearInterval(beating);
  }
  const last = batch.lastOffset();
  places.reached(topic, partition, Number(last) + 1);
  await context.commit(places.cursor());
  payload.resolveOffset(last);
  await payload.heartbeat();
}

function kafkaFailure(
  error: unknown,
  settings: ConnectionSettings<"kafka">,
  trouble: Error | undefined,
): unknown {
  if (error instanceof PullFailure || !(error instanceof Error)) return error;
  const { name, message } = error;
  const type = "type" in error && typeof error.type === "string" ? error.type : "";
  if (name === "KafkaJSSASLAuthenticationError") {
    return new PullFailure("credentials", "the broker refused the user name or password", {
      cause: error,
      hint: "Set the secret `password` again, and check settings.sasl.",
    });
  }
  if (type.includes("AUTHORIZATION_FAILED")) {
    const what = type.startsWith("GROUP") ? `the group ${settings.group}` : "a topic";
    return new PullFailure("permission", `the broker does not let this user read ${what}`, {
      cause: error,
      hint: "Give it Read and Describe on the topics and Read on the group.",
    });
  }
  if (type === "UNKNOWN_TOPIC_OR_PARTITION" || /does not host this topic/.test(message)) {
    return new PullFailure("settings", "a topic does not exist on this broker", { cause: error });
  }
  if (!name.startsWith("KafkaJS")) return error;
  return connectionFailure(settings.brokers[0] ?? "the broker", trouble ?? error);
}

async function testKafka(context: TestContext<"kafka">): Promise<readonly Check[]> {
  const { settings } = context;
  const { kafka, trouble } = clientOf(context);
  const admin = kafka.admin();
  const checks: Check[] = [];
  try {
    await admin.connect();
    checks.push({ name: "connect", ok: true, message: "a broker answers", hint: null });
    const existing = new Set(await admin.listTopics());
    for (const { topic } of settings.topics) {
      const ok = existing.has(topic);
      const hint = ok ? null : "Check its name, and that the user may Describe it.";
      checks.push({ name: `topic ${topic}`, ok, message: ok ? "it is there" : "it is not there", hint });
    }
  } catch (error) {
    throw kafkaFailure(error, settings, trouble());
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
  return checks;
}
