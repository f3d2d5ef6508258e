import { type ReactNode, useState } from "react";
import { useCreateToken } from "../../../api/index.ts";
import { Button, CopyButton, failureOf, Field, TextInput } from "../../../ui/index.ts";
import css from "./Connect.module.css";

interface TokenMakerProps {
  readonly suggestedName: string;
  /** Undefined until one is made. */
  readonly secret: string | undefined;
  readonly onMade: (secret: string) => void;
}

/** An ingest token on the spot; what is below then holds it. */
export function TokenMaker({ suggestedName, secret, onMade }: TokenMakerProps): ReactNode {
  const create = useCreateToken();
  const [name, setName] = useState(suggestedName);
  if (secret !== undefined) {
    return (
      <div className={css["token"]} role="status">
        <div className={css["tokenRow"]}>
          <div>
            <span className={css["tokenLabel"]}>The token</span>
            <code className="ellipsis">{secret}</code>
          </div>
          <CopyButton text={secret} label="Copy token" />
        </div>
        <p className="muted small">
          The texts below hold it. It is shown only now; Tyto keeps a hash. It ends after a year.
        </p>
      </div>
    );
  }
  return (
    <form
      className={css["token"]}
      onSubmit={(event) => {
        event.preventDefault();
        create.mutate(
          { name: name.trim(), scope: "ingest", expiresInDays: 365 },
          { onSuccess: (made) => onMade(made.secret) },
        );
      }}
    >
      <div className={css["tokenRow"]}>
        <Field label="Name of the token: who sends with it">
          {(control) => (
            <TextInput
              {...control}
              required
              maxLength={64}
              value={name}
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Field>
        <Button type="submit" tone="primary" disabled={create.isPending || name.trim() === ""}>
          Make a token
        </Button>
      </div>
      <p className="muted small">
        {create.error === null
          ? "It may send and nothing else, and becomes a source of that name. One for each group of senders."
          : failureOf(create.error).message}
      </p>
    </form>
  );
}
