import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { readContent } from "../content/index.ts";
import { createNormaliser } from "./normaliser.ts";
import { testRecord } from "./testing/records.ts";

const snapshot = await readContent([fileURLToPath(new URL("../../../packs", import.meta.url))]);
const normaliser = createNormaliser({ snapshot });

const LINE = "Feb 27 10:00:00 gw sshd[811]: Accepted password for mara from 203.0.113.9 port 50022 ssh2";
const BARE = "Accepted password for mara from 203.0.113.9 port 50022 ssh2";
const json = (value: object): string => JSON.stringify(value);

/** A line that a pack knows, in what containers, shippers and clouds put around it. */
describe("a line inside an envelope is read by its own pack", () => {
  it.each<[string, string, string | undefined, Readonly<Record<string, unknown>>]>([
    [
      "Docker",
      json({ log: `${LINE}\n`, stream: "stderr", time: "2026-02-27T10:00:00Z" }),
      undefined,
      { "docker.stream": "stderr" },
    ],
    ["CRI", `2026-02-27T10:00:00.5Z stdout F ${LINE}`, undefined, { "kubernetes.stream": "stdout" }],
    [
      "Kubernetes",
      json({ log: LINE, stream: "stdout", kubernetes: { pod_name: "p", namespace_name: "n" } }),
      undefined,
      { "orchestrator.resource.name": "p", "orchestrator.namespace": "n" },
    ],
    [
      "GELF",
      json({ version: "1.1", host: "web1", short_message: LINE, _team: "shop" }),
      undefined,
      { "gelf._team": "shop" },
    ],
    [
      "journald",
      json({
        __REALTIME_TIMESTAMP: "1772186400000000",
        SYSLOG_IDENTIFIER: "sshd",
        _PID: "811",
        _HOSTNAME: "gw",
        _UID: "0",
        MESSAGE: BARE,
      }),
      undefined,
      { "host.name": "gw", "process.pid": 811, "process.real_user.id": "0" },
    ],
    [
      "Splunk's collector",
      json({ time: 1772186400, host: "gw", sourcetype: "s", event: LINE }),
      undefined,
      { "splunk.sourcetype": "s" },
    ],
    [
      "Splunk's collector at its own address, where the event is all there is",
      json({ event: LINE }),
      json({ hec: { endpoint: "event" } }),
      {},
    ],
    [
      "Splunk's collector, the source type naming the pack of a line that says little",
      json({ event: BARE, sourcetype: "linux_secure", host: "gw" }),
      json({ hec: { endpoint: "event" } }),
      { "host.name": "gw", "splunk.sourcetype": "linux_secure" },
    ],
    [
      "the address of Splunk's collector for raw lines",
      LINE.replace(" gw ", " gw2 "),
      json({
        hec_raw: { endpoint: "raw", host: "gw", sourcetype: "s", source: "/var/log/auth.log", index: "main" },
      }),
      {
        "host.name": "gw2",
        "splunk.sourcetype": "s",
        "splunk.index": "main",
        "log.file.path": "/var/log/auth.log",
      },
    ],
    [
      "CloudWatch",
      json({ id: "7", timestamp: 1772186400000, message: LINE }),
      json({ messageType: "DATA_MESSAGE", owner: "123456789012", logGroup: "g", logStream: "s" }),
      { "cloud.account.id": "123456789012", "aws.cloudwatch.log_group": "g" },
    ],
    [
      "Pub/Sub",
      json({ message: { data: Buffer.from(LINE).toString("base64"), messageId: "7" }, subscription: "s" }),
      undefined,
      { "gcp.pubsub.message_id": "7" },
    ],
    [
      "SNS",
      json({ Type: "Notification", Message: LINE, TopicArn: "t" }),
      undefined,
      { "aws.sns.topic_arn": "t" },
    ],
    [
      "Filebeat",
      json({
        "@timestamp": "2026-02-27T10:00:00Z",
        message: LINE,
        agent: { type: "filebeat" },
        log: { file: { path: "/var/log/auth.log" } },
      }),
      undefined,
      { "log.file.path": "/var/log/auth.log" },
    ],
    [
      "Fluent",
      `{"tag":"app.log","time":1772186400.123456789,"record":{"log":${JSON.stringify(LINE)}}}`,
      undefined,
      { "fluent.tag": "app.log" },
    ],
    [
      "Fluent with a message and no time in it",
      json({ tag: "app.log", time: 1772186400.5, record: { message: BARE, ident: "sshd", host: "gw" } }),
      undefined,
      { "fluent.tag": "app.log" },
    ],
    [
      "Kubernetes within Fluent",
      json({
        tag: "kube.var.log",
        time: 1772186400,
        record: { log: LINE, stream: "stdout", kubernetes: { pod_name: "p", namespace_name: "n" } },
      }),
      undefined,
      { "orchestrator.resource.name": "p", "fluent.tag": "kube.var.log" },
    ],
    [
      "Filebeat from the network, with metadata of its own",
      json({
        "@timestamp": "2026-02-27T10:00:00Z",
        message: LINE,
        agent: { type: "filebeat", version: "8.17.0" },
        input: { type: "syslog" },
        host: { name: "relay" },
        cloud: { region: "eu" },
      }),
      json({ elasticsearch: { index: "filebeat" } }),
      { "beats.input.type": "syslog", "cloud.region": "eu", "agent.type": "filebeat" },
    ],
    [
      "Logstash with ECS, which keeps the whole line apart",
      json({
        "@timestamp": "2026-02-27T10:00:00Z",
        "@version": "1",
        message: "Accepted",
        event: { original: LINE },
        host: { name: "relay" },
        tags: ["x"],
      }),
      json({ elasticsearch: { index: "logstash" } }),
      { tags: ["x"] },
    ],
    [
      "Logstash without ECS",
      json({
        "@timestamp": "2026-02-27T10:00:00Z",
        "@version": "1",
        message: BARE,
        host: "gw",
        path: "/var/log/auth.log",
      }),
      undefined,
      { "host.name": "gw", "log.file.path": "/var/log/auth.log" },
    ],
    [
      "Vector's file source",
      json({
        file: "/var/log/auth.log",
        host: "gw",
        message: LINE,
        source_type: "file",
        timestamp: "2026-02-27T10:00:00.5Z",
      }),
      undefined,
      { "log.file.path": "/var/log/auth.log", "vector.source_type": "file" },
    ],
    [
      "Vector's syslog source, which has taken the header off",
      json({
        appname: "sshd",
        facility: "auth",
        hostname: "gw",
        host: "gw",
        message: BARE,
        procid: 811,
        severity: "info",
        source_ip: "192.0.2.200",
        source_type: "syslog",
        timestamp: "2026-02-27T10:00:00Z",
      }),
      undefined,
      { "host.name": "gw", "process.pid": 811, "log.syslog.facility.name": "auth" },
    ],
    [
      "rsyslog's omelasticsearch with a program",
      json({
        message: ` ${BARE}`,
        fromhost: "gw",
        facility: "auth",
        priority: "info",
        program: "sshd",
        timereported: "2026-02-27T10:00:00+00:00",
        timegenerated: "2026-02-27T10:00:00+00:00",
      }),
      undefined,
      { "host.name": "gw", "log.syslog.severity.name": "info" },
    ],
    [
      "rsyslog's omelasticsearch as it is",
      json({
        message: ` ${BARE}`,
        fromhost: "gw",
        facility: "auth",
        priority: "info",
        timereported: "2026-02-27T10:00:00+00:00",
        timegenerated: "2026-02-27T10:00:00+00:00",
      }),
      undefined,
      { "host.name": "gw" },
    ],
    [
      "syslog-ng's names",
      json({
        PROGRAM: "sshd",
        PRIORITY: "info",
        PID: "811",
        MESSAGE: BARE,
        HOST: "gw",
        FACILITY: "auth",
        DATE: "Feb 27 10:00:00",
      }),
      undefined,
      { "host.name": "gw", "process.pid": 811 },
    ],
    ["Fluent Bit's tail", json({ "@timestamp": "2026-02-27T10:00:00.000Z", log: LINE }), undefined, {}],
    [
      "Fluent Bit's syslog",
      json({
        "@timestamp": "2026-02-27T10:00:00.000Z",
        pri: "38",
        host: "gw",
        ident: "sshd",
        pid: "811",
        message: BARE,
      }),
      undefined,
      { "host.name": "gw", "process.pid": 811 },
    ],
    [
      "OpenTelemetry",
      json({
        resource: {
          "service.name": "gate",
          "host.name": "relay",
          "k8s.pod.name": "p",
          "os.type": "linux",
          team: "shop",
        },
        scope: { name: "logger" },
        log: {
          timeUnixNano: "1772186400000000000",
          severityNumber: 9,
          traceId: "0af7651916cd43dd8448eb211c80319c",
          attributes: { "log.file.path": "/var/log/auth.log", "http.request.method": "GET", odd: 1 },
        },
        body: LINE,
      }),
      undefined,
      {
        "service.name": "gate",
        "orchestrator.resource.name": "p",
        "host.os.type": "linux",
        "otel.resource.team": "shop",
        "otel.attributes.odd": 1,
        "log.level": "info",
        "log.logger": "logger",
        "log.file.path": "/var/log/auth.log",
        "http.request.method": "GET",
        "trace.id": "0af7651916cd43dd8448eb211c80319c",
      },
    ],
    [
      "OpenTelemetry's syslog receiver, which has taken the header off",
      json({
        resource: {},
        scope: {},
        log: {
          timeUnixNano: "1772186400000000000",
          attributes: { appname: "sshd", hostname: "gw", message: BARE, priority: 38, proc_id: "811" },
        },
        body: LINE,
      }),
      undefined,
      { "host.name": "gw", "process.pid": 811 },
    ],
    [
      "Loki",
      json({
        labels: { job: "varlogs", host: "gw", filename: "/var/log/auth.log" },
        timestamp: "1772186400000000000",
        line: LINE,
      }),
      undefined,
      { "loki.labels.job": "varlogs", "log.file.path": "/var/log/auth.log" },
    ],
    [
      "GELF over HTTP without its version",
      json({ short_message: LINE, _team: "shop" }),
      json({ gelf: { endpoint: "http" } }),
      { "gelf._team": "shop" },
    ],
    [
      "a webhook",
      LINE,
      json({ webhook: { name: "ci", kind: "github", event: "push" } }),
      { "webhook.name": "ci", "webhook.event": "push" },
    ],
    [
      "Docker within Splunk's collector",
      json({
        time: 1772186400,
        sourcetype: "s",
        event: { log: LINE, stream: "stdout", time: "2026-02-27T10:00:00Z" },
      }),
      undefined,
      { "splunk.sourcetype": "s" },
    ],
  ])("%s", (_what, text, header, expected) => {
    const record = testRecord(text, header === undefined ? {} : { header });
    const [outcome] = normaliser.normalise([record]);
    expect(outcome).toMatchObject({
      kind: "event",
      event: {
        fields: { "user.name": "mara", "source.ip": "203.0.113.9", "event.outcome": "success", ...expected },
      },
    });
    expect(outcome?.kind === "event" && outcome.event.pack).toMatch(/^linux-auth\//);
  });

  it("and has the envelope's time where it has none", () => {
    const text = json({ tag: "app", time: 1772186400.25, record: { log: "cache is warm" } });
    expect(normaliser.normalise([testRecord(text)])[0]).toMatchObject({
      event: {
        timestamp: 1_772_186_400_250_000,
        pack: "generic-envelopes/fluent",
        fields: { message: "cache is warm" },
      },
    });
  });

  it("or mapped as JSON, when it is an object that nobody knows", () => {
    const [outcome] = normaliser.normalise([
      testRecord(
        json({ log: json({ user: "mara", msg: "hi" }), stream: "stdout", time: "2026-02-27T10:00:00Z" }),
      ),
    ]);
    expect(outcome).toMatchObject({
      event: { pack: "generic-envelopes/docker", fields: { "user.name": "mara", message: "hi" } },
    });
  });
});
