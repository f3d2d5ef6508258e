import { expect, test } from "vitest";
import { parseIp, parseIpRange } from "./ip-range.ts";

test.each([
  ["192.0.2.1", "::ffff:192.0.2.1"],
  ["::ffff:192.0.2.1", "::ffff:192.0.2.1"],
  ["2001:DB8::17", "2001:db8:0:0:0:0:0:17"],
  ["::", "0:0:0:0:0:0:0:0"],
  ["1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"],
  ["300.0.2.1", undefined],
  ["192.0.2", undefined],
  ["1:2:3:4:5:6:7", undefined],
  ["1::2::3", undefined],
  ["1:2:3:4:5:6:7::8", undefined],
  ["fe80::1%eth0", undefined],
  ["12345::", undefined],
  ["", undefined],
])("reads the address %s", (text, expected) => {
  expect(parseIp(text)).toBe(expected);
});

test.each([
  ["192.0.2.77/24", { low: "::ffff:192.0.2.0", high: "::ffff:192.0.2.255" }],
  ["0.0.0.0/0", { low: "::ffff:0.0.0.0", high: "::ffff:255.255.255.255" }],
  ["192.0.2.1", { low: "::ffff:192.0.2.1", high: "::ffff:192.0.2.1" }],
  ["2001:db8::/32", { low: "2001:db8:0:0:0:0:0:0", high: "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff" }],
  ["::/0", { low: "0:0:0:0:0:0:0:0", high: "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" }],
  ["192.0.2.0/33", undefined],
  ["192.0.2.0/", undefined],
  ["192.0.2.0/8/8", undefined],
])("reads the network %s", (text, expected) => {
  expect(parseIpRange(text)).toEqual(expected);
});
