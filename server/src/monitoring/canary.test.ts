import { micros } from "@tyto/domain";
import { describe, expect, it } from "vitest";
import { Canary } from "./canary.ts";

function canary(options: { readonly arrivesAt?: number; readonly refused?: string } = {}) {
  let seconds = 0;
  const sent: string[] = [];
  const bird = new Canary({
    send: (mark) => {
      sent.push(mark);
      return options.refused === undefined ? Promise.resolve() : Promise.reject(new Error(options.refused));
    },
    isAlerted: (mark) =>
      Promise.resolve(
        mark === sent.at(-1) && options.arrivesAt !== undefined && seconds >= options.arrivesAt,
      ),
    newMark: () => `mark ${sent.length + 1}`,
    now: () => micros(seconds * 1_000_000),
  });
  const at = async (second: number) => {
    seconds = second;
    return (await bird.check()).map(({ message }) => message);
  };
  return { bird, sent, at };
}

describe("the canary", () => {
  it("says how long it took when it came out, and nothing more", async () => {
    const { bird, at } = canary({ arrivesAt: 2 });
    expect(await at(0)).toEqual([]);
    expect(bird.state).toEqual({ state: "never-sent", sentAt: null, took: null });
    await bird.send();
    expect(await at(1)).toEqual([]);
    expect(bird.state.state).toBe("under-way");
    expect(await at(15)).toEqual([]);
    expect(bird.state).toEqual({ state: "arrived", sentAt: 0, took: 15_000_000 });
    expect(await at(500)).toEqual([]);
  });

  it("raises an alarm when it does not come out, until one does", async () => {
    const { bird, sent, at } = canary({ arrivesAt: 400 });
    await bird.send();
    expect(await at(60)).toEqual([]);
    await bird.send();
    expect(sent).toHaveLength(1);
    expect(await at(150)).toEqual(["The canary event has raised no alert for 150 seconds"]);
    await bird.send();
    expect(sent).toHaveLength(2);
    expect(await at(400)).toEqual([]);
    expect(bird.state.state).toBe("arrived");
  });

  it("says why it was not even taken", async () => {
    const { bird, at } = canary({ refused: "the disk is full" });
    await bird.send();
    expect(await at(1)).toEqual(["The canary event was not taken: the disk is full"]);
  });
});
