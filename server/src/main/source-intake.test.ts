import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { micros, sequence, sourceId } from "@tyto/domain";
import type { RawBatch } from "@tyto/domain";
import { expect, it, onTestFinished } from "vitest";
import { AuditFile } from "../storage/index.ts";
import { prioritySink, SourceIntake } from "./source-intake.ts";

const WEB = sourceId("00000000000000aa");
const NOBODY = sourceId("00000000000000bb");

function world() {
  const directory = mkdtempSync(join(tmpdir(), "tyto-intake-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const kept = new Map<string, string>();
  const control: Parameters<typeof SourceIntake.open>[0] = {
    settings: {
      get: (key) => Promise.resolve(kept.get(key)),
      set: (key, value) => Promise.resolve(void kept.set(key, value)),
    },
    sources: () =>
      Promise.resolve([
        { id: WEB, name: "web", input: "http", discriminator: "web", firstSeenAt: micros(0) },
      ]),
  };
  const audit = new AuditFile(directory, () => micros(0));
  const actions = (): readonly string[] =>
    readFileSync(join(directory, "audit.ndjson"), "utf8")
      .trim()
      .split("\n")
      .map((line) => (JSON.parse(line) as { action: string }).action);
  return { open: () => SourceIntake.open(control, audit), actions };
}

it("keeps priorities and masking over a restart, and puts every change on record", async () => {
  const { open, actions } = world();
  const intake = await open();
  expect([intake.priorityOf(WEB), intake.isMasked(WEB)]).toEqual(["normal", false]);
  await intake.setPriority(WEB, "high", "ana");
  await intake.setMasksAll(true, "ana");
  expect(intake.isMasked(WEB)).toBe(true);
  await intake.setMasked(WEB, false, "ana");
  const again = await open();
  expect([again.priorityOf(WEB), again.isMasked(WEB), again.isMasked(NOBODY)]).toEqual(["high", false, true]);
  await again.setMasked(WEB, null, "ana");
  expect([again.isMasked(WEB), again.maskedSources.size]).toEqual([true, 0]);
  expect(actions()).toEqual(["priority-changed", "masking-changed", "masking-changed", "masking-changed"]);
});

it("refuses what is no source", async () => {
  const intake = await world().open();
  await expect(intake.setPriority(NOBODY, "low", "ana")).rejects.toMatchObject({ code: "not-found" });
  await expect(intake.setMasked(NOBODY, true, "ana")).rejects.toMatchObject({ code: "not-found" });
});

it("gives each batch the priority that its source has then", async () => {
  const intake = await world().open();
  const got: RawBatch[] = [];
  const sink = prioritySink(
    {
      append: (batch) => {
        got.push(batch);
        return Promise.resolve({ first: sequence(1), count: 1 });
      },
    },
    intake,
  );
  const batch: RawBatch = { source: WEB, receivedAt: micros(0), identity: { kind: "journal" }, records: [] };
  await sink.append(batch);
  await intake.setPriority(WEB, "low", "ana");
  await sink.append(batch);
  expect(got.map(({ priority }) => priority)).toEqual([undefined, "low"]);
});
