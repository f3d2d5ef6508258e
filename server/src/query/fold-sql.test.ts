import { afterAll, beforeAll, expect, it } from "vitest";
import { foldCase } from "@tyto/domain";
import { temporaryEngine } from "../storage/engine/engine-fixture.ts";
import { param, sql } from "./bound-query.ts";
import { folded } from "./fold-sql.ts";

let fixture: Awaited<ReturnType<typeof temporaryEngine>>;
beforeAll(async () => {
  fixture = await temporaryEngine();
});
afterAll(() => fixture.remove());

it("folds every code point as the domain does", async () => {
  const limits = { timeoutMs: 30_000, maxRows: 100, maxMemoryBytes: 500_000_000 };
  for (let start = 0; start <= 0x10_ffff; start += 0x8000) {
    let text = "";
    for (let point = start; point < start + 0x8000; point++) {
      if (point < 0xd800 || point > 0xdfff) text += String.fromCodePoint(point);
    }
    const query = sql`SELECT ${folded(sql`${param("String", text)}`)} = ${param("String", foldCase(text))}`;
    const { rows } = await fixture.engine.queries.run(query, { limits, queryId: `fold-${start}` });
    expect([start, Number(rows[0]?.[0])]).toEqual([start, 1]);
  }
}, 60_000);
