import { LEVELS } from "@tyto/domain";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { Button, Field, LogText, Select, TextArea, TextInput } from "../../../ui/index.ts";
import css from "./Editor.module.css";
import {
  addSelection,
  dropSelection,
  LOGSOURCE_PARTS,
  type RuleForm,
  readForm,
  renameSelection,
  type Selection,
  setKeywords,
  setValue,
} from "./rule-yaml.ts";
import { SelectionLines } from "./SelectionLines.tsx";

interface RuleFormViewProps {
  readonly yaml: string;
  readonly onEdit: (yaml: string) => void;
  readonly onShowYaml: () => void;
  readonly fields: readonly string[];
}

const STATUSES = ["stable", "test", "experimental", "deprecated", "unsupported"];

/** The rule as fields to fill. It holds nothing itself: it reads the YAML, and each change is a change of the YAML. */
export function RuleFormView({ yaml, onEdit, onShowYaml, fields }: RuleFormViewProps): ReactNode {
  const form = readForm(yaml);
  if (form === undefined) {
    return (
      <div className={css["form"]}>
        <p className={css["note"]} role="status">
          The text is no YAML of one rule now, so there is nothing to fill in. Mend it as YAML first.
        </p>
        <Button onClick={onShowYaml}>Show the YAML</Button>
      </div>
    );
  }
  return (
    <div className={css["form"]}>
      <Basics form={form} yaml={yaml} onEdit={onEdit} />
      <fieldset className={css["row3"]}>
        <legend>Logsource</legend>
        {LOGSOURCE_PARTS.map((part) => (
          <Field key={part} label={part}>
            {(control) => (
              <TextInput
                {...control}
                isMono
                value={form.logsource[part]}
                onChange={(event) => onEdit(setValue(yaml, ["logsource", part], event.target.value))}
              />
            )}
          </Field>
        ))}
      </fieldset>
      <section aria-label="Detection" className={css["detection"]}>
        <h2>Detection</h2>
        {form.selections.map((selection, index) => (
          <SelectionBox
            key={index}
            selection={selection}
            yaml={yaml}
            onEdit={onEdit}
            onShowYaml={onShowYaml}
            fields={fields}
          />
        ))}
        <Button
          onClick={() =>
            onEdit(
              addSelection(yaml, freeName(form.selections), {
                field: "Image",
                modifiers: "endswith",
                values: ["/name"],
              }),
            )
          }
        >
          <IconPlus size={14} aria-hidden="true" /> Add a selection
        </Button>
        <Field
          label="Condition"
          hint="Selections by name, with and, or, not and brackets; 1 of name*, all of them"
        >
          {(control) => (
            <TextInput
              {...control}
              isMono
              value={form.condition}
              onChange={(event) => onEdit(setValue(yaml, ["detection", "condition"], event.target.value))}
            />
          )}
        </Field>
      </section>
      <ListField
        label="False positives, one a line"
        values={form.falsepositives}
        onChange={(values) => onEdit(setValue(yaml, ["falsepositives"], values))}
      />
      {form.onlyInYaml.length > 0 && (
        <p className={css["note"]}>
          Only in YAML, and kept as it is: <span className="mono">{form.onlyInYaml.join(", ")}</span>.{" "}
          <button type="button" className="link" onClick={onShowYaml}>
            Show the YAML
          </button>
        </p>
      )}
    </div>
  );
}

interface BasicsProps {
  readonly form: RuleForm;
  readonly yaml: string;
  readonly onEdit: (yaml: string) => void;
}

function Basics({ form, yaml, onEdit }: BasicsProps): ReactNode {
  const set = (key: string) => (value: string | readonly string[]) => onEdit(setValue(yaml, [key], value));
  return (
    <>
      <Field label="Title">
        {(control) => (
          <TextInput {...control} value={form.title} onChange={(event) => set("title")(event.target.value)} />
        )}
      </Field>
      <Field label="Description">
        {(control) => (
          <TextArea
            {...control}
            rows={2}
            value={form.description}
            onChange={(event) => set("description")(event.target.value)}
          />
        )}
      </Field>
      <div className={css["row3"]}>
        <Field label="Level">
          {(control) => (
            <Select {...control} value={form.level} onChange={(event) => set("level")(event.target.value)}>
              {!LEVELS.some((level) => level === form.level) && (
                <option value={form.level}>{form.level}</option>
              )}
              {LEVELS.map((level) => (
                <option key={level}>{level}</option>
              ))}
            </Select>
          )}
        </Field>
        <Field label="Status">
          {(control) => (
            <Select {...control} value={form.status} onChange={(event) => set("status")(event.target.value)}>
              {!STATUSES.includes(form.status) && <option value={form.status}>{form.status}</option>}
              {STATUSES.map((status) => (
                <option key={status}>{status}</option>
              ))}
            </Select>
          )}
        </Field>
        <WordsField label="ATT&CK and tags" values={form.tags} onChange={(values) => set("tags")(values)} />
      </div>
    </>
  );
}

interface SelectionBoxProps {
  readonly selection: Selection;
  readonly yaml: string;
  readonly onEdit: (yaml: string) => void;
  readonly onShowYaml: () => void;
  readonly fields: readonly string[];
}

function SelectionBox({ selection, yaml, onEdit, onShowYaml, fields }: SelectionBoxProps): ReactNode {
  const { name } = selection;
  return (
    <fieldset className={css["selection"]} aria-label={`Selection ${name}`}>
      <div className={css["selectionHead"]}>
        <NameInput name={name} onRename={(to) => onEdit(renameSelection(yaml, name, to))} />
        <span className="muted">
          {selection.kind === "keywords"
            ? "any of these words"
            : selection.kind === "fields"
              ? "all of these"
              : ""}
        </span>
        <span className="grow" />
        <Button
          tone="quiet"
          iconLabel={`Take the selection ${name} away`}
          onClick={() => onEdit(dropSelection(yaml, name))}
        >
          <IconTrash size={14} />
        </Button>
      </div>
      {selection.kind === "fields" && (
        <SelectionLines name={name} lines={selection.lines} yaml={yaml} onEdit={onEdit} fields={fields} />
      )}
      {selection.kind === "keywords" && (
        <ListField
          label="Words, one a line"
          values={selection.values}
          onChange={(values) => onEdit(setKeywords(yaml, name, values))}
        />
      )}
      {selection.kind === "other" && (
        <p className="muted">
          <LogText text={name} limit={80} isExpandable={false} /> says more than this form can.{" "}
          <button type="button" className="link" onClick={onShowYaml}>
            Only in YAML
          </button>
        </p>
      )}
    </fieldset>
  );
}

/** Renamed when it is left: half a name would be another selection. */
function NameInput({ name, onRename }: { readonly name: string; readonly onRename: (to: string) => void }) {
  const [draft, setDraft] = useState<string>();
  const finish = () => {
    const to = (draft ?? "").trim();
    setDraft(undefined);
    if (to !== "" && to !== name && /^[\w-]+$/.test(to)) onRename(to);
  };
  return (
    <TextInput
      aria-label={`Name of the selection ${name}`}
      isMono
      value={draft ?? name}
      onChange={(event) => setDraft(event.target.value)}
      onBlur={finish}
      onKeyDown={(event) => {
        if (event.key === "Enter") finish();
      }}
    />
  );
}

interface ListFieldProps {
  readonly label: string;
  readonly values: readonly string[];
  readonly onChange: (values: readonly string[]) => void;
}

/** Values line by line. What is typed stays as typed until it is left, so that a new line can be begun. */
function ListField({ label, values, onChange }: ListFieldProps): ReactNode {
  return <DraftField label={label} values={values} onChange={onChange} split={/\n/} join={"\n"} />;
}

function WordsField({ label, values, onChange }: ListFieldProps): ReactNode {
  return <DraftField label={label} values={values} onChange={onChange} split={/[\s,]+/} join=" " />;
}

interface DraftFieldProps extends ListFieldProps {
  readonly split: RegExp;
  readonly join: string;
}

function DraftField({ label, values, onChange, split, join }: DraftFieldProps): ReactNode {
  const [draft, setDraft] = useState<string>();
  const shown = draft ?? values.join(join);
  const edit = (text: string) => {
    setDraft(text);
    onChange(
      text
        .split(split)
        .map((one) => one.trim())
        .filter((one) => one !== ""),
    );
  };
  return (
    <Field label={label}>
      {(control) =>
        join === "\n" ? (
          <TextArea
            {...control}
            rows={Math.min(8, Math.max(2, values.length))}
            value={shown}
            onChange={(event) => edit(event.target.value)}
            onBlur={() => setDraft(undefined)}
          />
        ) : (
          <TextInput
            {...control}
            isMono
            value={shown}
            onChange={(event) => edit(event.target.value)}
            onBlur={() => setDraft(undefined)}
          />
        )
      }
    </Field>
  );
}

function freeName(selections: readonly Selection[]): string {
  const names = new Set(selections.map(({ name }) => name));
  for (let n = 1; ; n++) {
    const name = n === 1 ? "selection" : `selection_${n}`;
    if (!names.has(name)) return name;
  }
}
