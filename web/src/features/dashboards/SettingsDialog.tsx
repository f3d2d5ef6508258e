import { DASHBOARD_LIMITS, type Dashboard, type DashboardVariable } from "@tyto/domain";
import { type ReactNode, useState } from "react";
import { Button, Dialog, DialogFoot, Field, Select, TextArea, TextInput } from "../../ui/index.ts";
import css from "./Dashboards.module.css";
import type { DashboardState } from "./use-dashboard-page.ts";

interface SettingsDialogProps {
  readonly state: DashboardState;
  readonly dashboard: Dashboard;
  readonly onClose: () => void;
}

const REFRESHES = [
  [0, "only when asked"],
  [30, "every 30 seconds"],
  [60, "every minute"],
  [300, "every 5 minutes"],
  [900, "every 15 minutes"],
] as const;

/** Title, words, time, refresh and variables. */
export function SettingsDialog({ state, dashboard, onClose }: SettingsDialogProps): ReactNode {
  const [draft, setDraft] = useState(dashboard);
  const problem = problemOf(draft.variables);
  const isSound = draft.title.trim() !== "" && problem === undefined;
  const setVariables = (variables: readonly DashboardVariable[]) =>
    setDraft({ ...draft, variables: [...variables] });
  return (
    <Dialog title="Settings of the dashboard" shape="wide" onClose={onClose}>
      <div className={css["editor"]}>
        <div className={css["fields"]}>
          <Field label="Title">
            {(control) => (
              <TextInput
                {...control}
                value={draft.title}
                maxLength={120}
                onChange={(event) => setDraft({ ...draft, title: event.target.value })}
              />
            )}
          </Field>
          <Field label="Time at first" hint="What its page opens with">
            {(control) => (
              <Select
                {...control}
                value={draft.time.from}
                onChange={(event) => setDraft({ ...draft, time: { from: event.target.value, to: "now" } })}
              >
                {[...new Set([draft.time.from, "-1h", "-6h", "-24h", "-7d", "-30d"])].map((from) => (
                  <option key={from} value={from}>
                    {from} to now
                  </option>
                ))}
              </Select>
            )}
          </Field>
          <Field label="Asked again" hint="Pauses while nobody sees the page">
            {(control) => (
              <Select
                {...control}
                value={String(draft.refreshSeconds ?? 0)}
                onChange={(event) => {
                  const found = REFRESHES.find(([seconds]) => String(seconds) === event.target.value);
                  if (found !== undefined) setDraft({ ...draft, refreshSeconds: found[0] });
                }}
              >
                {REFRESHES.map(([seconds, text]) => (
                  <option key={seconds} value={seconds}>
                    {text}
                  </option>
                ))}
              </Select>
            )}
          </Field>
        </div>
        <Field label="Description">
          {(control) => (
            <TextInput
              {...control}
              value={draft.description ?? ""}
              maxLength={1_000}
              onChange={(event) => setDraft({ ...draft, description: event.target.value })}
            />
          )}
        </Field>
        <h3>Variables</h3>
        <p className="muted small">
          A query uses one with an underscore before its name. It gets a value, never text: nothing in a value
          can change the query. Empty means any, when the query says so:{" "}
          <code>isempty(_user) or user.name == _user</code>, and for several{" "}
          <code>array_length(_hosts) == 0 or host.name in (_hosts)</code>.
        </p>
        {draft.variables.map((variable, at) => (
          <VariableFields
            key={at}
            variable={variable}
            onChange={(next) =>
              setVariables(draft.variables.map((one, index) => (index === at ? next : one)))
            }
            onRemove={() => setVariables(draft.variables.filter((_, index) => index !== at))}
          />
        ))}
        {problem !== undefined && (
          <p role="alert" className={css["problem"]}>
            {problem}
          </p>
        )}
        <span>
          <Button
            disabled={draft.variables.length >= DASHBOARD_LIMITS.variables}
            onClick={() => setVariables([...draft.variables, { name: "", kind: "text" }])}
          >
            Add variable
          </Button>
        </span>
      </div>
      <DialogFoot>
        <Button onClick={onClose}>Cancel</Button>
        <Button
          tone="primary"
          disabled={!isSound}
          onClick={() => {
            state.draft.set(draft);
            onClose();
          }}
        >
          Apply
        </Button>
      </DialogFoot>
    </Dialog>
  );
}

function problemOf(variables: readonly DashboardVariable[]): string | undefined {
  const wrong = variables.find(({ name }) => !/^[a-z][a-z0-9_]{0,31}$/.test(name));
  if (wrong !== undefined)
    return "A variable's name is of small letters, digits and underscores, and begins with a letter.";
  if (new Set(variables.map(({ name }) => name)).size < variables.length)
    return "Two variables have the same name.";
  const empty = variables.find((one) => one.kind === "choice" && one.options.length === 0);
  return empty === undefined ? undefined : `"${empty.name}" has no options.`;
}

interface VariableFieldsProps {
  readonly variable: DashboardVariable;
  readonly onChange: (next: DashboardVariable) => void;
  readonly onRemove: () => void;
}

const USUAL_QUERY =
  "Events\n| where isnotempty(host.name)\n| summarize n = count() by host.name\n| top 100 by n";

function VariableFields({ variable, onChange, onRemove }: VariableFieldsProps): ReactNode {
  const base = { name: variable.name, ...(variable.label === undefined ? {} : { label: variable.label }) };
  const isMulti = variable.kind !== "text" && variable.multi === true;
  const setKind = (kind: string) => {
    const multi = isMulti ? { multi: true } : {};
    if (kind === "text") onChange({ ...base, kind });
    if (kind === "choice") onChange({ ...base, ...multi, kind, options: [] });
    if (kind === "query") onChange({ ...base, ...multi, kind, query: USUAL_QUERY });
  };
  return (
    <div className={css["variable"]}>
      <div className={css["fields"]}>
        <Field label="Name">
          {(control) => (
            <TextInput
              {...control}
              isMono
              value={variable.name}
              maxLength={32}
              onChange={(event) => onChange({ ...variable, name: event.target.value })}
            />
          )}
        </Field>
        <Field label="Kind">
          {(control) => (
            <Select {...control} value={variable.kind} onChange={(event) => setKind(event.target.value)}>
              <option value="text">Text</option>
              <option value="choice">Choice from a list</option>
              <option value="query">Choice from a query</option>
            </Select>
          )}
        </Field>
        {variable.kind !== "text" && (
          <Field label="Choose">
            {(control) => (
              <Select
                {...control}
                value={isMulti ? "several" : "one"}
                onChange={(event) => {
                  const { multi: _multi, default: _default, ...rest } = variable;
                  onChange(event.target.value === "several" ? { ...rest, multi: true } : rest);
                }}
              >
                <option value="one">one</option>
                <option value="several">several</option>
              </Select>
            )}
          </Field>
        )}
        <Button tone="quiet" onClick={onRemove} aria-label={`Remove the variable ${variable.name}`}>
          Remove
        </Button>
      </div>
      {variable.kind === "choice" && (
        <Field label="Options" hint="One a line">
          {(control) => (
            <TextArea
              {...control}
              rows={3}
              defaultValue={variable.options.join("\n")}
              onChange={(event) =>
                onChange({
                  ...variable,
                  options: [...new Set(event.target.value.split("\n").map((line) => line.trim()))]
                    .filter((line) => line !== "")
                    .slice(0, DASHBOARD_LIMITS.options),
                })
              }
            />
          )}
        </Field>
      )}
      {variable.kind === "query" && (
        <Field label="Query" hint="The first column of what it finds">
          {(control) => (
            <TextArea
              {...control}
              isMono
              rows={4}
              value={variable.query}
              maxLength={DASHBOARD_LIMITS.queryCharacters}
              onChange={(event) => onChange({ ...variable, query: event.target.value })}
            />
          )}
        </Field>
      )}
    </div>
  );
}
