/** Against the mock cluster inside librdkafka, which kcat starts; skipped by name where kcat is not installed. */
import { spawn, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { Kafka, logLevel } from "kafkajs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ConnectionSettings } from "@tyto/domain";
import { until } from "../testing/context.ts";
import { PullHarness } from "../testing/pulling.ts";
import { kafkaKind } from "./kafka-kind.ts";
import { KafkaPlaces } from "./kafka-places.ts";

const HAS_KCAT = spawnSync("kcat", ["-V"]).status === 0;

describe.skipIf(!HAS_KCAT)("kafka (needs kcat)", () => {
  let mock: ChildProcess;
  let broker = "";
  let topics = 0;

  beforeAll(async () => {
    // A consumer of a topic that nobody writes to keeps the cluster alive.
    mock = spawn("kcat", ["-X", "test.mock.num.brokers=1", "-b", "127.0.0.1:1", "-C", "-t", "idle"], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    let said = "";
    mock.stderr?.on("data", (chunk: Buffer) => (said += chunk.toString()));
    await until(() => {
      broker = /replaced with (127\.0\.0\.1:\d+)/.exec(said)?.[1] ?? "";
      return broker !== "";
    }, "the mock cluster to start");
  });

  afterAll(() => void mock.kill());

  const settingsFor = (topic: string): ConnectionSettings<"kafka"> => ({
    brokers: [broker],
    group: `group of ${topic}`,
    topics: [{ topic, pack: "generic-json" }],
    tls: false,
    allowPrivateAddresses: true,
  });

  const produce = async (topic: string, values: readonly string[]): Promise<void> => {
    const producer = new Kafka({ brokers: [broker], logLevel: logLevel.NOTHING }).producer();
    await producer.connect();
    await producer.send({ topic, messages: values.map((value) => ({ value })) });
    await producer.disconnect();
  };

  const freshTopic = (): string => {
    topics += 1;
    return `logs-${topics}`;
  };

  const numbered = (from: number, to: number): string[] =>
    Array.from({ length: to - from }, (_, n) => `{"n": ${from + n}}`);

  it("reads a topic from its beginning and goes on after a restart, once each", async () => {
    const topic = freshTopic();
    const harness = new PullHarness();
    await produce(topic, numbered(0, 300));
    for (const [from, to] of [
      [0, 300],
      [300, 320],
    ] as const) {
      if (from > 0) await produce(topic, numbered(from, to));
      const stopping = new AbortController();
      const done = kafkaKind.run(harness.context(settingsFor(topic), {}, stopping.signal));
      await until(() => harness.texts.length >= to, `${to} records`);
      await until(() => harness.commits.length > 0, "a commit");
      stopping.abort();
      await done;
    }
    expect([...harness.texts].sort()).toEqual([...numbered(0, 320)].sort());
    expect(harness.delivered.every(({ part, pack }) => part === topic && pack === "generic-json")).toBe(true);
  }, 60_000);

  it("takes again what was durable and not committed, under the same ids", async () => {
    const topic = freshTopic();
    const harness = new PullHarness();
    await produce(topic, numbered(0, 50));
    let isKilled = false;
    harness.gate = (what) => {
      if (what === "commit" && !isKilled) {
        isKilled = true;
        throw new Error("killed");
      }
    };
    const first = new AbortController();
    await expect(kafkaKind.run(harness.context(settingsFor(topic), {}, first.signal))).rejects.toThrow();
    const second = new AbortController();
    const done = kafkaKind.run(harness.context(settingsFor(topic), {}, second.signal));
    await until(() => harness.commits.length > 0 && harness.delivered.length > 50, "them to come again");
    second.abort();
    await done;
    expect(harness.delivered.length).toBeGreaterThan(50);
    expect([...harness.texts].sort()).toEqual([...numbered(0, 50)].sort());
  }, 60_000);

  it("says in a test which topic is missing and which address is refused", async () => {
    const topic = freshTopic();
    await produce(topic, ["x"]);
    const world = new PullHarness().world;
    const signal = new AbortController().signal;
    const settings = settingsFor(topic);
    expect(await kafkaKind.test({ settings, secret: {}, world, signal })).toMatchObject([
      { name: "connect", ok: true },
      { name: `topic ${topic}`, ok: true },
    ]);
    const missing = { ...settings, topics: [{ topic: "not-there" }] };
    expect(
      (await kafkaKind.test({ settings: missing, secret: {}, world, signal })).map(({ ok }) => ok),
    ).toEqual([true, false]);
    const guarded = { ...settings, allowPrivateAddresses: false };
    await expect(kafkaKind.test({ settings: guarded, secret: {}, world, signal })).rejects.toMatchObject({
      kind: "refused",
      hint: expect.stringContaining("allowPrivateAddresses") as string,
    });
  }, 60_000);
});

describe("a topic that is made anew", () => {
  it("is told by an end before the place reached, and gets ids of its own", () => {
    const places = new KafkaPlaces(undefined);
    expect(places.seen("t", 0, 5)).toBe(false);
    places.reached("t", 0, 5);
    const later = new KafkaPlaces(JSON.parse(JSON.stringify(places.cursor())));
    expect(later.seen("t", 0, 5)).toBe(false);
    expect(later.lifeOf("t", 0)).toBe(0);
    expect(later.seen("t", 0, 2)).toBe(true);
    expect(later.lifeOf("t", 0)).toBe(1);
  });

  it("is not mistaken for a rebalance", () => {
    const places = new KafkaPlaces(undefined);
    places.reached("t", 0, 9);
    places.reached("t", 0, 4);
    expect(places.seen("t", 0, 9)).toBe(false);
  });
});
