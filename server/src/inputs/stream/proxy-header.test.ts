import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readProxyHeader } from "./proxy-header.ts";

const SIGNATURE = [0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a];

function version2(command: number, family: number, body: readonly number[]): Buffer {
  return Buffer.from([...SIGNATURE, command, family, body.length >> 8, body.length & 0xff, ...body]);
}

const IPV4 = [192, 0, 2, 7, 198, 51, 100, 1, 0x30, 0x39, 0x19, 0xfa];
const ipv6 = (groups: readonly number[]): number[] => groups.flatMap((group) => [group >> 8, group & 0xff]);
const IPV6 = [...ipv6([0x2001, 0xdb8, 0, 0, 0, 0, 0, 7]), ...ipv6([0xfe80, 0, 0, 1, 0, 0, 0, 1]), 0, 1, 0, 2];

describe("a PROXY header", () => {
  it.each<[string, Buffer, string | undefined]>([
    ["version 1, IPv4", Buffer.from("PROXY TCP4 192.0.2.7 198.51.100.1 12345 6514\r\n"), "192.0.2.7"],
    ["version 1, IPv6", Buffer.from("PROXY TCP6 2001:db8::7 2001:db8::1 12345 6514\r\n"), "2001:db8::7"],
    ["version 1, unknown", Buffer.from("PROXY UNKNOWN\r\n"), undefined],
    ["version 2, IPv4", version2(0x21, 0x11, IPV4), "192.0.2.7"],
    ["version 2, IPv4 with hints behind", version2(0x21, 0x11, [...IPV4, 4, 0, 1, 0]), "192.0.2.7"],
    ["version 2, IPv6", version2(0x21, 0x21, IPV6), "2001:db8::7"],
    ["version 2, the proxy's own check", version2(0x20, 0x11, IPV4), undefined],
    ["version 2, a Unix socket", version2(0x21, 0x31, Array<number>(216).fill(0)), undefined],
  ])("tells who connected: %s", (_what, header, address) => {
    const outcome = readProxyHeader(Buffer.concat([header, Buffer.from("<13>line\n")]));
    expect(outcome).toEqual({
      kind: "header",
      length: header.length,
      ...(address === undefined ? {} : { address }),
    });
  });

  it.each<[string, Buffer]>([
    ["no header", Buffer.from("<13>Nov 20 21:31:21 vm a: b\n")],
    ["an address of the other family", Buffer.from("PROXY TCP4 2001:db8::7 2001:db8::1 1 2\r\n")],
    ["an address that is none", Buffer.from("PROXY TCP4 300.0.2.7 198.51.100.1 1 2\r\n")],
    ["no CR", Buffer.from("PROXY TCP4 192.0.2.7 198.51.100.1 1 2\n")],
    ["a line without end", Buffer.from(`PROXY UNKNOWN ${"x".repeat(200)}`)],
    ["a version that is not 2", version2(0x31, 0x11, IPV4)],
    ["a body too short for its addresses", version2(0x21, 0x11, IPV4.slice(0, 8))],
    ["a body that is too long", Buffer.from([...SIGNATURE, 0x21, 0x11, 0xff, 0xff])],
  ])("is refused: %s", (_what, bytes) => {
    expect(readProxyHeader(bytes)).toEqual({ kind: "malformed" });
  });

  it("is incomplete at every cut before its end", () => {
    for (const header of [
      Buffer.from("PROXY TCP4 192.0.2.7 198.51.100.1 1 2\r\n"),
      version2(0x21, 0x21, IPV6),
    ]) {
      for (let cut = 0; cut < header.length; cut += 1)
        expect(readProxyHeader(header.subarray(0, cut))).toEqual({ kind: "incomplete" });
    }
  });

  it("never throws, and never claims more bytes than there are", () => {
    const beginnings = fc.constantFrom(Buffer.from("PROXY "), Buffer.from(SIGNATURE), Buffer.alloc(0));
    fc.assert(
      fc.property(beginnings, fc.uint8Array({ maxLength: 300 }), (beginning, rest) => {
        const bytes = Buffer.concat([beginning, rest]);
        const outcome = readProxyHeader(bytes);
        if (outcome.kind === "header") expect(outcome.length).toBeLessThanOrEqual(bytes.length);
      }),
    );
  });
});
