import { writeFile } from "node:fs/promises";
import { Writable } from "node:stream";
import { expect, it } from "vitest";
import { explain, printable, writeLine } from "./io.ts";

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

it("says in words what the system refused of a file, and shows where a bug is", async () => {
  let said = "";
  const stderr = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      said += chunk.toString();
      done();
    },
  });
  await explain(stderr, await writeFile("/no/such/folder/x", "").catch((error: unknown) => error));
  expect(said).toBe("tyto: /no/such/folder/x: no such file or folder\n");
  said = "";
  await explain(stderr, new Error("unforeseen"));
  expect(said).toMatch(/^tyto: Error: unforeseen\n\s+at /);
});
