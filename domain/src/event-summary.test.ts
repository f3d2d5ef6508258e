import fc from "fast-check";
import { expect, test } from "vitest";
import type { EventFields } from "./event.ts";
import { summariseEvent } from "./event-summary.ts";

const CASES: readonly (readonly [sentence: string, fields: EventFields])[] = [
  [
    "root failed to log in to web-01 from 203.0.113.77 over ssh",
    {
      "event.category": ["authentication", "session"],
      "event.outcome": "failure",
      "user.name": "root",
      "host.name": "web-01",
      "source.ip": "203.0.113.77",
      "process.name": "sshd",
    },
  ],
  [
    "root failed to log in 3 times to web-01",
    {
      "event.category": ["authentication"],
      "event.outcome": "failure",
      "user.name": "root",
      "host.name": "web-01",
      "tyto.occurrences": 3,
    },
  ],
  [
    "mara logged in to web03 as postgres over su",
    {
      "event.category": ["authentication"],
      "event.outcome": "success",
      "user.name": "mara",
      "user.effective.name": "postgres",
      "host.name": "web03",
      "process.name": "su",
    },
  ],
  [
    "mara tried to log in from 203.0.113.9",
    { "event.category": ["authentication"], "user.name": "mara", "source.ip": "203.0.113.9" },
  ],
  [
    "deploy ended a session on web-01",
    { "event.category": ["session"], "event.type": ["end"], "user.name": "deploy", "host.name": "web-01" },
  ],
  [
    "added user to group: build, group docker on web03",
    {
      "event.category": ["iam"],
      "event.action": "added-user-to-group",
      "user.name": "build",
      "group.name": "docker",
      "host.name": "web03",
    },
  ],
  [
    "added user account (failed): web by admin on dc-1",
    {
      "event.category": ["iam"],
      "event.action": "added-user-account",
      "event.outcome": "failure",
      "user.name": "admin",
      "user.target.name": "web",
      "host.name": "dc-1",
    },
  ],
  [
    "deploy ran /usr/bin/systemctl restart nginx as root on bastion-2",
    {
      "event.category": ["process"],
      "event.type": ["start"],
      "process.command_line": "/usr/bin/systemctl restart nginx",
      "user.name": "deploy",
      "user.effective.name": "root",
      "host.name": "bastion-2",
    },
  ],
  [
    "piotr was not allowed to run /bin/bash",
    {
      "event.category": ["process"],
      "event.outcome": "failure",
      "process.command_line": "/bin/bash",
      "user.name": "piotr",
    },
  ],
  [
    "ran whoami.exe (started by winword.exe) on PC-7",
    {
      "event.category": ["process"],
      "process.name": "whoami.exe",
      "process.parent.name": "winword.exe",
      "host.name": "PC-7",
    },
  ],
  [
    "192.0.2.14 asked GET /shop/basket?id=77 → 404",
    {
      "event.category": ["web"],
      "http.request.method": "GET",
      "url.original": "/shop/basket?id=77",
      "http.response.status_code": 404,
      "source.ip": "192.0.2.14",
    },
  ],
  [
    "198.51.100.9 was denied tcp to 192.0.2.10:22 by OUT_IN on fw-1",
    {
      "event.category": ["network"],
      "event.type": ["connection", "denied"],
      "source.ip": "198.51.100.9",
      "destination.ip": "192.0.2.10",
      "destination.port": 22,
      "network.transport": "tcp",
      "rule.name": "OUT_IN",
      "host.name": "fw-1",
    },
  ],
  [
    "2001:db8::9 was allowed udp to [2001:db8::80]:443",
    {
      "event.category": ["network"],
      "event.type": ["allowed"],
      "source.ip": "2001:db8::9",
      "destination.ip": "2001:db8::80",
      "destination.port": 443,
      "network.transport": "udp",
    },
  ],
  [
    "mara: deletion /srv/a.txt",
    {
      "event.category": ["file"],
      "event.type": ["deletion"],
      "file.path": "/srv/a.txt",
      "user.name": "mara",
    },
  ],
  [
    "erin: DeleteTrail (failed) in 111122223333 from 203.0.113.5",
    {
      "event.action": "DeleteTrail",
      "event.outcome": "failure",
      "cloud.provider": "aws",
      "cloud.account.id": "111122223333",
      "user.name": "erin",
      "source.ip": "203.0.113.5",
    },
  ],
  ["it happened", { "event.category": ["authentication"], message: "it happened" }],
];

test.each(CASES)("%s", (sentence, fields) => {
  expect(summariseEvent(fields)).toBe(sentence);
});

test("falls back to the raw text, in one line of at most 200 characters", () => {
  expect(summariseEvent({}, "  one\n\ttwo  ")).toBe("one two");
  expect(summariseEvent({})).toBe("");
  const long = summariseEvent({}, `${"x".repeat(198)}😀 and more`);
  expect(long).toBe(`${"x".repeat(198)}…`);
});

test("makes one short line of any event", () => {
  const names = [...new Set(CASES.flatMap(([, fields]) => Object.keys(fields)))];
  const value = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.integer(),
    fc.constant(null),
    fc.boolean(),
    fc.array(fc.oneof(fc.string(), fc.constantFrom("web", "authentication", "network", "iam"))),
  );
  const event = fc.dictionary(fc.constantFrom(...names), value);
  fc.assert(
    fc.property(event, fc.string({ unit: "binary", maxLength: 2_000 }), (fields, raw) => {
      const line = summariseEvent(fields, raw);
      expect(line.length).toBeLessThanOrEqual(200);
      expect(line).not.toMatch(/[\n\r\t]/);
    }),
  );
});
