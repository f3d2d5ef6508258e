import type { ReactNode } from "react";
import { Button, CopyButton, Dialog, DialogFoot } from "../../ui/index.ts";
import css from "./Tokens.module.css";

interface SecretDialogProps {
  readonly name: string;
  readonly secret: string;
  readonly onDone: () => void;
}

/** The one time that the secret is anywhere but in its owner's hands. */
export function SecretDialog({ name, secret, onDone }: SecretDialogProps): ReactNode {
  return (
    <Dialog title={`Token ${name}`} onClose={onDone}>
      <p>Copy it now. Tyto keeps only a hash, so nobody can show it again.</p>
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
