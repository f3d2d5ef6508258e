import { IconX } from "@tabler/icons-react";
import { type ReactNode, useEffect, useId, useRef } from "react";
import { Button } from "../Button.tsx";
import css from "./Dialog.module.css";

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
  readonly shape?: "plain" | "wide" | "top";
  /** The palette names itself. */
  readonly hasHead?: boolean;
}

/** Where work begins: the first field, or what is chosen in it. */
const FIRST = "input:not([type=radio]), input:checked, textarea, select";

/** Mounted means open. The browser keeps the focus inside, closes on Esc and gives the focus back. */
export function Dialog({
  title,
  onClose,
  children,
  shape = "plain",
  hasHead = true,
}: DialogProps): ReactNode {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();

  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    // The browser would begin with the button that closes.
    element?.querySelector<HTMLElement>(FIRST)?.focus();
    return () => element?.close();
  }, []);

  return (
    <dialog
      ref={dialog}
      className={`${css["dialog"] ?? ""} ${shape === "plain" ? "" : (css[shape] ?? "")}`}
      aria-labelledby={hasHead ? titleId : undefined}
      aria-label={hasHead ? undefined : title}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === event.currentTarget) onClose();
      }}
    >
      {hasHead && (
        <div className={css["head"]}>
          <h2 id={titleId}>{title}</h2>
          <Button tone="quiet" iconLabel="Close" onClick={onClose}>
            <IconX size={16} />
          </Button>
        </div>
      )}
      <div className={hasHead ? css["body"] : undefined}>{children}</div>
    </dialog>
  );
}

export function DialogFoot({ children }: { readonly children: ReactNode }): ReactNode {
  return <div className={css["foot"]}>{children}</div>;
}
