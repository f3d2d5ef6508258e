import { Readable, Writable } from "node:stream";
import { expect, it } from "vitest";
import type { UnknownList } from "@tyto/domain";
import type { Client } from "./client.ts";
import { unknownCommand } from "./unknown.ts";

class Collector extends Writable {
  readonly chunks: Buffer[] = [];
  get text(): string {
    return Buffer.concat(this.chunks).toString();
  }
  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.chunks.push(chunk);
    done();
  }
}

const list: UnknownList = {
  items: [
    {
      id: "0123456789abcdef",
      shape: "door\u001b[2J <number>",
      lines: 12_000,
      sources: [{ id: "00000000000000d1", name: "10.1.2.3", lines: 11_999 }],
      sourceCount: 2,
      firstSeen: "2026-01-15T11:00:01.000Z",
      lastSeen: "2026-01-15T11:00:07.000Z",
      samples: [],
      kql: "Events",
    },
  ],
  nextCursor: "x",
  from: "2026-01-08T12:00:00.000Z",
  to: "2026-01-15T12:00:00.000Z",
};

function asking(answer: unknown, bytes = new Uint8Array()) {
  const asked: string[] = [];
  const client: Client = {
    url: "http://127.0.0.1:8080",
    get: (path) => Promise.resolve((asked.push(path), answer)),
    post: () => Promise.reject(new Error("nothing is changed")),
    patch: () => Promise.reject(new Error("nothing is changed")),
    delete: () => Promise.reject(new Error("nothing is changed")),
    download: (path) => Promise.resolve((asked.push(path), bytes)),
    stream: () => Promise.reject(new Error("nothing is streamed here")),
  };
  const io = { stdin: Readable.from([]), stdout: new Collector(), stderr: new Collector() };
  return { client, asked, io };
}

it("shows shapes with their lines and senders, harmless, and says how a pack is started", async () => {
  const { client, asked, io } = asking(list);
  await unknownCommand(client, { json: false, from: "-2d", source: "10.1.2.3" }, io);
  expect(asked).toEqual(["/api/v1/unknown?from=-2d&source=10.1.2.3"]);
  expect(io.stdout.text).toContain(
    "0123456789abcdef  12000  10.1.2.3 and 1 more  2026-01-15 11:00:07  door\\u001b[2J <number>",
  );
  expect(io.stderr.text).toContain("npx tyto unknown --shape 0123456789abcdef --lines 1000 > lines.log");
  expect(io.stderr.text).toContain("npx tyto new pack VENDOR-PRODUCT --from lines.log");
});

it("says so when packs read everything", async () => {
  const { client, io } = asking({ ...list, items: [], nextCursor: null });
  await unknownCommand(client, { json: false }, io);
  expect([io.stdout.text, io.stderr.text]).toEqual([
    "",
    "Every line from 2026-01-08T12:00:00.000Z to 2026-01-15T12:00:00.000Z was read by a pack.\n",
  ]);
});

it("writes the lines of a shape byte for byte, and nothing else, to standard output", async () => {
  const bytes = Buffer.from([0xff, 0x1b, 0x0a, 0x41, 0x0a]);
  const { client, asked, io } = asking(undefined, bytes);
  await unknownCommand(client, { json: false, shape: "0123456789abcdef", lines: 2 }, io);
  expect(asked).toEqual(["/api/v1/unknown/0123456789abcdef/lines?lines=2"]);
  expect(Buffer.concat(io.stdout.chunks)).toEqual(bytes);
  expect(io.stderr.text).toContain("2 lines. With them in a file: npx tyto new pack");
});

it("writes JSON when asked", async () => {
  const { client, io } = asking(list);
  await unknownCommand(client, { json: true }, io);
  expect(JSON.parse(io.stdout.text)).toEqual(list);
});
