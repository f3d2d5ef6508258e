import { DASHBOARD_LIMITS, type DashboardPanel, type PanelPlace } from "@tyto/domain";

const { columns, panelHeight } = DASHBOARD_LIMITS;

export function overlaps(a: PanelPlace, b: PanelPlace): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}

/** The nearest place that is on the grid. */
export function onGrid({ x, y, w, h }: PanelPlace): PanelPlace {
  const width = Math.max(1, Math.min(columns, Math.round(w)));
  return {
    x: Math.max(0, Math.min(columns - width, Math.round(x))),
    y: Math.max(0, Math.min(DASHBOARD_LIMITS.rows, Math.round(y))),
    w: width,
    h: Math.max(1, Math.min(panelHeight, Math.round(h))),
  };
}

/** The panels with one of them elsewhere: what it lands on moves down, then everything moves up as far as it can. */
export function placed<Panel extends Pick<DashboardPanel, "id" | "place">>(
  panels: readonly Panel[],
  id: string,
  place: PanelPlace,
): readonly Panel[] {
  const wanted = onGrid(place);
  const moved = panels.find((panel) => panel.id === id);
  if (moved === undefined) return panels;
  const others = byPlace(panels.filter((panel) => panel.id !== id));
  const set: { readonly panel: Panel; readonly place: PanelPlace }[] = [{ panel: moved, place: wanted }];
  for (const panel of others) set.push({ panel, place: below(panel.place, set) });
  return settled(panels, new Map(set.map((one) => [one.panel.id, one.place])));
}

/** Without gaps above: what the panels look like once one of them is gone. */
export function compacted<Panel extends Pick<DashboardPanel, "id" | "place">>(
  panels: readonly Panel[],
): readonly Panel[] {
  return settled(panels, new Map(panels.map(({ id, place }) => [id, place])));
}

function settled<Panel extends Pick<DashboardPanel, "id" | "place">>(
  panels: readonly Panel[],
  places: ReadonlyMap<string, PanelPlace>,
): readonly Panel[] {
  const at = new Map<string, PanelPlace>();
  const order = byPlace(panels.map((panel) => ({ ...panel, place: places.get(panel.id) ?? panel.place })));
  for (const { id, place } of order) {
    let y = place.y;
    const isFree = (row: number) => [...at.values()].every((other) => !overlaps({ ...place, y: row }, other));
    while (y > 0 && isFree(y - 1)) y -= 1;
    at.set(id, { ...place, y });
  }
  return panels.map((panel) => ({ ...panel, place: at.get(panel.id) ?? panel.place }));
}

function below(place: PanelPlace, set: readonly { readonly place: PanelPlace }[]): PanelPlace {
  let y = place.y;
  for (;;) {
    const hit = set.find((one) => overlaps({ ...place, y }, one.place));
    if (hit === undefined) return { ...place, y };
    y = hit.place.y + hit.place.h;
  }
}

function byPlace<Panel extends { readonly place: PanelPlace }>(panels: readonly Panel[]): readonly Panel[] {
  return [...panels].sort((a, b) => a.place.y - b.place.y || a.place.x - b.place.x);
}

/** The first free place of a size, row by row. */
export function freePlace(
  panels: readonly Pick<DashboardPanel, "place">[],
  { w, h }: Pick<PanelPlace, "w" | "h">,
): PanelPlace {
  for (let y = 0; ; y += 1) {
    for (let x = 0; x + w <= columns; x += 1) {
      const place = { x, y, w, h };
      if (panels.every((panel) => !overlaps(panel.place, place))) return place;
    }
  }
}

export function rowCount(panels: readonly Pick<DashboardPanel, "place">[]): number {
  return Math.max(0, ...panels.map(({ place }) => place.y + place.h));
}

/** Readable, and not taken yet. */
export function newPanelId(title: string, panels: readonly Pick<DashboardPanel, "id">[]): string {
  const words = title.toLowerCase().replace(/[^a-z0-9]+/g, "-");
  const base = words.replace(/^-+/, "").slice(0, 32).replace(/-+$/, "") || "panel";
  const taken = new Set(panels.map(({ id }) => id));
  for (let count = 1; ; count += 1) {
    const id = count === 1 ? base : `${base}-${count}`;
    if (!taken.has(id)) return id;
  }
}
