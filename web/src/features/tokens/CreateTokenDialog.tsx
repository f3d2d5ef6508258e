import type { TokenScope } from "@tyto/domain";
import { type ReactNode, useState } from "react";
import { useCreateToken } from "../../api/index.ts";
import {
  Button,
  CopyButton,
  Dialog,
  DialogFoot,
  failureOf,
  Field,
  Select,
  TextInput,
} from "../../ui/index.ts";
import { SCOPE_TEXT } from "./token-scopes.ts";
import css from "./Tokens.module.css";

const SCOPES = ["ingest", "read", "admin"] as const satisfies readonly TokenScope[];
const EXPIRIES = [
  { days: 30, label: "30 days" },
  { days: 90, label: "90 days" },
  { days: 365, label: "One year" },
  { days: 0, label: "Never" },
] as const;

export function CreateTokenDialog({ onDone }: { readonly onDone: () => void }): ReactNode {
  const create = useCreateToken();
  const [name, setName] = useState("");
  const [scope, setScope] = useState<TokenScope>("ingest");
  const [days, setDays] = useState(365);
  if (create.data !== undefined)
    return <SecretDialog secret={create.data.secret} name={name} onDone={onDone} />;
  return (
    <Dialog title="New token" onClose={onDone}>
      <form
        className={css["form"]}
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate({ name: name.trim(), scope, ...(days === 0 ? {} : { expiresInDays: days }) });
        }}
      >
        <Field label="Name" hint="Of the program or machine that will show it.">
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
        <Field label="It may">
          {(control) => (
            <Select
              {...control}
              value={scope}
              onChange={(event) => setScope(SCOPES.find((one) => one === event.target.value) ?? "ingest")}
            >
              {SCOPES.map((one) => (
                <option key={one} value={one}>
                  {SCOPE_TEXT[one].long}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Field label="Expires after">
          {(control) => (
            <Select {...control} value={days} onChange={(event) => setDays(Number(event.target.value))}>
              {EXPIRIES.map((one) => (
                <option key={one.days} value={one.days}>
                  {one.label}
                </option>
              ))}
            </Select>
          )}
        </Field>
        {create.error !== null && <p role="alert">{failureOf(create.error).message}</p>}
        <DialogFoot>
          <Button onClick={onDone}>Cancel</Button>
          <Button type="submit" tone="primary" disabled={create.isPending || name.trim() === ""}>
            Create token
          </Button>
        </DialogFoot>
      </form>
    </Dialog>
  );
}

interface SecretDialogProps {
  readonly name: string;
  readonly secret: string;
  readonly onDone: () => void;
}

/** The one time that the secret is anywhere but in its owner's hands. */
function SecretDialog({ name, secret, onDone }: SecretDialogProps): ReactNode {
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
