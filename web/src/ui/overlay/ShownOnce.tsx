import type { ReactNode } from "react";
import { Button } from "../Button.tsx";
import { CopyButton } from "../CopyButton.tsx";
import { Dialog, DialogFoot } from "./Dialog.tsx";
import css from "./ShownOnce.module.css";

interface ShownOnceProps {
  readonly title: string;
  readonly secret: string;
  /** What to do with it, and why it cannot be shown again. */
  readonly children: ReactNode;
  readonly onDone: () => void;
}

/** The one time that a secret is anywhere but in its owner's hands: only its hash is kept. */
export function ShownOnce({ title, secret, children, onDone }: ShownOnceProps): ReactNode {
  return (
    <Dialog title={title} onClose={onDone}>
      <p>{children}</p>
      <div className={css["secret"]}>
        <code>{secret}</code>
        <CopyButton text={secret} label="Copy" />
      </div>
      <DialogFoot>
        <Button tone="primary" onClick={onDone}>
          I have it
        </Button>
      </DialogFoot>
    </Dialog>
  );
}
