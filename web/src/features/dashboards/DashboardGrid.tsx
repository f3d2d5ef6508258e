import type { DashboardPanel, PanelPlace } from "@tyto/domain";
import { type KeyboardEvent, type PointerEvent, type ReactNode, useRef, useState } from "react";
import { useToasts } from "../../ui/index.ts";
import css from "./Dashboards.module.css";
import { onGrid, rowCount } from "./layout.ts";
import { PanelFrame, type PanelTools } from "./PanelFrame.tsx";
import type { DashboardState } from "./use-dashboard-page.ts";

const ROW_PX = 34;
const GAP_PX = 10;

interface DashboardGridProps {
  readonly state: DashboardState;
  readonly panels: readonly DashboardPanel[];
  readonly onEdit: (panel: DashboardPanel) => void;
}

/** The panels on their grid of twelve columns; while somebody builds, each can be moved and resized by pointer and by keyboard. */
export function DashboardGrid({ state, panels, onEdit }: DashboardGridProps): ReactNode {
  const grid = useRef<HTMLDivElement>(null);
  const [said, setSaid] = useState("");
  const toasts = useToasts();
  const { draft, isEditing } = state;

  const say = (panel: DashboardPanel, { x, y, w, h }: PanelPlace) =>
    setSaid(`${panel.title}: column ${x + 1}, row ${y + 1}, ${w} wide, ${h} high`);
  const move = (panel: DashboardPanel, place: PanelPlace, from?: readonly DashboardPanel[]) => {
    draft.place(panel.id, place, from);
    say(panel, onGrid(place));
  };

  const grab = (panel: DashboardPanel, event: PointerEvent<HTMLElement>, what: "move" | "resize") => {
    const element = grid.current;
    if (element === null || event.button !== 0) return;
    event.preventDefault();
    const handle = event.currentTarget;
    const start = { x: event.clientX, y: event.clientY, scroll: scrollOf(element) };
    const before = panels;
    const step = (element.clientWidth + GAP_PX) / 12;
    handle.setPointerCapture(event.pointerId);
    const follow = (moved: globalThis.PointerEvent) => {
      const across = Math.round((moved.clientX - start.x) / step);
      const down = Math.round(
        (moved.clientY - start.y + scrollOf(element) - start.scroll) / (ROW_PX + GAP_PX),
      );
      const { x, y, w, h } = panel.place;
      const place =
        what === "move" ? { x: x + across, y: y + down, w, h } : { x, y, w: w + across, h: h + down };
      move(panel, onGrid(what === "resize" ? { ...place, w: Math.min(place.w, 12 - x) } : place), before);
    };
    const release = () => {
      handle.removeEventListener("pointermove", follow);
      handle.removeEventListener("pointerup", release);
      handle.removeEventListener("pointercancel", release);
    };
    handle.addEventListener("pointermove", follow);
    handle.addEventListener("pointerup", release);
    handle.addEventListener("pointercancel", release);
  };

  const toolsOf = (panel: DashboardPanel): PanelTools => ({
    onGrab: (event, what) => grab(panel, event, what),
    onKey: (event) => {
      const place = keyed(event, panel.place);
      if (place === undefined) return;
      event.preventDefault();
      move(panel, place);
    },
    onEdit: () => onEdit(panel),
    onDuplicate: () => draft.duplicate(panel),
    onRemove: () => {
      const before = draft.dashboard;
      draft.remove(panel.id);
      if (before !== undefined)
        toasts.show({
          message: `Removed ${panel.title}`,
          action: { label: "Undo", run: () => draft.set(before) },
        });
    },
  });

  return (
    <div
      ref={grid}
      className={css["grid"]}
      data-editing={isEditing}
      style={{ gridTemplateRows: `repeat(${rowCount(panels)}, ${ROW_PX}px)` }}
    >
      {panels.map((panel) => (
        <PanelFrame
          key={panel.id}
          panel={panel}
          state={state}
          tools={isEditing ? toolsOf(panel) : undefined}
        />
      ))}
      <span className="visually-hidden" role="status">
        {said}
      </span>
    </div>
  );
}

function scrollOf(element: HTMLElement): number {
  for (let at: HTMLElement | null = element; at !== null; at = at.parentElement) {
    if (at.scrollTop > 0) return at.scrollTop;
  }
  return 0;
}

function keyed(event: KeyboardEvent, place: PanelPlace): PanelPlace | undefined {
  const steps: Readonly<Record<string, readonly [number, number]>> = {
    ArrowLeft: [-1, 0],
    ArrowRight: [1, 0],
    ArrowUp: [0, -1],
    ArrowDown: [0, 1],
  };
  const [across, down] = steps[event.key] ?? [];
  if (across === undefined || down === undefined) return undefined;
  return event.shiftKey
    ? { ...place, w: Math.max(1, Math.min(12 - place.x, place.w + across)), h: Math.max(1, place.h + down) }
    : { ...place, x: place.x + across, y: Math.max(0, place.y + down) };
}
