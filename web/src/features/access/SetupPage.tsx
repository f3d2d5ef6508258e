import { type ReactNode, useState } from "react";
import { useSetup } from "../../api/index.ts";
import { Field, PasswordField, TextInput } from "../../ui/index.ts";
import { Entrance } from "./Entrance.tsx";
import { passwordProblem, tokenOfFragment } from "./setup-form.ts";

/** First run: whoever reads the terminal owns the installation. The token may come with the URL's fragment, which no server sees. */
export function SetupPage(): ReactNode {
  const setup = useSetup();
  const [token, setToken] = useState(() => tokenOfFragment(location.hash));
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const [wasSubmitted, setSubmitted] = useState(false);
  const problem = passwordProblem(password, username);

  const submit = () => {
    setSubmitted(true);
    if (problem !== undefined) return;
    setup.mutate(
      { token: token.trim(), username, password },
      // The token is spent; it has no business in the address bar or the history.
      { onSuccess: () => history.replaceState(history.state, "", location.pathname + location.search) },
    );
  };

  return (
    <Entrance
      title="Set up Tyto"
      lead="Create the first account. There is no default password."
      error={setup.error}
      isBusy={setup.isPending}
      submitLabel="Create account"
      onSubmit={submit}
    >
      <Field label="Setup token" hint="Printed in the terminal where Tyto was started.">
        {(control) => (
          <TextInput
            {...control}
            isMono
            name="token"
            required
            spellCheck={false}
            autoFocus={token === ""}
            value={token}
            onChange={(event) => setToken(event.target.value)}
          />
        )}
      </Field>
      <Field label="Username">
        {(control) => (
          <TextInput
            {...control}
            name="username"
            autoComplete="username"
            required
            maxLength={64}
            autoFocus={token !== ""}
            value={username}
            onChange={(event) => setUsername(event.target.value)}
          />
        )}
      </Field>
      <PasswordField
        label="Password"
        kind="new"
        value={password}
        onChange={setPassword}
        problem={wasSubmitted ? problem : undefined}
      />
    </Entrance>
  );
}
