import { type ReactNode, useEffect, useState } from "react";
import { useApi, useConfirmPassword } from "../../api/index.ts";
import { Button, Dialog, DialogFoot, failureOf, PasswordField } from "../../ui/index.ts";

/** A dangerous change needs the password once more: it is asked for here, and the change goes on by itself. */
export function ConfirmPassword(): ReactNode {
  const api = useApi();
  const [answer, setAnswer] = useState<{ readonly give: (isConfirmed: boolean) => void }>();
  useEffect(() => {
    api.onPasswordNeeded(
      () =>
        new Promise<boolean>((resolve) => {
          setAnswer({
            give: (isConfirmed) => {
              setAnswer(undefined);
              resolve(isConfirmed);
            },
          });
        }),
    );
    return () => api.onPasswordNeeded(undefined);
  }, [api]);
  return answer === undefined ? null : <Question onAnswer={answer.give} />;
}

function Question({ onAnswer }: { readonly onAnswer: (isConfirmed: boolean) => void }): ReactNode {
  const confirm = useConfirmPassword();
  const [password, setPassword] = useState("");
  return (
    <Dialog title="Your password, please" onClose={() => onAnswer(false)}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          confirm.mutate(password, { onSuccess: () => onAnswer(true) });
        }}
      >
        <p>This change matters. Give your password; it then counts for five minutes.</p>
        <PasswordField
          label="Password"
          kind="current"
          value={password}
          onChange={setPassword}
          problem={confirm.error === null ? undefined : failureOf(confirm.error).message}
        />
        <DialogFoot>
          <Button onClick={() => onAnswer(false)}>Cancel</Button>
          <Button type="submit" tone="primary" disabled={confirm.isPending || password === ""}>
            Go on
          </Button>
        </DialogFoot>
      </form>
    </Dialog>
  );
}
