import { type ReactNode, useRef, useState } from "react";
import { placeBeside } from "./place.ts";
import css from "./Popover.module.css";

interface TipProps {
  readonly content: () => ReactNode;
  readonly children: ReactNode;
  /** Takes the rest of its column instead of the size of its content. */
  readonly fills?: boolean;
}

/** More about a value, while the pointer rests on it. Whatever it says must also be reachable by keyboard elsewhere. */
export function Tip({ content, children, fills = false }: TipProps): ReactNode {
  const anchor = useRef<HTMLSpanElement>(null);
  const [isOpen, setOpen] = useState(false);

  const show = (panel: HTMLDivElement | null) => {
    if (panel === null || anchor.current === null) return;
    if (!panel.matches(":popover-open")) panel.showPopover();
    const { left, top } = placeBeside(
      anchor.current.getBoundingClientRect(),
      { width: panel.offsetWidth, height: panel.offsetHeight },
      { width: innerWidth, height: innerHeight },
      "start",
    );
    panel.style.left = `${left}px`;
    panel.style.top = `${top}px`;
  };

  return (
    <span
      ref={anchor}
      className={fills ? css["filler"] : undefined}
      onPointerEnter={() => setOpen(true)}
      onPointerLeave={() => setOpen(false)}
    >
      {children}
      {isOpen && (
        <div
          ref={show}
          popover="manual"
          role="tooltip"
          className={`${css["popover"] ?? ""} ${css["tip"] ?? ""}`}
        >
          {content()}
        </div>
      )}
    </span>
  );
}
