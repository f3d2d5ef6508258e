import fc from "fast-check";
import { expect, test } from "vitest";
import { crc32c } from "./crc32c.ts";

/** The definition, a bit at a time. */
function bitwise(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return ~crc >>> 0;
}

test.each([
  ["nothing", Buffer.alloc(0), 0],
  ["the check string", Buffer.from("123456789"), 0xe3069283],
  ["32 zeros", Buffer.alloc(32), 0x8a9136aa],
  ["32 bytes of ones", Buffer.alloc(32, 255), 0x62a8ab43],
  ["32 ascending bytes", Buffer.from(Array.from({ length: 32 }, (_, i) => i)), 0x46dd794e],
])("gives RFC 3720's value for %s", (_, bytes, expected) => {
  expect(crc32c(bytes, 0, bytes.length, 0)).toBe(expected);
});

test("agrees with the definition on any part of any bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(20), fc.nat(20), (bytes, before, after) => {
      const whole = Buffer.concat([Buffer.alloc(before, 7), bytes, Buffer.alloc(after, 9)]);
      expect(crc32c(whole, before, before + bytes.length, 0)).toBe(bitwise(bytes));
    }),
  );
});

test("gives another value for another salt", () => {
  const bytes = Buffer.from("123456789");
  expect(crc32c(bytes, 0, 9, 1)).not.toBe(crc32c(bytes, 0, 9, 0));
});
