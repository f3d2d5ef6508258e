import { micros, MICROS_PER_SECOND } from "@tyto/domain";
import { describe, expect, it } from "vitest";
import { addressKey, Throttle } from "./throttle.ts";

function build(maxKeys = 100) {
  const clock = { now: 0 };
  const throttle = new Throttle({
    capacity: 3,
    refillMicros: 10 * MICROS_PER_SECOND,
    maxKeys,
    now: () => micros(clock.now),
  });
  return { clock, throttle };
}

describe("a throttle", () => {
  it("lets its capacity through, then says how long to wait", () => {
    const { throttle } = build();
    expect([1, 2, 3, 4].map(() => throttle.take("a"))).toEqual([0, 0, 0, 10]);
    expect(throttle.take("b")).toBe(0);
  });

  it("refills with time, never beyond its capacity", () => {
    const { throttle, clock } = build();
    for (let i = 0; i < 3; i++) throttle.take("a");
    clock.now = 9 * MICROS_PER_SECOND;
    expect(throttle.take("a")).toBe(1);
    clock.now = 10 * MICROS_PER_SECOND;
    expect(throttle.take("a")).toBe(0);
    clock.now = 10_000 * MICROS_PER_SECOND;
    expect([1, 2, 3, 4].map(() => throttle.take("a"))).toEqual([0, 0, 0, 10]);
  });

  it("forgets nothing while it is asked for", () => {
    const { throttle, clock } = build();
    for (let i = 0; i < 3; i++) throttle.take("a");
    for (let second = 1; second < 10; second++) {
      clock.now = second * MICROS_PER_SECOND;
      expect(throttle.take("a")).toBe(10 - second);
    }
  });

  it("gives back what did not count", () => {
    const { throttle } = build();
    for (let i = 0; i < 20; i++) {
      expect(throttle.take("a")).toBe(0);
      throttle.giveBack("a");
    }
  });

  it("remembers only so many keys, the latest ones", () => {
    const { throttle } = build(2);
    for (let i = 0; i < 3; i++) throttle.take("a");
    throttle.take("b");
    throttle.take("c");
    expect([1, 2, 3].map(() => throttle.take("a"))).toEqual([0, 0, 0]);
  });
});

describe("the key of an address", () => {
  it.each([
    ["192.0.2.7", "192.0.2.7"],
    ["::ffff:192.0.2.7", "192.0.2.7"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
    ["2001:db8:1:2::6", "2001:db8:1:2"],
    ["2001:db8::6", "2001:db8:0:0"],
    ["::1", "0:0:0:0"],
    ["fe80::1%eth0", "fe80:0:0:0"],
  ])("of %s is %s", (address, key) => {
    expect(addressKey(address)).toBe(key);
  });
});
