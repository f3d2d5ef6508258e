import type { RoleView } from "@tyto/domain";
import { type ReactNode, useState } from "react";
import { useRoleLimits, useRoles } from "../../api/index.ts";
import {
  Button,
  Dialog,
  DialogFoot,
  ErrorNote,
  failureOf,
  Field,
  formatAmount,
  Page,
  Skeleton,
  TextArea,
  TextInput,
} from "../../ui/index.ts";
import css from "./Settings.module.css";

/** What each role may do, as a table, and what of the events it sees. */
export function RolesSection(): ReactNode {
  const { data, error, refetch } = useRoles();
  const [edited, setEdited] = useState<RoleView>();
  return (
    <Page title="Roles" note={data === undefined ? "" : formatAmount(data.items.length, "role")}>
      {data !== undefined ? (
        <div className={css["body"]}>
          <section className={css["block"]}>
            <h2>What each may do</h2>
            <div role="region" aria-label="Permissions of the roles" tabIndex={0}>
              <table className={`${css["table"] ?? ""} ${css["matrix"] ?? ""}`}>
                <thead>
                  <tr>
                    <th scope="col">They may …</th>
                    {data.items.map((role) => (
                      <th key={role.name} scope="col" title={role.summary}>
                        {role.name}
                      </th>
                    ))}
                  </tr>
                </thead>
                <tbody>
                  {data.permissions.map(({ name, title }) => (
                    <tr key={name}>
                      <th scope="row">{title}</th>
                      {data.items.map((role) => (
                        <td key={role.name}>
                          {role.permissions.includes(name) ? (
                            <span className={css["yes"]}>yes</span>
                          ) : (
                            <span className="muted">no</span>
                          )}
                        </td>
                      ))}
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          </section>
          <section className={css["block"]}>
            <h2>What each sees of the events</h2>
            <p className="muted">
              A restriction hides events as if they did not exist: in searches, counts, live tail, exports,
              evidence and single events. A masked field has no value. Alerts themselves, with their titles
              and entities, are not limited by it.
            </p>
            <table className={css["table"]}>
              <thead>
                <tr>
                  <th scope="col">Role</th>
                  <th scope="col">Users</th>
                  <th scope="col">Only events that match</th>
                  <th scope="col">Masked fields</th>
                  <th scope="col">
                    <span className="visually-hidden">Change</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {data.items.map((role) => (
                  <tr key={role.name}>
                    <td>{role.name}</td>
                    <td>{role.users}</td>
                    <td className="mono">{role.restriction ?? <span className="muted">all</span>}</td>
                    <td className="mono">
                      {role.masked.length === 0 ? (
                        <span className="muted">none</span>
                      ) : (
                        role.masked.join(", ")
                      )}
                    </td>
                    <td className="num">
                      {role.name === "admin" ? (
                        <span className="muted">sees everything</span>
                      ) : (
                        <Button
                          needs="users.manage"
                          aria-label={`Limit the role ${role.name}`}
                          onClick={() => setEdited(role)}
                        >
                          Limit…
                        </Button>
                      )}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </section>
        </div>
      ) : error !== null ? (
        <ErrorNote error={error} onRetry={() => void refetch()} />
      ) : (
        <Skeleton />
      )}
      {edited !== undefined && <LimitsDialog role={edited} onDone={() => setEdited(undefined)} />}
    </Page>
  );
}

function LimitsDialog({ role, onDone }: { readonly role: RoleView; readonly onDone: () => void }): ReactNode {
  const save = useRoleLimits();
  const [restriction, setRestriction] = useState(role.restriction ?? "");
  const [masked, setMasked] = useState(role.masked.join(", "));
  const problem = save.error === null ? undefined : failureOf(save.error);
  return (
    <Dialog title={`What ${role.name}s see`} onClose={onDone}>
      <form
        className={css["form"]}
        onSubmit={(event) => {
          event.preventDefault();
          const fields = masked.split(/[\s,]+/).filter((name) => name !== "");
          const text = restriction.trim();
          save.mutate(
            { name: role.name, restriction: text === "" ? null : text, masked: fields },
            { onSuccess: onDone },
          );
        }}
      >
        <Field
          label="Only events that match"
          hint="As in the search bar: -source.name:payroll hides a source. Empty for all."
          problem={problem?.message}
        >
          {(control) => (
            <TextArea
              {...control}
              isMono
              rows={3}
              value={restriction}
              onChange={(event) => setRestriction(event.target.value)}
            />
          )}
        </Field>
        <Field
          label="Masked fields"
          hint="With commas between them. The record as received and its message are then masked too."
        >
          {(control) => (
            <TextInput
              {...control}
              isMono
              value={masked}
              onChange={(event) => setMasked(event.target.value)}
            />
          )}
        </Field>
        <DialogFoot>
          <Button onClick={onDone}>Cancel</Button>
          <Button type="submit" tone="primary" disabled={save.isPending}>
            Limit the role
          </Button>
        </DialogFoot>
      </form>
    </Dialog>
  );
}
