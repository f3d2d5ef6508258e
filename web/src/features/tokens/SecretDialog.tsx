import type { ReactNode } from "react";
import { ShownOnce } from "../../ui/index.ts";

interface SecretDialogProps {
  readonly name: string;
  readonly secret: string;
  readonly onDone: () => void;
}

export function SecretDialog({ name, secret, onDone }: SecretDialogProps): ReactNode {
  return (
    <ShownOnce title={`Token ${name}`} secret={secret} onDone={onDone}>
      Copy it now. Tyto keeps only a hash, so nobody can show it again.
    </ShownOnce>
  );
}
