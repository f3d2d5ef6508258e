import { Readable, Writable } from "node:stream";
import { expect, it } from "vitest";
import type { Client } from "./client.ts";
import { ledgerCommand } from "./ledger.ts";

it("refuses to show no hour, and says what to ask for, instead of showing one", async () => {
  const asked: string[] = [];
  const client = {
    get: (path: string) => {
      asked.push(path);
      return Promise.reject(new Error("not asked in this test"));
    },
  } as unknown as Client;
  const io = { stdin: Readable.from([]), stdout: new Writable(), stderr: new Writable() };
  const shown = ledgerCommand(client, { hours: 0, json: false }, io);
  await expect(shown).rejects.toMatchObject({
    code: "bad-request",
    hint: expect.stringContaining("--hours 1") as string,
  });
  expect(asked).toEqual([]);
});
