import { type ReactNode, type ToggleEvent, useId, useState } from "react";
import { placeBeside } from "./place.ts";
import css from "./Popover.module.css";

/** Goes onto the button that opens the popover; the browser does the rest: Esc, a click outside, focus return. */
export interface PopoverTrigger {
  readonly popoverTarget: string;
  readonly "aria-expanded": boolean;
  readonly "aria-haspopup": "menu" | "dialog";
}

interface PopoverProps {
  readonly label: string;
  readonly role?: "menu" | "dialog";
  readonly align?: "start" | "end";
  readonly trigger: (props: PopoverTrigger) => ReactNode;
  /** Rendered only while open. */
  readonly children: (close: () => void) => ReactNode;
}

export function Popover({
  label,
  role = "dialog",
  align = "start",
  trigger,
  children,
}: PopoverProps): ReactNode {
  const id = useId();
  const [isOpen, setOpen] = useState(false);
  const close = () => document.getElementById(id)?.hidePopover();

  const onToggle = (event: ToggleEvent<HTMLDivElement>) => {
    const panel = event.currentTarget;
    const opening = event.newState === "open";
    setOpen(opening);
    // The content is in the page one frame later: only then is there something to measure and to focus.
    if (opening) requestAnimationFrame(() => settle(panel, id, align));
  };

  return (
    <>
      {trigger({ popoverTarget: id, "aria-expanded": isOpen, "aria-haspopup": role })}
      <div
        id={id}
        popover="auto"
        role={role}
        aria-label={label}
        className={css["popover"]}
        onToggle={onToggle}
        onKeyDown={role === "menu" ? moveInMenu : undefined}
        onClick={(event) => event.stopPropagation()}
      >
        {isOpen && children(close)}
      </div>
    </>
  );
}

function settle(panel: HTMLDivElement, id: string, align: "start" | "end"): void {
  const anchor = document.querySelector(`[popovertarget="${CSS.escape(id)}"]`);
  if (anchor === null) return;
  const { left, top } = placeBeside(
    anchor.getBoundingClientRect(),
    { width: panel.offsetWidth, height: panel.offsetHeight },
    { width: innerWidth, height: innerHeight },
    align,
  );
  panel.style.left = `${left}px`;
  panel.style.top = `${top}px`;
  panel.querySelector<HTMLElement>("[autofocus], [role^=menuitem], input, button")?.focus();
}

function moveInMenu(event: React.KeyboardEvent<HTMLDivElement>): void {
  const items = [...event.currentTarget.querySelectorAll<HTMLElement>("[role^=menuitem]")];
  const at = items.findIndex((item) => item === document.activeElement);
  const step: Readonly<Record<string, number>> = {
    ArrowDown: at + 1,
    ArrowUp: at - 1,
    Home: 0,
    End: items.length - 1,
  };
  const next = step[event.key];
  if (next === undefined || items.length === 0) return;
  event.preventDefault();
  event.stopPropagation();
  items[(next + items.length) % items.length]?.focus();
}

/** A menu inside a popover that holds more than a menu. */
export function MenuList({
  label,
  children,
}: {
  readonly label: string;
  readonly children: ReactNode;
}): ReactNode {
  return (
    <div role="menu" aria-label={label} onKeyDown={moveInMenu}>
      {children}
    </div>
  );
}

interface MenuItemProps {
  readonly onSelect: () => void;
  readonly children: ReactNode;
  /** For choices: whether this one is chosen. */
  readonly isChecked?: boolean;
}

export function MenuItem({ onSelect, children, isChecked }: MenuItemProps): ReactNode {
  return (
    <button
      type="button"
      role={isChecked === undefined ? "menuitem" : "menuitemcheckbox"}
      aria-checked={isChecked}
      tabIndex={-1}
      className={css["item"]}
      onClick={onSelect}
    >
      {isChecked !== undefined && (
        <span className={css["check"]} aria-hidden="true">
          {isChecked ? "✓" : ""}
        </span>
      )}
      {children}
    </button>
  );
}

export function MenuHeading({ children }: { readonly children: ReactNode }): ReactNode {
  return <div className={css["heading"]}>{children}</div>;
}
