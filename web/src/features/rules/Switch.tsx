import type { ReactNode } from "react";
import css from "./Rules.module.css";

interface SwitchProps {
  readonly isOn: boolean;
  /** What is so while it is on. */
  readonly label: string;
  readonly onToggle: () => void;
}

/** On or off, at once. */
export function Switch({ isOn, label, onToggle }: SwitchProps): ReactNode {
  return (
    <button
      type="button"
      role="switch"
      tabIndex={-1}
      aria-checked={isOn}
      aria-label={label}
      className={css["switch"]}
      onClick={(event) => {
        event.stopPropagation();
        onToggle();
      }}
    >
      <span aria-hidden="true" />
    </button>
  );
}
