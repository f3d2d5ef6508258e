import { expect, it } from "vitest";
import { undoAll } from "./undo-all.ts";

it("undoes from the last to the first, all of it, and then says what failed first", async () => {
  const done: string[] = [];
  const step = (name: string) => () => Promise.resolve(void done.push(name));
  const failing = (name: string) => () => Promise.reject(new Error(name));
  const steps = [step("journal"), failing("control"), step("engine"), failing("input")];
  await expect(undoAll(steps)).rejects.toThrow("input");
  expect(done).toEqual(["engine", "journal"]);
  expect(steps).toEqual([]);
});
