import type { BlindRule, FilterBody, FilterPreview } from "@tyto/domain";

/** A filter as a form holds it. */
export interface FilterForm {
  readonly name: string;
  /** Empty for all sources. */
  readonly source: string;
  readonly condition: string;
  /** Empty for none. */
  readonly keepOneIn: string;
}

export const EMPTY_FILTER: FilterForm = { name: "", source: "", condition: "", keepOneIn: "" };

/** What the form asks for; what is wrong with it, when it is not whole yet. */
export function filterOf(form: FilterForm): FilterBody | { readonly problem: string } {
  const condition = form.condition.trim();
  if (condition === "") return { problem: "A condition is missing" };
  const keepOneIn = form.keepOneIn.trim() === "" ? null : Number(form.keepOneIn);
  if (keepOneIn !== null && !(Number.isInteger(keepOneIn) && keepOneIn >= 2 && keepOneIn <= 1_000_000))
    return { problem: "Keep one event in 2 to 1,000,000, or leave it empty to keep none" };
  const name = form.name.trim() === "" ? condition.slice(0, 100) : form.name.trim();
  return { name, source: form.source === "" ? null : form.source, condition, keepOneIn };
}

/** Share of a whole in per cent, for people. */
export function shareOf(part: number, whole: number): string {
  if (whole === 0 || part === 0) return "0 %";
  const share = (part / whole) * 100;
  return share < 0.1 ? "under 0.1 %" : `${share.toFixed(1)} %`;
}

/** How much a rule would lose. */
export function blindnessOf({ why, matches }: Pick<BlindRule, "why" | "matches">): string {
  switch (why) {
    case "matched":
      return `matches ${matches} of the events that would go`;
    case "logsource":
      return "nothing would be left of its logsource";
    case "fields":
      return "nothing that has its fields would be left";
  }
}

/** Whether all that would go was run through the rules. */
export function certaintyOf({ isExact, examined, dropped }: FilterPreview): string {
  return isExact
    ? `All ${dropped.events} were run through the rules.`
    : `${examined} of them were run through the rules: more rules may lose events.`;
}
