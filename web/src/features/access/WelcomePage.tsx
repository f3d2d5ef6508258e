import { type ReactNode, useState } from "react";
import { useSetPassword, useWelcome } from "../../api/index.ts";
import { PasswordField, Time } from "../../ui/index.ts";
import { Entrance } from "./Entrance.tsx";
import { passwordProblem } from "./setup-form.ts";

/** Whoever was invited, or lost a password, sets one here. The secret stands in the URL's fragment, which no server sees. */
export function WelcomePage(): ReactNode {
  const [secret] = useState(() => location.hash.slice(1));
  const invitation = useWelcome(secret);
  const set = useSetPassword();
  const [password, setPassword] = useState("");
  const [wasSubmitted, setSubmitted] = useState(false);
  const username = invitation.data?.username ?? "";
  const problem = passwordProblem(password, username);
  const submit = () => {
    setSubmitted(true);
    if (problem !== undefined) return;
    // The link is spent; it has no business in the address bar or the history.
    set.mutate({ secret, password }, { onSuccess: () => location.replace("/") });
  };
  return (
    <Entrance
      title="Set your password"
      lead={
        invitation.data === undefined ? (
          "With the link that you were given."
        ) : (
          <>
            For the account <b>{username}</b>. The link works until{" "}
            <Time value={invitation.data.expiresAt} as="instant" />, once.
          </>
        )
      }
      error={set.error ?? invitation.error}
      isBusy={set.isPending || invitation.data === undefined}
      submitLabel="Set the password and sign in"
      onSubmit={submit}
    >
      {/* For password managers: whose password this is. */}
      <input type="hidden" name="username" autoComplete="username" value={username} readOnly />
      <PasswordField
        label="New password"
        kind="new"
        autoFocus
        value={password}
        onChange={setPassword}
        problem={wasSubmitted ? problem : undefined}
      />
    </Entrance>
  );
}
