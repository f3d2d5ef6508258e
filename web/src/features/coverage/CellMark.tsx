import type { CoverageCell } from "@tyto/domain";
import type { ReactNode } from "react";
import css from "./Coverage.module.css";

interface CellMarkProps {
  readonly cell: Pick<CoverageCell, "enabled" | "arriving" | "tested">;
}

/** Three shapes, filled where the fact holds: a square for enabled, a disc for telemetry, a triangle for tested. */
export function CellMark({ cell }: CellMarkProps): ReactNode {
  const fill = (isTrue: boolean) => (isTrue ? css["on"] : css["off"]);
  return (
    <svg viewBox="0 0 34 10" width="31" height="9" className={css["mark"]} aria-hidden="true">
      <rect x="1" y="1" width="8" height="8" className={fill(cell.enabled > 0)} />
      <circle cx="17" cy="5" r="4" className={fill(cell.arriving > 0)} />
      <path d="M29 1l4 8h-8z" className={fill(cell.tested > 0)} />
    </svg>
  );
}
