import { Writable } from "node:stream";
import { expect, it } from "vitest";
import { printable, writeLine } from "./io.ts";

it("stops waiting for a reader that goes away, and leaves no listeners", async () => {
  const stream = new Writable({
    highWaterMark: 1,
    write: () => undefined,
  });
  stream.on("error", () => undefined);
  const writing = writeLine(stream, "a line that nobody reads");
  stream.destroy(new Error("EPIPE"));
  await writing;
  await writeLine(stream, "another");
  expect(stream.listenerCount("drain")).toBe(0);
});

it("shows control characters and direction marks instead of obeying them", () => {
  expect(printable("a\u001b[31mred\u0007 \u202efdp.exe\tb\nc")).toBe(
    "a\\u001b[31mred\\u0007 \\u202efdp.exe\tb\nc",
  );
});
