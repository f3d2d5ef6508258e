/** Exports on a real engine: every row once, in every format, cancelled, begun anew, expired. */
import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { micros, MICROS_PER_DAY, TytoError } from "@tyto/domain";
import type { Export, ExportFormat } from "@tyto/domain";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EVENTS, NOW } from "../query/cases/events.ts";
import { createQueryFrontend } from "../query/index.ts";
import { temporaryEngine } from "../storage/engine/engine-fixture.ts";
import { ExportFolder, openControlStore } from "../storage/index.ts";
import type { ControlStore, QueryRunner } from "../storage/index.ts";
import { Exports } from "./exports.ts";

let fixture: Awaited<ReturnType<typeof temporaryEngine>>;
let directory: string;
let control: ControlStore;
const query = createQueryFrontend({ kqlWorkerPath: "none" });
const audited: string[] = [];
let now = micros(NOW + MICROS_PER_DAY);

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "tyto-exports-"));
  control = await openControlStore({ path: join(directory, "control.db") });
  fixture = await temporaryEngine();
  expect(await fixture.engine.events.insert(EVENTS)).toEqual([]);
});
afterAll(async () => {
  await control.close();
  await fixture.remove();
  await rm(directory, { recursive: true });
});

/** Waits until it is stopped, as the engine does. */
const untilStopped: QueryRunner["run"] = (_query, { signal }) =>
  new Promise((_resolve, reject) => {
    const stop = (): void => reject(new TytoError("query-cancelled", "stopped"));
    if (signal?.aborted === true) stop();
    signal?.addEventListener("abort", stop, { once: true });
  });

function open(queries: QueryRunner = fixture.engine.queries): Promise<Exports> {
  return Exports.open({
    searches: control.searches,
    queries,
    query,
    folder: new ExportFolder(directory),
    audit: { append: ({ action }) => Promise.resolve(void audited.push(action)) },
    accessOf: () => Promise.resolve(undefined),
    now: () => now,
    randomBytes,
    onProblem: () => undefined,
    rowsPerPiece: 5,
  });
}

const QUESTION = { text: "", from: "2026-03-01T00:00:00Z", to: "2026-03-20T00:00:00Z" };

async function begin(exports: Exports, format: ExportFormat): Promise<string> {
  const begun = await exports.begin({ question: QUESTION, format, actor: "ana" });
  if (!begun.ok) throw new Error(begun.diagnostics[0]?.message);
  return begun.value.id;
}

async function ended(exports: Exports, id: string): Promise<Export> {
  for (const deadline = performance.now() + 20_000; performance.now() < deadline;) {
    const found = await exports.byId(id);
    if (found !== undefined && found.state !== "running") return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error("the export does not end");
}

async function contentOf(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

describe("an export", () => {
  it.each(["csv", "ndjson", "parquet"] as const)(
    "as %s has every row once and its own digest",
    async (format) => {
      const exports = await open();
      const id = await begin(exports, format);
      const done = await ended(exports, id);
      expect(done).toMatchObject({ state: "done", rows: EVENTS.length, total: EVENTS.length, problem: null });
      const opened = await exports.open(id);
      const bytes = await contentOf(opened.stream);
      expect([bytes.length, createHash("sha256").update(bytes).digest("hex")]).toEqual([
        done.bytes,
        done.sha256,
      ]);
      const text = bytes.toString("utf8");
      if (format === "ndjson") {
        const ids = text
          .trimEnd()
          .split("\n")
          .map((line) => (JSON.parse(line) as { id: string }).id);
        expect(new Set(ids).size).toBe(EVENTS.length);
      }
      if (format === "csv") expect(text.startsWith("timestamp,id,source,")).toBe(true);
      if (format === "parquet") expect(text.endsWith("PAR1")).toBe(true);
    },
  );

  it("is refused with the query's own fault, and written down before it begins", async () => {
    const exports = await open();
    const begun = await exports.begin({ question: { text: "(" }, format: "csv", actor: "ana" });
    expect(begun.ok).toBe(false);
    expect(audited.every((action) => action === "export-begun")).toBe(true);
  });

  it("leaves no file when it is cancelled or fails, and says why", async () => {
    const endless: QueryRunner = {
      ...fixture.engine.queries,
      estimate: () => Promise.reject(new Error("not asked for here")),
      progress: () => Promise.resolve(undefined),
      cancel: () => Promise.resolve(),
      bytes: () => Promise.reject(new Error("not asked for here")),
      run: untilStopped,
    };
    const stuck = await open(endless);
    const id = await begin(stuck, "csv");
    while ((await readdir(join(directory, "exports"))).every((name) => name !== `${id}.part`))
      await new Promise((resolve) => setTimeout(resolve, 10));
    expect(await stuck.remove(id)).toBe(true);
    expect((await stuck.byId(id))?.state).toBe("cancelled");
    await expect(stuck.open(id)).rejects.toThrow(/not done/);
    const broken = await open({
      ...endless,
      run: () => Promise.reject(new TytoError("query-timeout", "too slow")),
    });
    const failed = await ended(broken, await begin(broken, "csv"));
    expect(failed).toMatchObject({ state: "failed", problem: "too slow" });
    expect((await readdir(join(directory, "exports"))).filter((name) => name.endsWith(".part"))).toEqual([]);
  });

  it("begins anew when the server was stopped over it", async () => {
    const stuck = await open({
      run: untilStopped,
      bytes: () => Promise.reject(new Error("not asked for here")),
      estimate: () => Promise.reject(new Error("not asked for here")),
      progress: () => Promise.resolve(undefined),
      cancel: () => Promise.resolve(),
    });
    const id = await begin(stuck, "ndjson");
    await stuck.stop();
    expect((await control.searches.exportById(id))?.state).toBe("running");
    const again = await open();
    expect(await ended(again, id)).toMatchObject({ state: "done", rows: EVENTS.length });
  });

  it("expires with its file, and is gone when it is deleted", async () => {
    const exports = await open();
    const id = await begin(exports, "csv");
    await ended(exports, id);
    now = micros(now + 8 * MICROS_PER_DAY);
    await exports.expire();
    expect((await exports.byId(id))?.state).toBe("expired");
    await expect(exports.open(id)).rejects.toThrow(/expired/);
    expect(await exports.remove(id)).toBe(true);
    expect(await exports.byId(id)).toBeUndefined();
    expect(await exports.remove(id)).toBe(false);
  });
});
