import { micros } from "@tyto/domain";
import { describe, expect, it } from "vitest";
import { AlarmBook } from "./alarm-book.ts";
import type { AlarmChange, Condition } from "./alarm.ts";

const at = (seconds: number) => micros(1_800_000_000_000_000 + seconds * 1_000_000);

function book(conditions: () => readonly Condition[]) {
  const said: AlarmChange[] = [];
  const failures: unknown[] = [];
  const alarms = new AlarmBook({
    checks: [
      () => {
        throw new Error("broken check");
      },
      conditions,
    ],
    announce: (change) => said.push(change),
    onCheckFailed: (error) => failures.push(error),
  });
  return { said, failures, alarms };
}

const LOW: Condition = { kind: "disk-low", message: "2 % free", hint: "make room" };
const DOWN: Condition = { kind: "engine-down", message: "the engine is down", hint: "look at its log" };

describe("the book of alarms", () => {
  it("says an alarm once when it begins and once when it ends", async () => {
    let now: readonly Condition[] = [LOW];
    const { said, alarms } = book(() => now);
    await alarms.evaluate(at(0));
    await alarms.evaluate(at(15));
    expect(said.map(({ state, at: when }) => [state, when])).toEqual([["raised", at(0)]]);
    expect(alarms.raised).toMatchObject([{ kind: "disk-low", since: at(0) }]);
    now = [];
    await alarms.evaluate(at(30));
    expect(said).toHaveLength(1);
    await alarms.evaluate(at(140));
    expect(said[1]).toMatchObject({ state: "cleared", since: at(0), message: "2 % free" });
    expect(alarms.raised).toEqual([]);
  });

  it("waits for what usually passes, and forgets it when it did", async () => {
    let now: readonly Condition[] = [DOWN];
    const { said, alarms } = book(() => now);
    await alarms.evaluate(at(0));
    await alarms.evaluate(at(45));
    now = [];
    await alarms.evaluate(at(50));
    now = [DOWN];
    await alarms.evaluate(at(55));
    await alarms.evaluate(at(110));
    expect(said).toEqual([]);
    await alarms.evaluate(at(120));
    expect(said).toMatchObject([{ state: "raised", since: at(55) }]);
  });

  it("says one that flickers once, with its newest figures at the end", async () => {
    let now: readonly Condition[] = [LOW];
    const { said, alarms } = book(() => now);
    await alarms.evaluate(at(0));
    now = [];
    await alarms.evaluate(at(60));
    now = [{ ...LOW, message: "1 % free" }];
    await alarms.evaluate(at(90));
    now = [];
    await alarms.evaluate(at(300));
    expect(said.map(({ state, message }) => [state, message])).toEqual([
      ["raised", "2 % free"],
      ["cleared", "1 % free"],
    ]);
  });

  it("tells subjects apart and goes on when a check fails", async () => {
    const silent = (subject: string): Condition => ({ ...LOW, kind: "source-silent", subject });
    const { said, failures, alarms } = book(() => [silent("a"), silent("b")]);
    await alarms.evaluate(at(0));
    expect(said.map(({ subject }) => subject)).toEqual(["a", "b"]);
    expect(failures).toHaveLength(1);
  });
});
