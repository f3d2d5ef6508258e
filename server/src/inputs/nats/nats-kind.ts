import { lookup } from "node:dns/promises";
import { AckPolicy, DeliverPolicy, jetstream, jetstreamManager, JetStreamApiError } from "@nats-io/jetstream";
import type { Consumer, ConsumerConfig, JetStreamManager, JsMsg, StreamInfo } from "@nats-io/jetstream";
import { connect, credsAuthenticator, nkeyAuthenticator } from "@nats-io/transport-node";
import type { ConnectionOptions, NatsConnection } from "@nats-io/transport-node";
import type { ConnectionSecret, ConnectionSettings } from "@tyto/domain";
import { isPrivateAddress } from "../outbound/addresses.ts";
import { PrivateAddress, refusePrivateLiteral } from "../outbound/guarded-lookup.ts";
import { pulledOrigin } from "../origin.ts";
import { connectionFailure, PullFailure } from "../pull/pull-failure.ts";
import type { Check, PullContext, PulledRecord, PullKind, TestContext } from "../pull/ports.ts";

const MAX_RECORD_BYTES = 1024 * 1024;
const FETCH_MESSAGES = 500;
const FETCH_MS = 2_000;
const ACK_WAIT_MS = 60_000;
const WORKING_MS = 20_000;
const NANOS_PER_MS = 1_000_000;
const CONNECT_TIMEOUT_MS = 10_000;
const CONSUMER_NOT_FOUND = 10014;
const STREAM_NOT_FOUND = 10059;

/** A durable pull consumer of JetStream. A message is acknowledged when it is durable here. */
export const natsKind: PullKind<"nats"> = {
  kind: "nats",
  input: "nats",
  title: "NATS JetStream",
  needs: [
    "publish on $JS.API.STREAM.INFO.STREAM, $JS.API.CONSUMER.INFO.STREAM.NAME, $JS.API.CONSUMER.DURABLE.CREATE.STREAM.NAME",
    "publish on $JS.API.CONSUMER.MSG.NEXT.STREAM.NAME and $JS.ACK.STREAM.NAME.>, subscribe on _INBOX.>",
  ],
  refuses: ({ servers, subjects = [] }) => {
    const wrong = servers.find((server) => !/^(\[[0-9a-fA-F:]+\]|[^:\s/]+):\d{1,5}$/.test(server));
    if (wrong !== undefined) return `settings.servers: "${wrong.slice(0, 100)}" is not HOST:PORT`;
    return subjects.some((subject) => /\s/.test(subject))
      ? "settings.subjects: a subject has no spaces"
      : undefined;
  },
  run: runNats,
  test: testNats,
};

async function open(
  settings: ConnectionSettings<"nats">,
  secret: ConnectionSecret<"nats">,
): Promise<NatsConnection> {
  const peer = settings.servers[0] ?? "the server";
  try {
    if (settings.allowPrivateAddresses !== true) await refusePrivateServers(settings.servers);
    const options: ConnectionOptions = {
      name: "tyto",
      servers: [...settings.servers],
      timeout: CONNECT_TIMEOUT_MS,
      reconnect: false,
      // What the cluster says of its members may lead anywhere: only what a person has named is connected to.
      ignoreClusterUpdates: true,
      tls: settings.tls === false ? null : settings.ca === undefined ? {} : { ca: settings.ca },
      ...loginOf(settings, secret),
    };
    return await connect(options);
  } catch (error) {
    throw natsFailure(error, peer, settings);
  }
}

function loginOf(
  { username }: ConnectionSettings<"nats">,
  secret: ConnectionSecret<"nats">,
): ConnectionOptions {
  const { credentials, nkeySeed, token, password } = secret;
  const encoder = new TextEncoder();
  if (credentials !== undefined) return { authenticator: credsAuthenticator(encoder.encode(credentials)) };
  if (nkeySeed !== undefined) return { authenticator: nkeyAuthenticator(encoder.encode(nkeySeed)) };
  if (token !== undefined) return { token };
  return username === undefined
    ? {}
    : { user: username, ...(password === undefined ? {} : { pass: password }) };
}

async function refusePrivateServers(servers: readonly string[]): Promise<void> {
  for (const server of servers) {
    const host = server.slice(0, server.lastIndexOf(":")).replace(/^\[|\]$/g, "");
    refusePrivateLiteral(host, false);
    const addresses = await lookup(host, { all: true });
    if (addresses.some(({ address }) => isPrivateAddress(address))) throw new PrivateAddress(host);
  }
}

async function runNats(context: PullContext<"nats">): Promise<void> {
  const { settings, secret, signal } = context;
  const connection = await open(settings, secret);
  const close = (): void => void connection.close().catch(() => undefined);
  signal.addEventListener("abort", close, { once: true });
  try {
    const manager = await jetstreamManager(connection);
    const stream = await manager.streams.info(settings.stream);
    await ensureConsumer(manager, settings);
    const consumer = await jetstream(connection).consumers.get(settings.stream, settings.durable);
    context.running();
    while (!signal.aborted) await takeSome(consumer, stream, context);
  } catch (error) {
    if (signal.aborted) return;
    throw natsFailure(error, settings.servers[0] ?? "the server", settings);
  } finally {
    signal.removeEventListener("abort", close);
    await connection.close().catch(() => undefined);
  }
}

async function takeSome(consumer: Consumer, stream: StreamInfo, context: PullContext<"nats">): Promise<void> {
  const messages: JsMsg[] = [];
  for await (const message of await consumer.fetch({ max_messages: FETCH_MESSAGES, expires: FETCH_MS })) {
    messages.push(message);
  }
  if (messages.length === 0 || context.signal.aborted) return;
  const ordered = [...messages].sort((a, b) => a.seq - b.seq);
  const records: PulledRecord[] = ordered
    .filter(({ data }) => data.length > 0)
    .map(({ seq, data }) => ({
      bytes: data.length > MAX_RECORD_BYTES ? data.subarray(0, MAX_RECORD_BYTES) : data,
      ordinal: seq,
      ...(data.length > MAX_RECORD_BYTES ? { fault: "oversize" as const } : {}),
    }));
  // A stream that was deleted and made again counts from 1 again.
  const origin = pulledOrigin("nats", context.id, context.settings.stream, stream.created);
  const working = setInterval(() => messages.forEach((message) => message.working()), WORKING_MS);
  try {
    if (records.length > 0) await context.deliver({ origin, records });
  } finally {
    clearInterval(working);
  }
  await context.commit({ version: 1, sequence: ordered.at(-1)?.seq ?? 0 });
  for (const message of messages) message.ack();
}

async function ensureConsumer(
  manager: JetStreamManager,
  settings: ConnectionSettings<"nats">,
): Promise<void> {
  const { stream, durable, subjects = [] } = settings;
  try {
    await manager.consumers.info(stream, durable);
    return;
  } catch (error) {
    if (!(error instanceof JetStreamApiError) || error.code !== CONSUMER_NOT_FOUND) throw error;
  }
  const [only] = subjects;
  const filter: Partial<ConsumerConfig> =
    only === undefined
      ? {}
      : subjects.length === 1
        ? { filter_subject: only }
        : { filter_subjects: [...subjects] };
  await manager.consumers.add(stream, {
    durable_name: durable,
    ack_policy: AckPolicy.Explicit,
    deliver_policy: DeliverPolicy.All,
    ack_wait: ACK_WAIT_MS * NANOS_PER_MS,
    ...filter,
  });
}

function natsFailure(error: unknown, peer: string, settings: ConnectionSettings<"nats">): unknown {
  if (error instanceof PullFailure || !(error instanceof Error)) return error;
  if (error instanceof JetStreamApiError) {
    if (error.code === STREAM_NOT_FOUND) {
      return new PullFailure("settings", `there is no stream ${settings.stream} on ${peer}`, {
        cause: error,
      });
    }
    return new PullFailure("settings", `${peer} refused: ${error.message.slice(0, 200)}`, { cause: error });
  }
  if (error.name === "AuthorizationError" || error.name === "UserAuthenticationExpiredError") {
    return new PullFailure("credentials", `${peer} refused the credentials`, {
      cause: error,
      hint: "Set the secret again: password, token, credentials or nkeySeed.",
    });
  }
  if (error.name === "PermissionViolationError") {
    return new PullFailure("permission", `${peer} does not allow what is needed`, {
      cause: error,
      hint: "docs/guides/connections.md lists the subjects.",
    });
  }
  if (/does not support 'tls'|tls.*not available/i.test(error.message)) {
    return new PullFailure("refused", `${peer} offers no TLS`, {
      cause: error,
      hint: "Set tls to false when plain text is meant.",
    });
  }
  if (error.name === "NoRespondersError" || /jetstream is not enabled/i.test(error.message)) {
    return new PullFailure("settings", `JetStream is not enabled on ${peer}`, { cause: error });
  }
  return connectionFailure(peer, error.cause instanceof Error ? error.cause : error);
}

async function testNats({ settings, secret }: TestContext<"nats">): Promise<readonly Check[]> {
  const connection = await open(settings, secret);
  try {
    const manager = await jetstreamManager(connection);
    const { state } = await manager.streams.info(settings.stream);
    return [
      { name: "connect", ok: true, message: "the server answers", hint: null },
      { name: "stream", ok: true, message: `the stream holds ${state.messages} messages`, hint: null },
    ];
  } catch (error) {
    throw natsFailure(error, settings.servers[0] ?? "the server", settings);
  } finally {
    await connection.close().catch(() => undefined);
  }
}
