import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { connect } from "node:tls";
import type { SecureVersion } from "node:tls";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { offersTls12 } from "./client-hello.ts";

/** What Node sends first when it speaks these versions. */
async function hello(minVersion: SecureVersion, maxVersion: SecureVersion): Promise<Buffer> {
  return new Promise((resolve) => {
    const server = createServer((socket) => {
      socket.once("data", (bytes: Buffer) => {
        resolve(bytes);
        socket.destroy();
        server.close();
      });
    });
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      connect({ port, host: "127.0.0.1", minVersion, maxVersion }).once("error", () => undefined);
    });
  });
}

describe("a ClientHello", () => {
  it.each<[SecureVersion, SecureVersion, boolean]>([
    ["TLSv1.2", "TLSv1.2", true],
    ["TLSv1.2", "TLSv1.3", true],
    ["TLSv1.3", "TLSv1.3", false],
  ])("tells whether TLS 1.2 would do: %s to %s", async (least, most, expected) => {
    const bytes = await hello(least, most);
    expect(offersTls12(bytes)).toBe(expected);
    for (let cut = 0; cut < bytes.length; cut += 1)
      expect(offersTls12(bytes.subarray(0, cut))).toBeUndefined();
  });

  it("is not asked of what is none, and throws for no bytes", () => {
    expect(offersTls12(Buffer.from("GET / HTTP/1.1\r\n"))).toBe(true);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(255), (bytes, length) => {
        offersTls12(bytes);
        offersTls12(Buffer.concat([Buffer.from([0x16, 3, 1, 0, length, 1]), bytes]));
      }),
      { numRuns: 1_000 },
    );
  });
});
