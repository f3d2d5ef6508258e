/** Lines that no pack knows, by shape, over the real engine. */
import { eventId, micros, originId, sequence, sourceId, UnknownListSchema } from "@tyto/domain";
import type { Event, UnknownList } from "@tyto/domain";
import { Compile } from "typebox/compile";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { unknownShapeKql } from "../../query/index.ts";
import { temporaryEngine } from "../../storage/engine/engine-fixture.ts";
import { bearer, startApi } from "./api-fixture.ts";
import type { ApiFixture } from "./api-fixture.ts";

const ORIGIN = originId("00000000000000aa");
const DOOR = sourceId("00000000000000d1");
const GATE = sourceId("00000000000000d2");
const NOON = Date.UTC(2026, 0, 15, 12) * 1_000;
const EVIL = '<img src=x onerror=alert(1)> said "hello"';

let place = 0;
function line(raw: string | Uint8Array, shape: string, change: Partial<Event> = {}): Event {
  place += 1;
  return {
    id: eventId(ORIGIN, place),
    sequence: sequence(place),
    source: DOOR,
    timestamp: micros(NOON - 3_600_000_000 + place * 1_000_000),
    timeOrigin: "event",
    ingested: micros(NOON),
    pack: "unknown",
    fields: shape === "" ? {} : { "tyto.shape": shape },
    raw: typeof raw === "string" ? Buffer.from(raw) : raw,
    ...change,
  };
}

let engine: Awaited<ReturnType<typeof temporaryEngine>>;
let fixture: ApiFixture;

beforeAll(async () => {
  engine = await temporaryEngine();
  await engine.engine.events.insert([
    ...[1, 2, 3, 4, 5].map((n) => line(`door ${n} opened`, "door <number> opened")),
    ...[6, 7].map((n) => line(`door ${n} opened`, "door <number> opened", { source: GATE })),
    line(EVIL, "<img src=x> said <text>"),
    line(Uint8Array.from([0xff, 0x00, 0x41]), ""),
    line("read by a pack", "door <number> opened", { pack: "acme-door/log" }),
    line("long ago", "door <number> opened", { timestamp: micros(NOON - 40 * 86_400_000_000) }),
  ]);
  fixture = await startApi({ engine: engine.engine });
  for (const [id, name] of [
    [DOOR, "10.1.2.3"],
    [GATE, "gate"],
  ] as const) {
    await fixture.control.registerSource({
      id,
      input: "syslog-udp",
      name,
      discriminator: name,
      firstSeenAt: micros(0),
    });
  }
});
afterAll(async () => {
  await fixture.close();
  await engine.remove();
});

async function list(query = ""): Promise<UnknownList> {
  const reply = await fixture.api.inject({
    url: `/api/v1/unknown${query}`,
    headers: bearer(fixture.tokens.read),
  });
  expect(reply.statusCode).toBe(200);
  const body = reply.json<UnknownList>();
  expect(Compile(UnknownListSchema).Check(body)).toBe(true);
  return body;
}

const withoutIds = ({ items }: UnknownList) =>
  items.map(({ shape, lines, sources }) => [shape, lines, sources.map(({ name }) => name)]);

describe("unknown lines", () => {
  it("are counted by shape and source, most first, without those that packs read or that are too old", async () => {
    const body = await list();
    expect(withoutIds(body)).toEqual([
      ["door <number> opened", 7, ["10.1.2.3", "gate"]],
      ["", 1, ["10.1.2.3"]],
      ["<img src=x> said <text>", 1, ["10.1.2.3"]],
    ]);
    const [first] = body.items;
    expect(first?.sources.map(({ lines }) => lines)).toEqual([5, 2]);
    expect(first?.sourceCount).toBe(2);
    expect([first?.firstSeen, first?.lastSeen]).toEqual([
      "2026-01-15T11:00:01.000Z",
      "2026-01-15T11:00:07.000Z",
    ]);
    expect(first?.samples).toHaveLength(3);
    expect(first?.samples[0]?.raw).toMatch(/^door \d opened$/);
    expect(first?.kql).toContain('"door <number> opened"');
  });

  it("show hostile text as it is and bytes that are no text as such", async () => {
    const { items } = await list();
    expect(items[2]?.samples[0]?.raw).toBe(EVIL);
    expect(items[1]?.samples[0]).toMatchObject({ raw: "\ufffd\u0000A", bytes: 3 });
  });

  it("are asked for in KQL that no mark in them turns around", () => {
    expect(unknownShapeKql("a\u202egnp.exe")).toContain('"a\\u202egnp.exe"');
  });

  it("come page by page, each shape once", async () => {
    const shapes: string[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const page: UnknownList = await list(`?limit=1${cursor === "" ? "" : `&cursor=${cursor}`}`);
      shapes.push(...page.items.map(({ shape }) => shape));
      cursor = page.nextCursor;
    }
    expect(shapes).toEqual(["door <number> opened", "", "<img src=x> said <text>"]);
  });

  it.each([
    ["?source=gate", [["door <number> opened", 2, ["gate"]]]],
    [`?source=${GATE}`, [["door <number> opened", 2, ["gate"]]]],
    ["?from=-60d&to=-20d", [["door <number> opened", 1, ["10.1.2.3"]]]],
  ])("are narrowed by %s", async (query, expected) => {
    expect(withoutIds(await list(query))).toEqual(expected);
  });

  it("leave as a file of the newest lines, byte for byte", async () => {
    const { items } = await list();
    const file = async (id: string | undefined, query = "") =>
      fixture.api.inject({
        url: `/api/v1/unknown/${id ?? ""}/lines${query}`,
        headers: bearer(fixture.tokens.read),
      });
    const doors = await file(items[0]?.id, "?lines=2&source=10.1.2.3");
    expect(doors.body).toBe("door 5 opened\ndoor 4 opened\n");
    expect(doors.headers["content-disposition"]).toMatch(
      /^attachment; filename="unknown-[0-9a-f]{16}\.log"$/,
    );
    expect(doors.headers["content-type"]).toBe("application/octet-stream");
    expect((await file(items[1]?.id)).rawPayload).toEqual(Buffer.from([0xff, 0x00, 0x41, 0x0a]));
    expect((await file("0000000000000000")).statusCode).toBe(404);
  });

  it.each([
    ["?source=nobody", 404],
    ["?from=yesterday", 400],
    ["?from=now&to=-1d", 400],
    ["?cursor=x", 400],
    ["?limit=0", 400],
    ["?what=1", 400],
  ])("answer %s with %i", async (query, status) => {
    const reply = await fixture.api.inject({
      url: `/api/v1/unknown${query}`,
      headers: bearer(fixture.tokens.read),
    });
    expect(reply.statusCode).toBe(status);
  });
});
