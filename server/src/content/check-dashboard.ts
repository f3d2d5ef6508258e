import { DASHBOARD_LIMITS } from "@tyto/domain";
import type { Dashboard, DashboardVariable, PanelPlace, Place } from "@tyto/domain";
import type { Issues } from "./issues.ts";

type PlaceOf = (path: readonly string[]) => Place;

/** What no schema says: names that stand twice, panels on top of each other, defaults that are no choice. */
export function checkDashboard(dashboard: Dashboard, issues: Issues, placeOf: PlaceOf): void {
  const names = new Set<string>();
  for (const [index, variable] of dashboard.variables.entries()) {
    const path = ["variables", String(index)];
    if (names.has(variable.name))
      issues.error(placeOf([...path, "name"]), "duplicate", `two variables are called "${variable.name}"`);
    names.add(variable.name);
    checkDefault(variable, (message, hint) =>
      issues.error(placeOf([...path, "default"]), "bad-default", message, hint),
    );
  }
  const ids = new Set<string>();
  for (const [index, { id, place }] of dashboard.panels.entries()) {
    const path = ["panels", String(index)];
    if (ids.has(id)) issues.error(placeOf([...path, "id"]), "duplicate", `two panels have the id "${id}"`);
    ids.add(id);
    if (place.x + place.w > DASHBOARD_LIMITS.columns) {
      const hint = `x + w is at most ${DASHBOARD_LIMITS.columns}`;
      issues.error(
        placeOf([...path, "place"]),
        "off-the-grid",
        `the panel "${id}" is wider than the grid`,
        hint,
      );
    }
    const under = dashboard.panels.slice(0, index).find((other) => overlaps(other.place, place));
    if (under !== undefined) {
      const message = `the panel "${id}" stands on "${under.id}"`;
      issues.error(placeOf([...path, "place"]), "overlap", message, "move one of them down");
    }
  }
}

function checkDefault(variable: DashboardVariable, refuse: (message: string, hint: string) => void): void {
  if (variable.kind === "text" || variable.default === undefined) return;
  const isList = typeof variable.default !== "string";
  if (isList !== (variable.multi === true)) {
    const hint = variable.multi === true ? "write a list" : "write a text, or set multi: true";
    refuse(`the default of "${variable.name}" is ${isList ? "a list" : "no list"}`, hint);
    return;
  }
  if (variable.kind !== "choice") return;
  const chosen = typeof variable.default === "string" ? [variable.default] : variable.default;
  const stray = chosen.find((value) => value !== "" && !variable.options.includes(value));
  if (stray !== undefined)
    refuse(`"${stray.slice(0, 60)}" is none of the options of "${variable.name}"`, "add it to the options");
}

export function overlaps(a: PanelPlace, b: PanelPlace): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}
