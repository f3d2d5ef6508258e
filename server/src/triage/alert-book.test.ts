import { describe, expect, it } from "vitest";
import { TytoError } from "@tyto/domain";
import type { Alert, AlertId, Asset, AssetId, Micros } from "@tyto/domain";
import type { AlertRepository } from "../storage/index.ts";
import { AlertBook } from "./alert-book.ts";
import { alertIdOf } from "./fold.ts";
import type { AssetLookup } from "./priority.ts";
import { lastStep } from "./transition.ts";
import { AlertShelf, finding, keyOf, NOW, upsert } from "./triage.fixture.ts";

const A = finding({ key: "a" });
const ID = alertIdOf(A.key);

const CRITICAL: Asset = {
  id: "1" as AssetId,
  kind: "host",
  name: "core-1",
  criticality: "critical",
  labels: [],
  owner: null,
  aliases: ["192.0.2.1"],
  note: "",
  origin: "csv",
  firstSeen: null,
  lastSeen: null,
  updatedAt: 0 as Micros,
  updatedBy: "ana",
};

/** A book over a shelf, whose engine can be out. */
function openBook(assets: AssetLookup = () => undefined) {
  const told: string[] = [];
  const shelf = new AlertShelf();
  const unused = () => Promise.reject(new Error("the book does not call this"));
  const alerts: AlertRepository = {
    byId: (id) => Promise.resolve(shelf.alerts.get(id)),
    byFinding: (key) => shelf.byFinding(key),
    candidates: (query) => shelf.candidates(query),
    save: (alert, expectedStep) => {
      const stored = shelf.alerts.get(alert.id);
      if (stored === undefined || lastStep(stored) !== expectedStep) {
        return Promise.reject(new TytoError("conflict", "The alert changed"));
      }
      shelf.put([alert]);
      return Promise.resolve();
    },
    list: unused,
    countOpenBySeverity: unused,
    countOpenByAsset: unused,
    count: unused,
    responses: unused,
    facets: unused,
    groups: unused,
    linked: unused,
    ids: unused,
    histogram: unused,
  };
  const projected: Alert[][] = [];
  const failures: unknown[] = [];
  const engine = { isOut: false };
  const book = new AlertBook({
    alerts,
    projections: {
      append: (batch) => {
        if (engine.isOut) return Promise.reject(new Error("the engine is out"));
        projected.push([...batch]);
        return Promise.resolve();
      },
    },
    now: () => NOW,
    assets,
    onChanged: (changed) => told.push(...changed.map(({ id, severity }) => `${id} ${severity}`)),
    onProjectionFailed: (error) => failures.push(error),
  });
  const commit = (changed: readonly Alert[]) => Promise.resolve(shelf.put(changed));
  return { shelf, book, engine, projected, failures, commit, told };
}

const idsOf = (batches: readonly (readonly Alert[])[]) =>
  batches.map((batch) => batch.map((alert) => `${alert.id} ${alert.status}`));

describe("the book of alerts", () => {
  it("commits what detection says, then projects it", async () => {
    const { shelf, book, projected, commit } = openBook();
    await book.grow([upsert(A)], commit);
    expect([...shelf.alerts.keys()]).toEqual([ID]);
    expect(idsOf(projected)).toEqual([[`${ID} new`]]);
  });

  it("commits a batch that changed no alert too: it carries the checkpoint", async () => {
    const { book, projected } = openBook();
    const commits: (readonly Alert[])[] = [];
    await book.grow([], (changed) => Promise.resolve(void commits.push(changed)));
    expect(commits).toEqual([[]]);
    expect(projected).toEqual([]);
  });

  it("changes nothing when a commit fails, and does the same again when it is repeated", async () => {
    const { shelf, book, projected, commit } = openBook();
    const failing = () => Promise.reject(new Error("disk full"));
    await expect(book.grow([upsert(A)], failing)).rejects.toThrow("disk full");
    expect(shelf.alerts.size).toBe(0);
    expect(projected).toEqual([]);
    await book.grow([upsert(A)], commit);
    expect(shelf.alerts.get(ID)?.transitions).toHaveLength(1);
    expect(idsOf(projected)).toEqual([[`${ID} new`]]);
  });

  it("repeats a failed projection with the next batch, in the alert's newest state", async () => {
    const { shelf, book, engine, projected, failures, commit } = openBook();
    engine.isOut = true;
    await book.grow([upsert(A)], commit);
    const closed = await book.act({ id: ID, action: { kind: "close", reason: "other" }, actor: "ana" });
    expect(closed.status, "people work on while the engine is out").toBe("closed");
    expect(shelf.alerts.get(ID)?.status).toBe("closed");
    expect([projected.length, failures.length]).toEqual([0, 2]);
    engine.isOut = false;
    await book.grow([], commit);
    expect(idsOf(projected)).toEqual([[`${ID} closed`]]);
    await book.grow([], commit);
    expect(projected, "once it stands, it is not repeated").toHaveLength(1);
  });

  it("lets a person act only after the growth that came before is committed", async () => {
    const { shelf, book, commit } = openBook();
    await book.grow([upsert(A)], commit);
    const order: string[] = [];
    let open = () => {};
    const gate = new Promise<void>((resolve) => (open = resolve));
    const growing = book.grow([upsert(finding({ key: "b" }))], async (changed) => {
      await gate;
      await commit(changed);
      order.push("grown");
    });
    const acting = book
      .act({ id: ID, action: { kind: "acknowledge" }, actor: "ana", after: 1 })
      .then(() => order.push("acted"));
    open();
    await Promise.all([growing, acting]);
    expect(order).toEqual(["grown", "acted"]);
    const alert = shelf.alerts.get(ID);
    expect(alert?.transitions.map(({ change }) => change.kind)).toEqual(["opened", "joined", "acknowledge"]);
    expect(alert?.findings).toHaveLength(2);
  });

  it("weighs an open alert again when the register changed, and says so once", async () => {
    const known = new Map<string, Asset>();
    const { book, shelf, commit, told } = openBook(({ value }) => known.get(value));
    await book.grow([upsert(A)], commit);
    expect(await book.reweigh(ID)).toBe(false);
    known.set("192.0.2.1", CRITICAL);
    expect(await book.reweigh(ID)).toBe(true);
    expect(await book.reweigh(ID)).toBe(false);
    expect(shelf.alerts.get(ID)).toMatchObject({ severity: "high", priority: { score: 60, base: "medium" } });
    expect(shelf.alerts.get(ID)?.transitions.at(-1)).toMatchObject({
      actor: "detection",
      change: { kind: "reweighed", severity: "high", score: 60 },
    });
    expect(told).toEqual([`${ID} medium`, `${ID} high`]);
    await book.act({ id: ID, action: { kind: "close", reason: "other" }, actor: "ana" });
    known.clear();
    expect(await book.reweigh(ID), "what a person closed stays as it was seen").toBe(false);
  });

  it("goes on after a turn that failed", async () => {
    const { book, commit } = openBook();
    await expect(
      book.act({ id: "nobody" as AlertId, action: { kind: "acknowledge" }, actor: "ana" }),
    ).rejects.toMatchObject({ code: "not-found" });
    await expect(book.grow([upsert(A)], commit)).resolves.toBeUndefined();
  });

  it("refuses an action on what another person has changed since, but not on what detection added", async () => {
    const { book, commit } = openBook();
    await book.grow([upsert(A)], commit);
    await book.grow([upsert(finding({ key: keyOf("b") }))], commit);
    await book.act({ id: ID, action: { kind: "assign", assignee: "ben" }, actor: "ben", after: 1 });
    await expect(
      book.act({ id: ID, action: { kind: "assign", assignee: "ana" }, actor: "ana", after: 2 }),
    ).rejects.toMatchObject({ code: "conflict" });
    await expect(
      book.act({ id: ID, action: { kind: "assign", assignee: "ana" }, actor: "ana", after: 3 }),
    ).resolves.toMatchObject({ assignee: "ana" });
  });
});
