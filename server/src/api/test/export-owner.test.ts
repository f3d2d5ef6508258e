/** An export is its maker's and an administrator's: nobody else learns that it is there. */
import { Readable } from "node:stream";
import type { Export } from "@tyto/domain";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bearer, startApi } from "./api-fixture.ts";
import type { ApiFixture } from "./api-fixture.ts";

const exportOf = (id: string, createdBy: string): Export => ({
  id,
  state: "done",
  format: "csv",
  kql: "Events",
  columns: null,
  from: "2026-01-01T00:00:00.000000Z",
  to: "2026-01-02T00:00:00.000000Z",
  createdAt: "2026-01-02T00:00:00.000000Z",
  createdBy,
  rows: 1,
  bytes: 4,
  total: 1,
  sha256: "00",
  expiresAt: null,
  problem: null,
});
const OWN = "000000000000000a";
const FOREIGN = "000000000000000b";
const removed: string[] = [];
let fixture: ApiFixture;

beforeAll(async () => {
  const known = new Map<string, Export>();
  fixture = await startApi({
    exports: {
      begin: () => Promise.reject(new Error("nobody makes one here")),
      list: () => Promise.resolve([...known.values()]),
      byId: (id) => Promise.resolve(known.get(id)),
      remove: (id) => Promise.resolve(removed.push(id) > 0),
      open: (id) =>
        Promise.resolve({ stream: Readable.from(["row\n"]), export: known.get(id) ?? exportOf(id, "") }),
    },
  });
  const tokens = await fixture.control.access.tokens();
  const reader = tokens.find(({ scope }) => scope === "read")?.name ?? "";
  known.set(OWN, exportOf(OWN, `token:${reader}`));
  known.set(FOREIGN, exportOf(FOREIGN, "ana.keller"));
});
afterAll(() => fixture.close());

const ask = (method: "GET" | "DELETE", path: string, token: string) =>
  fixture.api.inject({ method, url: `/api/v1/exports${path}`, headers: bearer(token) });

describe("exports", () => {
  it("of others are not listed, shown, given out or deleted", async () => {
    const { read } = fixture.tokens;
    expect((await ask("GET", "", read)).json<{ items: Export[] }>().items.map(({ id }) => id)).toEqual([OWN]);
    for (const [method, path] of [
      ["GET", `/${FOREIGN}`],
      ["GET", `/${FOREIGN}/file`],
      ["DELETE", `/${FOREIGN}`],
    ] as const)
      expect((await ask(method, path, read)).statusCode, `${method} ${path}`).toBe(404);
    expect(removed).toEqual([]);
  });

  it("of one's own are", async () => {
    const { read } = fixture.tokens;
    expect((await ask("GET", `/${OWN}/file`, read)).body).toBe("row\n");
    expect((await ask("DELETE", `/${OWN}`, read)).statusCode).toBe(204);
    expect(removed).toEqual([OWN]);
  });

  it("are all an administrator's to see", async () => {
    const { admin } = fixture.tokens;
    expect((await ask("GET", "", admin)).json<{ items: Export[] }>().items).toHaveLength(2);
    expect((await ask("GET", `/${FOREIGN}/file`, admin)).body).toBe("row\n");
  });
});
