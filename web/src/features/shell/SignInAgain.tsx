import { type ReactNode, useState } from "react";
import { useLapsed, useLoginAgain, useUsername } from "../../api/index.ts";
import { Button, Dialog, DialogFoot, failureOf, PasswordField } from "../../ui/index.ts";

/** The session has ended: what is on the screen stays behind this dialog, unsaved words too. */
export function SignInAgain(): ReactNode {
  const isLapsed = useLapsed();
  const username = useUsername();
  const login = useLoginAgain();
  const [password, setPassword] = useState("");
  if (!isLapsed) return null;
  return (
    <Dialog title="Sign in again" onClose={() => undefined}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          login.mutate({ username, password }, { onSettled: () => setPassword("") });
        }}
      >
        <p>
          Your session has ended. What you see and what you have written stays as it is; give the password of{" "}
          <b>{username}</b> to go on.
        </p>
        <PasswordField
          label="Password"
          kind="current"
          value={password}
          onChange={setPassword}
          problem={login.error === null ? undefined : failureOf(login.error).message}
        />
        <DialogFoot>
          <Button onClick={() => location.assign("/")}>Sign in as somebody else</Button>
          <Button type="submit" tone="primary" disabled={login.isPending || password === ""}>
            Sign in
          </Button>
        </DialogFoot>
      </form>
    </Dialog>
  );
}
