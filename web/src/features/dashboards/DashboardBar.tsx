import type { DashboardFilter, DashboardVariable, PanelQuestion } from "@tyto/domain";
import { IconX } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { usePanelAnswer } from "../../api/index.ts";
import { Button, LogText, MenuItem, Popover, Select, TextInput } from "../../ui/index.ts";
import { textOfValue } from "../events/field-values.ts";
import css from "./Dashboards.module.css";
import { type VariableValue } from "./dashboards-url.ts";
import { givenVariables } from "./panel-question.ts";
import type { DashboardState } from "./use-dashboard-page.ts";

/** What the whole dashboard is narrowed by: its variables, and the filters that people clicked together. */
export function DashboardBar({ state }: { readonly state: DashboardState }): ReactNode {
  const { dashboard, now, setFilters } = state;
  if (dashboard === undefined || (dashboard.variables.length === 0 && now.filters.length === 0)) return null;
  return (
    <div className={css["bar"]} role="search" aria-label="Variables and filters">
      {dashboard.variables.map((variable) => (
        <VariableControl key={variable.name} variable={variable} state={state} />
      ))}
      {now.filters.map((filter, at) => (
        <FilterChip
          key={`${filter.field} ${at}`}
          filter={filter}
          onTurn={() =>
            setFilters(now.filters.map((one) => (one === filter ? { ...one, not: one.not !== true } : one)))
          }
          onRemove={() => setFilters(now.filters.filter((one) => one !== filter))}
        />
      ))}
      {now.filters.length > 1 && (
        <button type="button" className="link" onClick={() => setFilters([])}>
          Remove all filters
        </button>
      )}
    </div>
  );
}

function FilterChip({
  filter,
  onTurn,
  onRemove,
}: {
  readonly filter: DashboardFilter;
  readonly onTurn: () => void;
  readonly onRemove: () => void;
}): ReactNode {
  const said = filter.values.map((value) => value || "(empty)").join(" or ");
  const text = `${filter.field}${filter.not === true ? " is not " : ": "}${said}`;
  return (
    <span className={css["chip"]}>
      <button
        type="button"
        onClick={onTurn}
        title={filter.not === true ? "Keep only these" : "Leave these out"}
      >
        <LogText text={text} limit={80} isExpandable={false} />
      </button>
      <button type="button" aria-label={`Remove the filter ${text.slice(0, 100)}`} onClick={onRemove}>
        <IconX size={12} aria-hidden="true" />
      </button>
    </span>
  );
}

interface ControlProps {
  readonly variable: DashboardVariable;
  readonly state: DashboardState;
}

function VariableControl({ variable, state }: ControlProps): ReactNode {
  const label = variable.label ?? variable.name;
  const value = state.now.variables[variable.name] ?? "";
  const set = (next: VariableValue) => state.setVariable(variable.name, next);
  if (variable.kind === "text")
    return <TextControl key={String(value)} label={label} value={String(value)} onSet={set} />;
  if (variable.kind === "choice")
    return (
      <Choices
        label={label}
        isMulti={variable.multi === true}
        options={variable.options}
        value={value}
        onSet={set}
      />
    );
  return <QueryChoices variable={variable} label={label} value={value} state={state} onSet={set} />;
}

interface Settable {
  readonly label: string;
  readonly value: VariableValue;
  readonly onSet: (value: VariableValue) => void;
}

/** Asks when the person is done, not at every letter. */
function TextControl({ label, value, onSet }: Settable & { readonly value: string }): ReactNode {
  const [text, setText] = useState(value);
  const done = () => {
    if (text !== value) onSet(text.trim());
  };
  return (
    <label className={css["control"]}>
      <span className="muted">{label}</span>
      <TextInput
        value={text}
        maxLength={500}
        placeholder="any"
        onChange={(event) => setText(event.target.value)}
        onBlur={done}
        onKeyDown={(event) => {
          if (event.key === "Enter") done();
        }}
      />
    </label>
  );
}

function QueryChoices({
  variable,
  state,
  ...rest
}: Settable & {
  readonly variable: Extract<DashboardVariable, { readonly kind: "query" }>;
  readonly state: DashboardState;
}): ReactNode {
  const { range, variables, id } = state.now;
  const others = Object.fromEntries(Object.entries(variables).filter(([name]) => name !== variable.name));
  const question: PanelQuestion = {
    kql: variable.query,
    ...range,
    variables: givenVariables(others),
    limit: 200,
    ...(id === "" ? {} : { dashboard: id }),
  };
  const { data, error } = usePanelAnswer(question, { isSeen: true, refreshMs: 0, run: state.run });
  const options = (data?.rows ?? []).map(([first]) => textOfValue(first)).filter((text) => text !== "");
  return (
    <Choices
      {...rest}
      isMulti={variable.multi === true}
      options={[...new Set(options)]}
      problem={error === null ? undefined : error.message}
    />
  );
}

interface ChoicesProps extends Settable {
  readonly isMulti: boolean;
  readonly options: readonly string[];
  readonly problem?: string | undefined;
}

function Choices({ label, isMulti, options, value, onSet, problem }: ChoicesProps): ReactNode {
  const chosen = typeof value === "string" ? (value === "" ? [] : [value]) : value;
  // What is chosen stays to be seen, also when there is no such value in this time.
  const all = [...new Set([...options, ...chosen])];
  if (!isMulti)
    return (
      <label className={css["control"]} title={problem}>
        <span className="muted">{label}</span>
        <Select value={chosen[0] ?? ""} onChange={(event) => onSet(event.target.value)}>
          <option value="">any</option>
          {all.map((option) => (
            <option key={option}>{option}</option>
          ))}
        </Select>
      </label>
    );
  const said =
    chosen.length === 0 ? "any" : chosen.length === 1 ? (chosen[0] ?? "") : `${chosen.length} chosen`;
  return (
    <Popover
      label={label}
      role="menu"
      trigger={(trigger) => (
        <Button {...trigger} title={problem}>
          <span className="muted">{label}</span> <LogText text={said} limit={32} isExpandable={false} />
        </Button>
      )}
    >
      {() => (
        <div className={css["options"]}>
          <MenuItem isChecked={chosen.length === 0} onSelect={() => onSet([])}>
            any
          </MenuItem>
          {all.map((option) => (
            <MenuItem
              key={option}
              isChecked={chosen.includes(option)}
              onSelect={() =>
                onSet(
                  chosen.includes(option)
                    ? chosen.filter((one) => one !== option)
                    : [...chosen, option].slice(0, 50),
                )
              }
            >
              <LogText text={option} limit={60} isExpandable={false} />
            </MenuItem>
          ))}
        </div>
      )}
    </Popover>
  );
}
