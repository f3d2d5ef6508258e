import type { Permission } from "@tyto/domain";
import type { ComponentProps, ReactNode } from "react";
import css from "./Button.module.css";
import { useRefusal } from "./permissions.ts";

type Tone = "plain" | "primary" | "quiet" | "danger";

export interface ButtonProps extends Omit<ComponentProps<"button">, "className"> {
  readonly tone?: Tone;
  /** One key, shown inside. */
  readonly keys?: string;
  /** A square: the icon is the child, this is its name. */
  readonly iconLabel?: string;
  /** Who may not do it cannot press it, and is told why. */
  readonly needs?: Permission;
}

/** Class names for links that look like buttons. */
export function buttonClass(tone: Tone = "plain", isIcon = false): string {
  return [css["button"], tone === "plain" ? "" : css[tone], isIcon ? css["icon"] : ""]
    .filter(Boolean)
    .join(" ");
}

export function Button({ needs, ...props }: ButtonProps): ReactNode {
  const refused = useRefusal()(needs);
  if (refused === undefined) return <PlainButton {...props} />;
  // It keeps its place in the order of focus, so that the reason can be found and read.
  const { onClick: _onClick, disabled: _disabled, ...rest } = props;
  return (
    <PlainButton
      {...rest}
      aria-disabled="true"
      title={refused}
      aria-description={refused}
      onClick={(event) => event.preventDefault()}
    />
  );
}

function PlainButton({ tone = "plain", keys, iconLabel, children, ...rest }: ButtonProps): ReactNode {
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
