import type { Dashboard, DashboardPanel, PanelPlace } from "@tyto/domain";
import { useState } from "react";
import { compacted, freePlace, newPanelId, placed } from "./layout.ts";

interface Held {
  readonly of: string;
  readonly base: Dashboard;
  readonly dashboard: Dashboard;
}

/** A dashboard while somebody changes it: theirs until it is saved or given up. */
export interface DashboardDraft {
  readonly dashboard: Dashboard | undefined;
  readonly isChanged: boolean;
  readonly set: (next: Dashboard) => void;
  readonly reset: () => void;
  readonly place: (id: string, place: PanelPlace, before?: readonly DashboardPanel[]) => void;
  readonly put: (panel: DashboardPanel) => void;
  readonly duplicate: (panel: DashboardPanel) => void;
  readonly remove: (id: string) => void;
}

/** @param start what is kept; a change that is not saved yet stays when it is read again. */
export function useDraft(of: string, start: Dashboard | undefined): DashboardDraft {
  const [held, setHeld] = useState<Held>();
  const own = held?.of === of ? held : undefined;
  const dashboard = own?.dashboard ?? start;
  const set = (next: Dashboard) => setHeld({ of, base: own?.base ?? start ?? next, dashboard: next });
  const panels = (change: (before: readonly DashboardPanel[]) => readonly DashboardPanel[]) => {
    if (dashboard !== undefined) set({ ...dashboard, panels: [...change(dashboard.panels)] });
  };
  return {
    dashboard,
    isChanged: own !== undefined && JSON.stringify(own.dashboard) !== JSON.stringify(own.base),
    set,
    reset: () => setHeld(undefined),
    place: (id, place, from) => panels((before) => placed(from ?? before, id, place)),
    put: (panel) =>
      panels((before) =>
        before.some(({ id }) => id === panel.id)
          ? before.map((one) => (one.id === panel.id ? panel : one))
          : [...before, panel],
      ),
    duplicate: (panel) =>
      panels((before) => [
        ...before,
        { ...panel, id: newPanelId(panel.title, before), place: freePlace(before, panel.place) },
      ]),
    remove: (id) => panels((before) => compacted(before.filter((panel) => panel.id !== id))),
  };
}
