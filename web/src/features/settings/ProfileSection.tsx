import { NOTIFICATION_KIND_NAMES, NOTIFICATION_KINDS } from "@tyto/domain";
import { type ReactNode, useState } from "react";
import {
  useChangePassword,
  useEndSession,
  useMute,
  useMuted,
  useOwnSessions,
  useSession,
} from "../../api/index.ts";
import {
  Button,
  ErrorNote,
  failureOf,
  LogText,
  Page,
  PasswordField,
  Skeleton,
  Time,
  usePreferences,
  useToasts,
} from "../../ui/index.ts";
import css from "./Settings.module.css";

/** One's own account: who one is here, the password, and where one is signed in. */
export function ProfileSection(): ReactNode {
  const { data: session } = useSession();
  const [{ hasCharacterKeys }, change] = usePreferences();
  return (
    <Page title="Profile" note={session?.username ?? ""}>
      <div className={css["body"]}>
        <section className={css["block"]}>
          <h2>Account</h2>
          <dl className={css["facts"]}>
            <dt>Name</dt>
            <dd>{session?.username}</dd>
            <dt>Role</dt>
            <dd>
              {session?.role}
              {session?.isLimited === true && " (sees only part of the events, or not all of their fields)"}
            </dd>
            <dt>Keys</dt>
            <dd>
              <label>
                <input
                  type="checkbox"
                  checked={hasCharacterKeys}
                  onChange={(event) => change({ hasCharacterKeys: event.target.checked })}
                />{" "}
                Single keys do something
              </label>
            </dd>
          </dl>
        </section>
        <NotificationKinds />
        <PasswordForm />
        <Sessions />
      </div>
    </Page>
  );
}

function NotificationKinds(): ReactNode {
  const { data } = useMuted();
  const mute = useMute();
  if (data === undefined) return null;
  return (
    <section className={css["block"]}>
      <h2>Tell me about</h2>
      {NOTIFICATION_KIND_NAMES.map((kind) => (
        <label key={kind}>
          <input
            type="checkbox"
            disabled={mute.isPending}
            checked={!data.muted.includes(kind)}
            onChange={(event) =>
              mute.mutate(
                event.target.checked ? data.muted.filter((one) => one !== kind) : [...data.muted, kind],
              )
            }
          />{" "}
          {NOTIFICATION_KINDS[kind]}
        </label>
      ))}
    </section>
  );
}

function PasswordForm(): ReactNode {
  const change = useChangePassword();
  const toasts = useToasts();
  const [old, setOld] = useState("");
  const [password, setPassword] = useState("");
  return (
    <section className={css["block"]}>
      <h2>Password</h2>
      <form
        className={css["form"]}
        onSubmit={(event) => {
          event.preventDefault();
          change.mutate(
            { old, password },
            {
              onSuccess: () => {
                setOld("");
                setPassword("");
                toasts.show({ message: "Password changed. All other sessions have ended." });
              },
            },
          );
        }}
      >
        <PasswordField label="Old password" kind="current" value={old} onChange={setOld} />
        <PasswordField
          label="New password"
          kind="new"
          value={password}
          onChange={setPassword}
          problem={change.error === null ? undefined : failureOf(change.error).message}
        />
        <div className={css["actions"]}>
          <Button type="submit" disabled={change.isPending || old === "" || password === ""}>
            Change password
          </Button>
        </div>
      </form>
    </section>
  );
}

function Sessions(): ReactNode {
  const { data, error, refetch } = useOwnSessions();
  const end = useEndSession();
  if (error !== null) return <ErrorNote error={error} onRetry={() => void refetch()} />;
  if (data === undefined) return <Skeleton lines={3} />;
  return (
    <section className={css["block"]}>
      <h2>Signed in</h2>
      <table className={css["table"]}>
        <thead>
          <tr>
            <th scope="col">From</th>
            <th scope="col">Browser</th>
            <th scope="col">Since</th>
            <th scope="col">Last used</th>
            <th scope="col">
              <span className="visually-hidden">End it</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {data.items.map((one) => (
            <tr key={one.id}>
              <td className="mono">{one.from ?? "unknown"}</td>
              <td className="ellipsis" title={one.agent ?? ""} style={{ maxWidth: 260 }}>
                <LogText text={one.agent ?? "unknown"} />
              </td>
              <td>
                <Time value={one.createdAt} />
              </td>
              <td>
                <Time value={one.lastUsedAt} />
              </td>
              <td className="num">
                {one.isThis ? (
                  <span className="muted">this one</span>
                ) : (
                  <Button disabled={end.isPending} onClick={() => end.mutate(one.id)}>
                    Sign out
                  </Button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {data.items.length > 1 && (
        <div className={css["actions"]}>
          <Button disabled={end.isPending} onClick={() => end.mutate(undefined)}>
            Sign out everywhere else
          </Button>
        </div>
      )}
    </section>
  );
}
