import { type ReactNode, useRef } from "react";
import { usePreferences } from "./environment.ts";
import { clampPanelWidth, PANEL_WIDTH } from "./preferences.ts";
import css from "./SplitView.module.css";

interface SplitViewProps {
  /** Stays mounted, panel or not. */
  readonly children: ReactNode;
  readonly panel: ReactNode;
  readonly isOpen: boolean;
  readonly panelLabel: string;
}

const KEY_STEP = 24;

/** A list with a panel at its side; the panel's width is remembered. */
export function SplitView({ children, panel, isOpen, panelLabel }: SplitViewProps): ReactNode {
  const [{ panelWidth }, change] = usePreferences();
  const side = useRef<HTMLElement>(null);
  const resize = (width: number) => change({ panelWidth: clampPanelWidth(width) });

  return (
    <div className={css["split"]}>
      <div className={css["main"]}>{children}</div>
      {isOpen && (
        <>
          <div
            className={css["handle"]}
            role="separator"
            tabIndex={0}
            aria-label="Width of the side panel"
            aria-orientation="vertical"
            aria-valuenow={panelWidth}
            aria-valuemin={PANEL_WIDTH.least}
            aria-valuemax={PANEL_WIDTH.most}
            onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
            onPointerMove={(event) => {
              if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
              const right = side.current?.getBoundingClientRect().right ?? 0;
              resize(right - event.clientX);
            }}
            onDoubleClick={() => resize(PANEL_WIDTH.usual)}
            onKeyDown={(event) => {
              if (event.key === "ArrowLeft") resize(panelWidth + KEY_STEP);
              if (event.key === "ArrowRight") resize(panelWidth - KEY_STEP);
            }}
          />
          <aside ref={side} className={css["panel"]} style={{ width: panelWidth }} aria-label={panelLabel}>
            {panel}
          </aside>
        </>
      )}
    </div>
  );
}
