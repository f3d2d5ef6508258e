import type { ComponentProps, ReactNode } from "react";
import css from "./Button.module.css";

type Tone = "plain" | "primary" | "quiet" | "danger";

export interface ButtonProps extends Omit<ComponentProps<"button">, "className"> {
  readonly tone?: Tone;
  /** One key, shown inside. */
  readonly keys?: string;
  /** A square: the icon is the child, this is its name. */
  readonly iconLabel?: string;
}

/** Class names for links that look like buttons. */
export function buttonClass(tone: Tone = "plain", isIcon = false): string {
  return [css["button"], tone === "plain" ? "" : css[tone], isIcon ? css["icon"] : ""]
    .filter(Boolean)
    .join(" ");
}

export function Button({ tone = "plain", keys, iconLabel, children, ...rest }: ButtonProps): ReactNode {
  return (
    <button
      type="button"
      className={buttonClass(tone, iconLabel !== undefined)}
      aria-label={iconLabel}
      title={iconLabel}
      aria-keyshortcuts={keys}
      {...rest}
    >
      {children}
      {keys !== undefined && <kbd aria-hidden="true">{keys}</kbd>}
    </button>
  );
}
