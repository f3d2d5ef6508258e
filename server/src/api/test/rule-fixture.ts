import { randomBytes } from "node:crypto";
import type { Micros, RuleRow } from "@tyto/domain";
import { EMPTY_SNAPSHOT } from "../../content/index.ts";
import type { RuleText } from "../../content/index.ts";
import { compileContent } from "../../main/content.ts";
import type { LoadedContent } from "../../main/content.ts";
import { RuleShelf } from "../../main/rule-shelf.ts";
import { RuleWorkshop } from "../../main/rule-workshop.ts";
import type { WorkshopParts } from "../../main/rule-workshop.ts";
import type { ControlStore } from "../../storage/index.ts";
import type { OwnRulesPort } from "../own-rules-port.ts";
import { createTelemetry } from "../../telemetry/index.ts";

type Audited = Parameters<WorkshopParts["audit"]["append"]>[0];

/** A real workshop over a real store, with the given files for packs. */
export interface RuleFixture {
  readonly workshop: RuleWorkshop;
  readonly content: () => LoadedContent;
  readonly audited: readonly Audited[];
}

export async function openRules(parts: {
  readonly control: Pick<ControlStore, "rules">;
  readonly now: () => Micros;
  readonly files?: readonly RuleText[];
  readonly sending?: readonly string[];
}): Promise<RuleFixture> {
  const { control, now, files = [], sending = [] } = parts;
  const { log } = createTelemetry({ stream: { write: () => true }, level: "error", now });
  const shelf = await RuleShelf.open(control.rules);
  const compile = (): LoadedContent =>
    compileContent(
      { ...EMPTY_SNAPSHOT, rules: files },
      { keySecret: "", house: () => shelf, clockMs: () => 0, log },
    );
  let current = compile();
  const audited: Audited[] = [];
  const workshop = new RuleWorkshop({
    content: {
      get current() {
        return current;
      },
      refresh: () => {
        current = compile();
        return Promise.resolve({ running: 0, added: [], removed: [], changed: [], invalid: [] });
      },
    },
    shelf,
    control,
    books: { accounts: () => [{ packs: sending }] },
    audit: {
      append: (entry) => {
        audited.push(entry);
        return Promise.resolve();
      },
    },
    world: { now, randomBytes },
  });
  return { workshop, content: () => current, audited };
}

/** A list, and nothing that could be done to it. */
export function onlyRows(rows: () => readonly RuleRow[]): OwnRulesPort {
  const absent = (): never => {
    throw new Error("this test has no own rules");
  };
  return {
    rows: () => Promise.resolve().then(rows),
    source: absent,
    check: absent,
    get: absent,
    deleted: absent,
    create: absent,
    save: absent,
    versions: absent,
    version: absent,
    restore: absent,
    switch: absent,
    remove: absent,
    bringBack: absent,
    export: absent,
    import: absent,
    noteBacktest: () => Promise.resolve(),
  };
}

/** What a row has beyond the rule, of a packaged rule that never found anything. */
export const UNTOUCHED = {
  origin: "pack",
  pack: "rules",
  enabled: true,
  statedLevel: null,
  switched: null,
  own: null,
  alerts: { week: 0, month: 0 },
  lastAlertAt: null,
  closed: { total: 0, truePositives: 0 },
  missing: null,
} as const;
