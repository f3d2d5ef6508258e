import type { Token } from "@tyto/domain";
import type { ReactNode } from "react";
import { useRotateToken } from "../../api/index.ts";
import { Button, Dialog, DialogFoot, failureOf } from "../../ui/index.ts";
import { SecretDialog } from "./SecretDialog.tsx";

interface RotateTokenDialogProps {
  readonly token: Token;
  readonly onDone: () => void;
}

/** Another secret for the same token; what shows the old one has a day to change. */
export function RotateTokenDialog({ token, onDone }: RotateTokenDialogProps): ReactNode {
  const rotate = useRotateToken();
  if (rotate.data !== undefined)
    return <SecretDialog secret={rotate.data.secret} name={token.name} onDone={onDone} />;
  return (
    <Dialog title={`New secret for ${token.name}?`} onClose={onDone}>
      <p>The secret that it has now works for 24 more hours. One from an earlier rotation ends at once.</p>
      {rotate.error !== null && <p role="alert">{failureOf(rotate.error).message}</p>}
      <DialogFoot>
        <Button onClick={onDone}>Cancel</Button>
        <Button tone="primary" disabled={rotate.isPending} onClick={() => rotate.mutate(token.id)}>
          Make a new secret
        </Button>
      </DialogFoot>
    </Dialog>
  );
}
