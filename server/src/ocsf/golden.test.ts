import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseRfc3339 } from "@tyto/domain";
import type { EventFields, EventId, Micros, TimeOrigin } from "@tyto/domain";
import { describe, expect, it } from "vitest";
import { toOcsf } from "./index.ts";
import type { OcsfObject } from "./index.ts";
import { ocsfComplaints } from "./testing/validator.ts";

const PACKS = join(import.meta.dirname, "../../../packs");

type Golden = Readonly<Record<string, unknown>> & { readonly pack?: string; readonly timeOrigin: TimeOrigin };

const files = readdirSync(PACKS)
  .flatMap((pack) => {
    const folder = join(PACKS, pack, "cases");
    try {
      return readdirSync(folder).map((file) => join(folder, file));
    } catch {
      return [];
    }
  })
  .filter((file) => file.endsWith(".events.json"));

/** The expected events of a pack's own samples, in OCSF. */
function exported(file: string): readonly OcsfObject[] {
  const events = JSON.parse(readFileSync(file, "utf8")) as readonly Golden[];
  return events.flatMap((event) => {
    const { pack, "@timestamp": time, timeOrigin, ...fields } = event;
    if (pack === undefined) return [];
    const timestamp = parseRfc3339(String(time)) as Micros;
    return [
      toOcsf({
        id: "00000000000000aa-0" as EventId,
        timestamp,
        timeOrigin,
        ingested: timestamp,
        pack,
        fields: fields as EventFields,
        raw: new TextEncoder().encode("a line"),
      }),
    ];
  });
}

function nameOf({ class_name: name }: OcsfObject): string {
  return typeof name === "string" ? name : "no class";
}

describe("the samples of every pack", () => {
  it("become events that OCSF 1.8.0 allows", () => {
    const complaints = files.flatMap((file) =>
      exported(file).flatMap((event) =>
        ocsfComplaints(event).map(
          (complaint) => `${file.slice(PACKS.length)} ${nameOf(event)}: ${complaint}`,
        ),
      ),
    );
    expect([...new Set(complaints)]).toEqual([]);
  });

  it("find a class of their own, most of them", () => {
    const classes = files.flatMap((file) => exported(file).map((event) => nameOf(event)));
    expect(classes.length).toBeGreaterThan(1_000);
    expect(classes.filter((name) => name === "Base Event").length / classes.length).toBeLessThan(0.2);
  });
});
