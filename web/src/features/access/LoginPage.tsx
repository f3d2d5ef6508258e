import { type ReactNode, useState } from "react";
import { useLogin } from "../../api/index.ts";
import { Field, PasswordField, TextInput } from "../../ui/index.ts";
import { Entrance } from "./Entrance.tsx";

export function LoginPage(): ReactNode {
  const login = useLogin();
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  return (
    <Entrance
      title="Sign in"
      lead="With the account of this Tyto."
      error={login.error}
      isBusy={login.isPending}
      submitLabel="Sign in"
      onSubmit={() => login.mutate({ username, password })}
    >
      <Field label="Username">
        {(control) => (
          <TextInput
            {...control}
            name="username"
            autoComplete="username"
            autoFocus
            required
            value={username}
            onChange={(event) => setUsername(event.target.value)}
          />
        )}
      </Field>
      <PasswordField label="Password" kind="current" value={password} onChange={setPassword} />
    </Entrance>
  );
}
