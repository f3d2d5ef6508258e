import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import {
  CONNECTION_KINDS,
  CONNECTION_SECRETS,
  CONNECTION_SETTINGS,
  INPUT_KINDS,
  WEBHOOK_KINDS,
} from "@tyto/domain";
import type { Source } from "@tyto/domain";
import { describe, expect, it } from "vitest";
import { arrivalOf, baselineOf } from "./arrival.ts";
import { readDays, reasonOf } from "./connection-words.ts";
import { firstFields } from "./first-fields.ts";
import { fieldsOf, labelOf, readEntries } from "./schema-form.ts";
import { endpointOf, LISTENERS, placeOf, startCommand } from "./target.ts";
import { webhookNameProblem } from "./webhook-name.ts";
import { findWays, WAYS, wayOf } from "./ways.ts";

const PAGE = "siem.example.com";

describe("an address to send to", () => {
  it.each([
    ["127.0.0.1:5514", { host: "127.0.0.1", port: "5514" }],
    ["0.0.0.0:5514", { host: PAGE, port: "5514" }],
    ["[::]:5514", { host: PAGE, port: "5514" }],
    ["[::1]:443", { host: "::1", port: "443" }],
    ["nothing", undefined],
  ])("%s", (address, expected) => {
    expect(endpointOf(address, PAGE)).toEqual(expected);
  });

  const place = (listener: keyof typeof LISTENERS, ...listening: [string, string, boolean?][]) =>
    placeOf({
      listener,
      listening: listening.map(([input, address, isTls = false]) => ({ input, address, isTls })),
      pageHost: PAGE,
      token: undefined,
    });

  it("is the shippers' port before the console's", () => {
    const both = place("http", ["http", "0.0.0.0:8080"], ["ingest", "0.0.0.0:9081"]);
    expect(both.target.url).toBe(`http://${PAGE}:9081`);
    expect(place("http", ["http", "[::1]:8080", true]).target.url).toBe("https://[::1]:8080");
  });

  it("says whether other machines reach it", () => {
    expect(place("relp", ["relp", "0.0.0.0:2514"]).reach).toBe("open");
    expect(place("relp", ["relp", "10.0.0.5:2514"]).reach).toBe("open");
    expect(place("relp", ["relp", "127.0.0.1:2514"]).reach).toBe("local");
    expect(place("relp", ["relp-2", "0.0.0.0:2515"]).reach).toBe("off");
    expect(
      placeOf({
        listener: "relp",
        listening: [{ input: "relp", address: "[::]:2514", isTls: false }],
        pageHost: "localhost",
        token: undefined,
      }).reach,
    ).toBe("open");
  });

  it("is where a listener would be that is off, with the flag that opens it", () => {
    const { reach, target } = place("syslog-tls");
    expect({ reach, target }).toMatchObject({
      reach: "off",
      target: { host: PAGE, port: "6514", isTls: true },
    });
    expect(startCommand("syslog-tls", "6514")).toBe(
      "npx tyto serve --syslog-tls 0.0.0.0:6514 --tls-cert cert.pem --tls-key key.pem",
    );
  });

  it("has flags and ports that the guide of shippers names", () => {
    const guide = ["shippers.md", "shippers-streams.md"]
      .map((name) => readFileSync(resolve(import.meta.dirname, "../../../../../docs/guides", name), "utf8"))
      .join("\n");
    for (const { flag, port } of Object.values(LISTENERS)) {
      expect(guide).toContain(`\`${flag}`);
      expect(guide).toContain(`:${port}`);
    }
  });
});

const senders = WAYS.flatMap((way) => (way.kind === "sender" ? [way] : []));
const variants = senders.flatMap((way) => way.variants.map((variant) => ({ way, variant })));

describe("the ways in", () => {
  it("have keys of their own, something to check, and text to paste", () => {
    expect(new Set(WAYS.map(({ key }) => key)).size).toBe(WAYS.length);
    for (const way of WAYS) expect(way.checks.length, way.key).toBeGreaterThan(0);
  });

  it("are there for every input, kind of connection and kind of webhook", () => {
    const inputs = new Set<string>(variants.flatMap(({ variant }) => variant.inputs));
    for (const way of WAYS) {
      if (way.kind === "webhook") inputs.add("webhook");
      if (way.kind === "pull") for (const input of way.inputs) inputs.add(input);
    }
    const own = ["demo", "internal"];
    expect([...inputs].sort()).toEqual(INPUT_KINDS.filter((kind) => !own.includes(kind)).sort());
    const pulled = WAYS.flatMap((way) => (way.kind === "pull" ? [way.connection] : []));
    expect(pulled.sort()).toEqual([...CONNECTION_KINDS].sort());
    const hooks = WAYS.flatMap((way) => (way.kind === "webhook" ? [way.webhook] : []));
    expect(hooks.sort()).toEqual([...WEBHOOK_KINDS].sort());
  });

  it.each(variants.map(({ way, variant }) => [`${way.key} ${variant.key}`, variant] as const))(
    "%s names the address, and the token where it needs one",
    (_, variant) => {
      const listening = [
        {
          input: variant.listener === "http" ? "ingest" : variant.listener,
          address: "0.0.0.0:7001",
          isTls: false,
        },
      ];
      const { target } = placeOf({ listener: variant.listener, listening, pageHost: PAGE, token: "t0ken" });
      const text = variant.blocks.map((block) => block.text(target).join("\n")).join("\n");
      if (variant.inputs[0] !== "file") {
        expect(text).toContain(PAGE);
        expect(text).toContain("7001");
      }
      expect(text.includes("t0ken")).toBe(variant.isTokenNeeded);
      expect(text).not.toMatch(/undefined|\[object/);
    },
  );

  it.each(variants.map(({ way, variant }) => [`${way.key} ${variant.key}`, variant] as const))(
    "%s does not send in the clear to a listener that speaks TLS",
    (_, variant) => {
      const at = (isTls: boolean) =>
        placeOf({
          listener: variant.listener,
          listening: [
            {
              input: variant.listener === "http" ? "ingest" : variant.listener,
              address: "0.0.0.0:7001",
              isTls,
            },
          ],
          pageHost: PAGE,
          token: "t",
        }).target;
      const text = variant.blocks.map((block) => block.text(at(true)).join("\n")).join("\n");
      expect(text).not.toContain("http://siem");
      const takesTls =
        variant.listener === "http" || ["relp", "lumberjack", "fluent"].includes(variant.listener);
      const speaksAlways = variant.inputs[0] === "osquery" || variant.inputs[0] === "file";
      if (takesTls && !speaksAlways) {
        expect(text).not.toBe(variant.blocks.map((block) => block.text(at(false)).join("\n")).join("\n"));
      }
    },
  );

  it("are found by what people call them", () => {
    const found = (typed: string) => findWays(typed).flatMap(({ ways }) => ways.map(({ key }) => key));
    expect(found("windows")).toContain("winlogbeat");
    expect(found("AWS audit")).toEqual(["aws-cloudtrail"]);
    expect(found("o365")).toEqual(["microsoft-365"]);
    expect(found("docker")).toContain("gelf");
    expect(found("no such thing")).toEqual([]);
    expect(found("")).toHaveLength(WAYS.length);
    expect(wayOf("rsyslog")?.title).toBe("rsyslog");
    expect(wayOf("<script>")).toBeUndefined();
  });
});

describe("the first record", () => {
  const source = (id: string, input: string, received: number, name = id): Source => ({
    id,
    name,
    input,
    pack: null,
    received,
    stored: received,
    filtered: 0,
    quarantined: 0,
    queued: 0,
    unknown: 0,
    isBalanced: true,
    firstSeenAt: "2026-01-01T00:00:00Z",
    lastEventAt: null,
    clockDelayMs: null,
    zone: null,
    priority: "normal",
    isMasked: false,
    masked: {},
    rate: [],
  });
  const before = baselineOf([source("old", "relp", 5), source("empty", "relp", 0)]);
  const relp = { inputs: ["relp"] } as const;

  it("is waited for while nothing has grown", () => {
    expect(arrivalOf([source("old", "relp", 5), source("empty", "relp", 0)], relp, before)).toEqual({
      kind: "waiting",
    });
    expect(arrivalOf([source("other", "hec", 9)], relp, before)).toEqual({ kind: "waiting" });
  });

  it("is a new source's before a known one's", () => {
    const grown = source("old", "relp", 6);
    expect(arrivalOf([grown], relp, before)).toEqual({ kind: "arrived", source: grown, isNew: false });
    const fresh = source("new", "relp", 1);
    expect(arrivalOf([grown, fresh], relp, before)).toEqual({ kind: "arrived", source: fresh, isNew: true });
  });

  it("is of the connection of that name, or of one of its parts", () => {
    const awaited = { inputs: ["poll"], name: "okta" } as const;
    const nothing = baselineOf([]);
    expect(arrivalOf([source("a", "poll", 1, "okta-eu")], awaited, nothing).kind).toBe("waiting");
    expect(arrivalOf([source("a", "poll", 1, "okta")], awaited, nothing).kind).toBe("arrived");
    expect(arrivalOf([source("a", "poll", 1, "okta: back-fill")], awaited, nothing).kind).toBe("arrived");
  });
});

describe("fields of the first event", () => {
  it("are what happened, who and where, before which pack read it", () => {
    const fields = {
      "event.action": "ssh_login",
      "event.kind": "event",
      "event.module": "linux-auth",
      "event.original": "<13>Nov",
      message: "Failed password",
      "log.syslog.appname": "sshd",
      "host.name": "vm",
      "linux.auth.ssh.method": "password",
      "source.ip": "203.0.113.7",
      "user.name": "admin",
      "user.id": "",
    };
    expect(firstFields(fields).map(({ name }) => name)).toEqual([
      "event.action",
      "source.ip",
      "user.name",
      "host.name",
      "linux.auth.ssh.method",
      "event.kind",
      "event.module",
      "log.syslog.appname",
    ]);
    const many = Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`vendor.f${n}`, n]));
    expect(firstFields(many)).toHaveLength(8);
  });
});

describe("a form of a JSON Schema", () => {
  it.each([
    ["accessKeyId", "Access key ID"],
    ["baseUrl", "Base URL"],
    ["scanEveryMs", "Scan every (ms)"],
    ["ca", "CA"],
  ])("calls %s %s", (name, label) => {
    expect(labelOf(name)).toBe(label);
  });

  it("has a control for each property of every kind of connection, required ones first", () => {
    for (const kind of CONNECTION_KINDS) {
      for (const schema of [CONNECTION_SETTINGS[kind], CONNECTION_SECRETS[kind]]) {
        const fields = fieldsOf(JSON.parse(JSON.stringify(schema)));
        expect(fields.map(({ name }) => name).sort()).toEqual(Object.keys(schema.properties).sort());
        const required = fields.map(({ isRequired }) => isRequired);
        expect(required).toEqual([...required].sort((a, b) => Number(b) - Number(a)));
      }
    }
  });

  const kafka = fieldsOf(JSON.parse(JSON.stringify(CONNECTION_SETTINGS.kafka)));
  it("reads lists, objects, switches and choices", () => {
    const { values, problems } = readEntries(kafka, {
      brokers: "a:9093\n b:9093 \n",
      group: " tyto ",
      topics: "app-logs pack=generic-json\nother",
      tls: "false",
      sasl: "scram-sha-512",
      ca: "-----BEGIN\nX\n-----END\n",
    });
    expect(problems).toEqual({});
    expect(values).toEqual({
      brokers: ["a:9093", "b:9093"],
      group: "tyto",
      topics: [{ topic: "app-logs", pack: "generic-json" }, { topic: "other" }],
      tls: false,
      sasl: "scram-sha-512",
      ca: "-----BEGIN\nX\n-----END\n",
    });
  });

  it("names what is missing or cannot be so", () => {
    expect(readEntries(kafka, { brokers: "a:1", topics: "t colour=red" }).problems).toEqual({
      group: "This is needed",
      topics: "Each line is its topic, then pack=… if need be",
    });
    const command = fieldsOf(JSON.parse(JSON.stringify(CONNECTION_SETTINGS.command)));
    expect(readEntries(command, { program: "/bin/x", everySeconds: "0" }).problems).toEqual({
      everySeconds: "A whole number from 1 to 86400",
    });
    const secret = fieldsOf(JSON.parse(JSON.stringify(CONNECTION_SECRETS.command)));
    expect(readEntries(secret, { environment: "A=1\nB=x=y" }).values).toEqual({
      environment: { A: "1", B: "x=y" },
    });
    expect(readEntries(secret, { environment: "nonsense" }).problems).toHaveProperty("environment");
    const cloudtrail = fieldsOf(JSON.parse(JSON.stringify(CONNECTION_SETTINGS["aws-cloudtrail"])));
    expect(readEntries(cloudtrail, { region: "EU!", accessKeyId: "AKIA1" }).problems).toHaveProperty(
      "region",
    );
  });

  it("is empty for what is no schema", () => {
    for (const nothing of [undefined, null, [], "x", { properties: 1 }])
      expect(fieldsOf(nothing)).toEqual([]);
  });
});

describe("words of connections and webhooks", () => {
  it("join reason and hint", () => {
    const status = { state: "failing", reason: "refused", hint: null, since: "", nextTryAt: null } as const;
    expect(reasonOf({ status })).toBe("refused");
    expect(reasonOf({ status: { ...status, hint: "Check the token" } })).toBe("refused · Check the token");
    expect(reasonOf({ status: { ...status, reason: null } })).toBe("");
  });

  it("take days from 1 to 365", () => {
    expect(["1", " 30 ", "365"].map(readDays)).toEqual([1, 30, 365]);
    expect(["0", "366", "1.5", "", "x"].map(readDays)).toEqual(Array(5).fill(undefined));
  });

  it("refuse a webhook's name that is taken: it would get another secret", () => {
    expect(webhookNameProblem("code", [])).toBeUndefined();
    expect(webhookNameProblem("code", [{ name: "code" }])).toMatch(/There is a webhook/);
    expect(webhookNameProblem("Code!", [])).toMatch(/Small letters/);
  });
});
