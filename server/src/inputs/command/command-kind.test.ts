import { describe, expect, it } from "vitest";
import { PullHarness } from "../testing/pulling.ts";
import { commandKind } from "./command-kind.ts";

const NODE = process.execPath;
const script = (text: string, more: object = {}) => ({
  program: NODE,
  arguments: ["-e", text],
  everySeconds: 60,
  ...more,
});

/** Runs until it would wait for the next run, `runs` times. */
async function run(
  harness: PullHarness,
  settings: ReturnType<typeof script>,
  runs = 1,
  secret = {},
): Promise<void> {
  const stopping = new AbortController();
  let left = runs;
  harness.onSleep = () => {
    left -= 1;
    if (left === 0) stopping.abort();
  };
  await commandKind.run(harness.context<"command">(settings, secret, stopping.signal));
}

describe("a program on an interval", () => {
  it("gives one record a line, with an identity of its run", async () => {
    const harness = new PullHarness();
    await run(harness, script("console.log('one\\n\\ntwo'); process.stdout.write('three')"), 2);
    expect(harness.delivered.map(({ text }) => text)).toEqual(["one", "two", "three", "one", "two", "three"]);
    expect(harness.events).toHaveLength(6);
    expect(harness.cursor).toEqual({ run: 2 });
  });

  it("never uses the identity of a run again that a crash cut short", async () => {
    const harness = new PullHarness();
    harness.gate = (what) => {
      if (what === "deliver") throw new Error("killed");
    };
    await expect(run(harness, script("console.log('a')"))).rejects.toThrow("killed");
    harness.gate = () => undefined;
    await run(harness, script("console.log('b')"));
    expect(harness.cursor).toEqual({ run: 2 });
  });

  it("gets no environment but its own", async () => {
    const harness = new PullHarness();
    const print = "console.log(Object.keys(process.env).sort().join(), process.env.KEY)";
    await run(harness, script(print), 1, { environment: { KEY: "v" } });
    expect(harness.texts).toEqual(["KEY,PATH v"]);
  });

  it("is ended with all that it started when it takes too long, and what it said before is kept", async () => {
    const harness = new PullHarness();
    const slow = "console.log('before'); setInterval(() => {}, 1000)";
    await expect(run(harness, script(slow, { timeoutSeconds: 1 }))).rejects.toMatchObject({
      message: "the program was ended after 1 seconds",
    });
    expect(harness.texts).toEqual(["before"]);
    expect(harness.skipped).toHaveLength(1);
  });

  it("is ended when it says too much", async () => {
    const harness = new PullHarness();
    const loud = "for (;;) require('fs').writeSync(1, 'x'.repeat(99) + '\\n')";
    await expect(run(harness, script(loud, { maxBytes: 1_000 }))).rejects.toMatchObject({
      message: "the program was ended after 1000 bytes of output",
    });
    expect(harness.delivered.reduce((sum, { text }) => sum + text.length + 1, 0)).toBe(1_000);
  });

  it("says when it fails or cannot be started", async () => {
    const harness = new PullHarness();
    await expect(run(harness, script("process.exit(3)"))).rejects.toMatchObject({
      message: "the program ended with status 3",
    });
    const missing = { ...script(""), program: "/nowhere/program" };
    await expect(run(harness, missing)).rejects.toMatchObject({
      message: "/nowhere/program cannot be started (ENOENT)",
    });
  });

  it("is refused where the server was not started with --allow-commands", () => {
    const harness = new PullHarness();
    expect(commandKind.unavailable?.(harness.world)).toContain("--allow-commands");
    harness.allowsCommands = true;
    expect(commandKind.unavailable?.(harness.world)).toBeUndefined();
    expect(commandKind.refuses?.({ ...script(""), program: "ls" }, harness.world)).toContain("/");
  });
});
