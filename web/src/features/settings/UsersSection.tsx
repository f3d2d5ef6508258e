import { ROLE_NAMES, ROLES, type RoleName, type User, type UserLink } from "@tyto/domain";
import { type ReactNode, useState } from "react";
import { useUserChanges, useUsername, useUsers } from "../../api/index.ts";
import {
  Button,
  Dialog,
  DialogFoot,
  ErrorNote,
  failureOf,
  Field,
  formatAmount,
  Page,
  Select,
  ShownOnce,
  Skeleton,
  TextInput,
  Time,
  useMay,
  useToasts,
} from "../../ui/index.ts";
import css from "./Settings.module.css";

type OpenDialog =
  | { readonly kind: "none" }
  | { readonly kind: "invite" }
  | { readonly kind: "link"; readonly link: UserLink }
  | { readonly kind: "reset"; readonly user: User };

const STATE_WORDS: Readonly<Record<User["state"], string>> = {
  active: "active",
  invited: "invited",
  reset: "must set a password",
  off: "switched off",
};

/** Who may log in. */
export function UsersSection(): ReactNode {
  const { data, error, refetch } = useUsers();
  const [dialog, setDialog] = useState<OpenDialog>({ kind: "none" });
  const done = () => setDialog({ kind: "none" });
  const showLink = (link: UserLink) => setDialog({ kind: "link", link });
  return (
    <Page
      title="Users"
      layout="full"
      note={data === undefined ? "" : formatAmount(data.items.length, "user")}
      actions={
        <Button tone="primary" needs="users.manage" onClick={() => setDialog({ kind: "invite" })}>
          Invite…
        </Button>
      }
    >
      {data !== undefined ? (
        <div className={css["scroll"]} role="region" aria-label="Users" tabIndex={0}>
          <UserTable users={data.items} onReset={(user) => setDialog({ kind: "reset", user })} />
        </div>
      ) : error !== null ? (
        <ErrorNote error={error} onRetry={() => void refetch()} />
      ) : (
        <Skeleton />
      )}
      {dialog.kind === "invite" && <InviteDialog onDone={done} onLink={showLink} />}
      {dialog.kind === "reset" && <ResetDialog user={dialog.user} onDone={done} onLink={showLink} />}
      {dialog.kind === "link" && <LinkDialog link={dialog.link} onDone={done} />}
    </Page>
  );
}

function UserTable({
  users,
  onReset,
}: {
  readonly users: readonly User[];
  readonly onReset: (user: User) => void;
}): ReactNode {
  return (
    <table className={css["table"]}>
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">Role</th>
          <th scope="col">State</th>
          <th scope="col">Last login</th>
          <th scope="col">Made</th>
          <th scope="col">
            <span className="visually-hidden">Change</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {users.map((user) => (
          <UserRow key={user.id} user={user} onReset={onReset} />
        ))}
      </tbody>
    </table>
  );
}

function UserRow({
  user,
  onReset,
}: {
  readonly user: User;
  readonly onReset: (user: User) => void;
}): ReactNode {
  const { change, remove } = useUserChanges();
  const me = useUsername();
  const may = useMay();
  const toasts = useToasts();
  const onError = (error: unknown) => {
    const { message, hint } = failureOf(error);
    toasts.show({ tone: "error", message: [message, hint].filter(Boolean).join(". ") });
  };
  const isSelf = user.username === me;
  return (
    <tr>
      <td>
        {user.username} {isSelf && <span className="muted small">you</span>}
      </td>
      <td>
        {may("users.manage") ? (
          <Select
            aria-label={`Role of ${user.username}`}
            value={user.role}
            disabled={change.isPending}
            onChange={(event) => {
              const role = ROLE_NAMES.find((name) => name === event.target.value);
              if (role !== undefined) change.mutate({ id: user.id, role }, { onError });
            }}
          >
            {ROLE_NAMES.map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </Select>
        ) : (
          user.role
        )}
      </td>
      <td className={user.state === "active" ? "muted" : ""}>{STATE_WORDS[user.state]}</td>
      <td className="muted">{user.lastLoginAt === null ? "never" : <Time value={user.lastLoginAt} />}</td>
      <td className="muted">
        <Time value={user.createdAt} /> by {user.createdBy}
      </td>
      <td>
        {user.state !== "off" && !isSelf && (
          <Button needs="users.manage" onClick={() => onReset(user)}>
            {user.state === "active" ? "Reset password…" : "New link…"}
          </Button>
        )}{" "}
        {user.state === "invited" ? (
          <Button
            needs="users.manage"
            disabled={remove.isPending}
            onClick={() => remove.mutate(user.id, { onError })}
          >
            Take back
          </Button>
        ) : (
          <Button
            needs="users.manage"
            disabled={change.isPending}
            onClick={() => change.mutate({ id: user.id, enabled: user.state === "off" }, { onError })}
          >
            {user.state === "off" ? "Switch on" : "Switch off"}
          </Button>
        )}
      </td>
    </tr>
  );
}

function InviteDialog({
  onDone,
  onLink,
}: {
  readonly onDone: () => void;
  readonly onLink: (link: UserLink) => void;
}): ReactNode {
  const { invite } = useUserChanges();
  const [username, setUsername] = useState("");
  const [role, setRole] = useState<RoleName>("analyst");
  return (
    <Dialog title="Invite somebody" onClose={onDone}>
      <form
        className={css["form"]}
        onSubmit={(event) => {
          event.preventDefault();
          invite.mutate({ username: username.trim(), role }, { onSuccess: onLink });
        }}
      >
        <Field
          label="Username"
          hint="They sign in with it, and histories name them by it."
          problem={invite.error === null ? undefined : failureOf(invite.error).message}
        >
          {(control) => (
            <TextInput
              {...control}
              required
              maxLength={64}
              value={username}
              onChange={(event) => setUsername(event.target.value)}
            />
          )}
        </Field>
        <Field label="Role" hint={ROLES[role].summary}>
          {(control) => (
            <Select
              {...control}
              value={role}
              onChange={(event) =>
                setRole(ROLE_NAMES.find((name) => name === event.target.value) ?? "viewer")
              }
            >
              {ROLE_NAMES.map((name) => (
                <option key={name} value={name}>
                  {name}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <DialogFoot>
          <Button onClick={onDone}>Cancel</Button>
          <Button type="submit" tone="primary" disabled={invite.isPending || username.trim() === ""}>
            Make the link
          </Button>
        </DialogFoot>
      </form>
    </Dialog>
  );
}

function ResetDialog({
  user,
  onDone,
  onLink,
}: {
  readonly user: User;
  readonly onDone: () => void;
  readonly onLink: (link: UserLink) => void;
}): ReactNode {
  const { link } = useUserChanges();
  return (
    <Dialog title={`A new password for ${user.username}?`} onClose={onDone}>
      <p>
        {user.state === "active"
          ? "The password that they have and all their sessions end at once. You get a link with which they set another."
          : "You get another link; the one before works no more."}
      </p>
      {link.error !== null && <p role="alert">{failureOf(link.error).message}</p>}
      <DialogFoot>
        <Button onClick={onDone}>Cancel</Button>
        <Button
          tone="danger"
          disabled={link.isPending}
          onClick={() => link.mutate(user.id, { onSuccess: onLink })}
        >
          Make the link
        </Button>
      </DialogFoot>
    </Dialog>
  );
}

function LinkDialog({ link, onDone }: { readonly link: UserLink; readonly onDone: () => void }): ReactNode {
  return (
    <ShownOnce
      title={`A link for ${link.user.username}`}
      secret={`${location.origin}${link.path}`}
      onDone={onDone}
    >
      Copy it and hand it on in a way that you trust: whoever opens it sets the password. It works once, until{" "}
      <Time value={link.expiresAt} as="instant" />, and nobody can show it again.
    </ShownOnce>
  );
}
