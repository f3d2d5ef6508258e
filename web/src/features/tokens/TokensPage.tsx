import type { Token } from "@tyto/domain";
import { type ReactNode, useState } from "react";
import { useDeleteToken, useSwitchToken, useTokens } from "../../api/index.ts";
import {
  Button,
  Dialog,
  DialogFoot,
  Empty,
  ErrorNote,
  failureOf,
  formatAmount,
  Page,
  Skeleton,
  Time,
  useNow,
  useToasts,
} from "../../ui/index.ts";
import { CreateTokenDialog } from "./CreateTokenDialog.tsx";
import { RotateTokenDialog } from "./RotateTokenDialog.tsx";
import css from "./Tokens.module.css";
import { SCOPE_TEXT } from "./token-scopes.ts";
import { termsInWords } from "./token-terms.ts";

type OpenDialog =
  | { readonly kind: "none" }
  | { readonly kind: "create" }
  | { readonly kind: "rotate"; readonly token: Token }
  | { readonly kind: "delete"; readonly token: Token };

/** Keys for machines: what may send, what may read. */
export function TokensPage(): ReactNode {
  const { data, error, refetch } = useTokens();
  const [dialog, setDialog] = useState<OpenDialog>({ kind: "none" });
  const done = () => setDialog({ kind: "none" });
  const create = (
    <Button tone="primary" onClick={() => setDialog({ kind: "create" })}>
      New token
    </Button>
  );
  return (
    <Page
      title="Tokens"
      layout="full"
      note={data === undefined ? "" : formatAmount(data.items.length, "token")}
      actions={create}
    >
      {data !== undefined ? (
        data.items.length === 0 ? (
          <Empty title="No tokens yet">
            A program that sends events over HTTP, or reads alerts, shows a token. Syslog needs none. Make one
            with New token, above.
          </Empty>
        ) : (
          <TokenTable
            tokens={data.items}
            onRotate={(token) => setDialog({ kind: "rotate", token })}
            onDelete={(token) => setDialog({ kind: "delete", token })}
          />
        )
      ) : error !== null ? (
        <ErrorNote error={error} onRetry={() => void refetch()} />
      ) : (
        <Skeleton />
      )}
      {dialog.kind === "create" && <CreateTokenDialog onDone={done} />}
      {dialog.kind === "rotate" && <RotateTokenDialog token={dialog.token} onDone={done} />}
      {dialog.kind === "delete" && <DeleteTokenDialog token={dialog.token} onDone={done} />}
    </Page>
  );
}

interface TokenTableProps {
  readonly tokens: readonly Token[];
  readonly onRotate: (token: Token) => void;
  readonly onDelete: (token: Token) => void;
}

function TokenTable({ tokens, onRotate, onDelete }: TokenTableProps): ReactNode {
  const now = useNow();
  return (
    <table className={css["table"]}>
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">Access</th>
          <th scope="col">Begins with</th>
          <th scope="col">Made</th>
          <th scope="col">Expires</th>
          <th scope="col">Last used</th>
          <th scope="col">
            <span className="visually-hidden">Change</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {tokens.map((token) => (
          <tr key={token.id}>
            <td>{token.name}</td>
            <td>
              {SCOPE_TEXT[token.scope].short} <span className="small muted">{termsInWords(token)}</span>
            </td>
            <td className="mono muted">{token.prefix}…</td>
            <td className="muted">
              <Time value={token.createdAt} /> by {token.createdBy}
            </td>
            <td>
              {!token.isEnabled ? (
                <b>switched off</b>
              ) : token.expiresAt === null ? (
                <span className="muted">never</span>
              ) : Date.parse(token.expiresAt) < now ? (
                <b>expired</b>
              ) : (
                <Time value={token.expiresAt} />
              )}
            </td>
            <td className="muted">
              {token.lastUsedAt === null ? "never" : <Time value={token.lastUsedAt} />}
              {token.lastUsedFrom !== null && ` from ${token.lastUsedFrom}`}
            </td>
            <td>
              <TokenActions token={token} onRotate={onRotate} onDelete={onDelete} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

interface TokenActionsProps extends Omit<TokenTableProps, "tokens"> {
  readonly token: Token;
}

function TokenActions({ token, onRotate, onDelete }: TokenActionsProps): ReactNode {
  const change = useSwitchToken();
  return (
    <>
      <Button
        disabled={change.isPending}
        onClick={() => change.mutate({ id: token.id, isEnabled: !token.isEnabled })}
      >
        {token.isEnabled ? "Switch off" : "Switch on"}
      </Button>{" "}
      <Button onClick={() => onRotate(token)}>Rotate…</Button>{" "}
      <Button tone="danger" onClick={() => onDelete(token)}>
        Delete…
      </Button>
      {change.error !== null && <p role="alert">{failureOf(change.error).message}</p>}
    </>
  );
}

function DeleteTokenDialog({
  token,
  onDone,
}: {
  readonly token: Token;
  readonly onDone: () => void;
}): ReactNode {
  const remove = useDeleteToken();
  const toasts = useToasts();
  const confirm = () =>
    remove.mutate(token.id, {
      onSuccess: () => {
        toasts.show({ message: `Token ${token.name} deleted` });
        onDone();
      },
    });
  return (
    <Dialog title={`Delete ${token.name}?`} onClose={onDone}>
      <p>What shows this token is refused from now on. This cannot be undone.</p>
      {remove.error !== null && <p role="alert">{failureOf(remove.error).message}</p>}
      <DialogFoot>
        <Button onClick={onDone}>Cancel</Button>
        <Button tone="danger" disabled={remove.isPending} onClick={confirm}>
          Delete the token
        </Button>
      </DialogFoot>
    </Dialog>
  );
}
