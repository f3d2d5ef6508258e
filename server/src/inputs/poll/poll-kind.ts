import type { ConnectionKind, ConnectionSecret, ConnectionSettings } from "@tyto/domain";
import { HttpClient } from "../outbound/http-client.ts";
import type { PullContext, PullKind } from "../pull/ports.ts";
import { PollFrame } from "./poll-frame.ts";
import { withBackfill } from "./poll-state.ts";
import type { Collector } from "./collector.ts";

/** Settings that every poll has. */
interface PollSettings {
  readonly pollEverySeconds?: number;
  readonly overlapSeconds?: number;
  readonly startDaysAgo?: number;
  readonly allowPrivateAddresses?: boolean;
  readonly allowHttp?: boolean;
}

type PollKindName = Exclude<ConnectionKind, "file" | "kafka" | "nats" | "s3" | "command">;

export interface PollDefinition<K extends PollKindName> {
  readonly kind: K;
  readonly title: string;
  readonly needs: readonly string[];
  readonly refuses?: PullKind<K>["refuses"];
  readonly collector: (settings: ConnectionSettings<K>, secret: ConnectionSecret<K>) => Collector;
  readonly streams: (settings: ConnectionSettings<K>) => readonly string[];
}

/** An API as a kind of connection: its collector within the frame that all of them share. */
export function pollKind<K extends PollKindName>(definition: PollDefinition<K>): PullKind<K> {
  const { kind, title, needs, refuses } = definition;
  return {
    kind,
    input: "poll",
    title,
    needs,
    ...(refuses === undefined ? {} : { refuses }),
    run: (context) => runPoll(definition, context),
    test: ({ settings, secret, world, signal }) => {
      const http = clientFor(settings);
      const nowMs = world.now() / 1_000;
      return definition.collector(settings, secret).test({ http, signal, nowMs, heard: () => undefined });
    },
    backfill: (cursor, range, settings) => withBackfill(cursor, range, definition.streams(settings)),
  };
}

function runPoll<K extends PollKindName>(
  definition: PollDefinition<K>,
  context: PullContext<K>,
): Promise<void> {
  const { settings, secret } = context;
  const common: PollSettings = settings;
  const frame = new PollFrame(
    {
      collector: definition.collector(settings, secret),
      http: clientFor(common),
      overlapMs: milliseconds(common.overlapSeconds),
      pollEveryMs: milliseconds(common.pollEverySeconds),
      startDaysAgo: common.startDaysAgo ?? 0,
    },
    context,
  );
  return frame.run();
}

function clientFor({ allowPrivateAddresses, allowHttp }: PollSettings): HttpClient {
  return new HttpClient({ allowPrivate: allowPrivateAddresses === true, allowHttp: allowHttp === true });
}

function milliseconds(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1_000;
}
