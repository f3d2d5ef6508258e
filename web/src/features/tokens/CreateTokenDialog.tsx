import type { TokenScope } from "@tyto/domain";
import { type ReactNode, useState } from "react";
import { useCreateToken } from "../../api/index.ts";
import { Button, Dialog, DialogFoot, failureOf, Field, Select, TextInput } from "../../ui/index.ts";
import { SecretDialog } from "./SecretDialog.tsx";
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
  const [source, setSource] = useState("");
  const [rate, setRate] = useState("");
  if (create.data !== undefined)
    return <SecretDialog secret={create.data.secret} name={name} onDone={onDone} />;
  return (
    <Dialog title="New token" onClose={onDone}>
      <form
        className={css["form"]}
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate({
            name: name.trim(),
            scope,
            ...(days === 0 ? {} : { expiresInDays: days }),
            ...(scope === "ingest" && source.trim() !== "" ? { source: source.trim() } : {}),
            ...(scope === "ingest" && rate !== "" ? { recordsPerSecond: Number(rate) } : {}),
          });
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
        {scope === "ingest" && (
          <>
            <Field label="Sends as the source" hint="Whatever its records say; empty for any.">
              {(control) => (
                <TextInput
                  {...control}
                  maxLength={128}
                  value={source}
                  onChange={(event) => setSource(event.target.value)}
                />
              )}
            </Field>
            <Field label="Records per second" hint="On average; empty for no limit.">
              {(control) => (
                <TextInput
                  {...control}
                  type="number"
                  min={1}
                  value={rate}
                  onChange={(event) => setRate(event.target.value)}
                />
              )}
            </Field>
          </>
        )}
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
