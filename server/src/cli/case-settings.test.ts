import type { FieldValue } from "@tyto/domain";
import { expect, it } from "vitest";
import { settingsOfCase } from "./case-settings.ts";

it.each<[string, unknown]>([
  ["nested", { _tmp: { tz_offset: "+02:00" } }],
  ["dotted", { "_conf.tz_offset": "+02:00" }],
  ["as the event's", { event: { timezone: "+02:00" } }],
])("takes the zone of a case's shipper, %s", (_what, context) => {
  expect(settingsOfCase(context).zone?.name).toBe("+02:00");
});

it.each<[string, unknown, Record<string, FieldValue>, Record<string, FieldValue>]>([
  ["the account", { _config: { account_id: "a1" } }, {}, { "cloud.account.id": "a1" }],
  [
    "the name of a tenant",
    { _conf: { tenants: { t1: "example.onmicrosoft.com" } } },
    { "organization.id": "t1" },
    { "organization.id": "t1", "host.name": "example.onmicrosoft.com" },
  ],
  ["no name of another tenant", { _conf: { tenants: { t1: "x" } } }, {}, {}],
  [
    "the name of a device, and that of all others",
    { _conf: { default: "other", mappings: [{ serial_number: "s1", hostname: "edge-1" }] } },
    { "observer.serial_number": "s1" },
    { "observer.serial_number": "s1", "host.name": "edge-1" },
  ],
  ["the name of all devices", { _conf: { default: "other", mappings: [] } }, {}, { "host.name": "other" }],
])("takes %s", (_what, context, said, expected) => {
  const fields = new Map(Object.entries(said));
  settingsOfCase(context).facts?.addMissing(fields);
  expect(Object.fromEntries(fields)).toEqual(expected);
});

it.each([undefined, null, "x", [], { _conf: 1 }, { _conf: { tenants: "x", mappings: [1, null] } }])(
  "takes nothing of %j",
  (context) => {
    expect(settingsOfCase(context)).toEqual({});
  },
);
