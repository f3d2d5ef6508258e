import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { eventId, originId, parseRfc3339, sequence, sourceId } from "@tyto/domain";
import type { Event, FieldValue, Micros } from "@tyto/domain";
import type { PackDefinition } from "../content/index.ts";

/** What a page about a pack is made from, beside its definition. */
export interface SourcePack {
  readonly pack: PackDefinition;
  /** The pack's README; `undefined` when it has none. */
  readonly readme: string | undefined;
  /** The expected events of its golden cases, in the order of their files. */
  readonly events: readonly Event[];
}

/** Reads README and golden events of a pack's folder. Both may be absent. */
export async function readSourcePack(folder: string, pack: PackDefinition): Promise<SourcePack> {
  const readme = await readFile(join(folder, "README.md"), "utf8").catch(() => undefined);
  const cases = join(folder, "cases");
  const names = await readdir(cases).catch((): readonly string[] => []);
  const files = [...names].sort().filter((name) => name.endsWith(".events.json"));
  const texts = await Promise.all(files.map((name) => readFile(join(cases, name), "utf8")));
  return { pack, readme, events: texts.flatMap(goldenEvents) };
}

function goldenEvents(text: string): readonly Event[] {
  const entries: unknown = JSON.parse(text);
  return Array.isArray(entries) ? entries.flatMap(goldenEvent) : [];
}

/** Quarantined and filtered outcomes are no events. */
function goldenEvent(entry: unknown): readonly Event[] {
  if (typeof entry !== "object" || entry === null || !("pack" in entry)) return [];
  const {
    pack,
    "@timestamp": time,
    timeOrigin: _,
    ...fields
  } = entry as Readonly<Record<string, FieldValue>>;
  const timestamp = (typeof time === "string" ? parseRfc3339(time) : undefined) ?? (0 as Micros);
  return [
    {
      id: eventId(originId("0000000000000000"), 0),
      sequence: sequence(1),
      source: sourceId("0000000000000000"),
      timestamp,
      timeOrigin: "event",
      ingested: timestamp,
      pack: typeof pack === "string" ? pack : "unknown",
      fields,
      raw: new Uint8Array(),
    },
  ];
}
