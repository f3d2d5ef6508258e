import type { AssetView } from "@tyto/domain";
import type { ReactNode } from "react";
import { humanise } from "../../ui/index.ts";
import css from "./Assets.module.css";

const BARS = { low: 1, medium: 2, high: 3, critical: 4 } as const;

/** Worth, not danger: severity's colours and shapes mean something else. */
export function CriticalityMark({ value }: { readonly value: AssetView["criticality"] }): ReactNode {
  if (value === null) return <span className="muted">Not rated</span>;
  return (
    <span className={css["criticality"]}>
      <svg width="16" height="12" viewBox="0 0 16 12" aria-hidden="true">
        {[1, 2, 3, 4].map((bar) => (
          <rect
            key={bar}
            x={(bar - 1) * 4}
            y={12 - bar * 3}
            width="3"
            height={bar * 3}
            className={bar <= BARS[value] ? css["on"] : css["off"]}
          />
        ))}
      </svg>
      {humanise(value)}
    </span>
  );
}
