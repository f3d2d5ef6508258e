import { parse } from "yaml";

/** An expected field that is wrong, in some cases or in all of a product (or of one of its datasets). */
export interface Waiver {
  readonly product: string;
  readonly dataset?: string;
  readonly field: string;
  /** Ids, or all. */
  readonly cases: readonly string[] | "all";
  readonly reason: string;
}

/** @throws Error naming the entry that is no waiver: a score with half of its waivers says nothing. */
export function readWaivers(text: string): readonly Waiver[] {
  const entries: unknown = parse(text) ?? [];
  if (!Array.isArray(entries)) throw new Error("the waivers are no list");
  return entries.map((entry: unknown, i) => {
    if (!isWaiver(entry)) {
      throw new Error(`waiver ${i + 1} needs product, field, cases (all, or a list of ids) and a reason`);
    }
    return entry;
  });
}

function isWaiver(entry: unknown): entry is Waiver {
  if (typeof entry !== "object" || entry === null) return false;
  const { product, dataset, field, cases, reason } = entry as Readonly<Record<string, unknown>>;
  const areCases = cases === "all" || (Array.isArray(cases) && cases.every((id) => typeof id === "string"));
  const texts = [product, field, reason];
  return (
    areCases &&
    texts.every((text) => typeof text === "string" && text !== "") &&
    (dataset === undefined || typeof dataset === "string")
  );
}

export interface WaivedCase {
  readonly id: string;
  readonly product: string;
  readonly dataset?: string | undefined;
}

/** Names of the fields that are not counted in this case. */
export function waivedFields(waivers: readonly Waiver[], one: WaivedCase): ReadonlySet<string> {
  return new Set(
    waivers
      .filter(
        ({ product, dataset, cases }) =>
          product === one.product &&
          (dataset === undefined || dataset === one.dataset) &&
          (cases === "all" || cases.includes(one.id)),
      )
      .map(({ field }) => field),
  );
}

/** A copy without these dotted names, wherever the object nests. Lists stay as they are. */
export function withoutFields(value: unknown, fields: ReadonlySet<string>, prefix = ""): unknown {
  if (fields.size === 0 || typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]): [string, unknown][] => {
      const name = prefix === "" ? key : `${prefix}.${key}`;
      return fields.has(name) ? [] : [[key, withoutFields(item, fields, name)]];
    }),
  );
}
