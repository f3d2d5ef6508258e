import type { ReactNode } from "react";
import { Field, Select, TextArea, TextInput } from "../../../ui/index.ts";
import css from "./Connect.module.css";
import type { Entries, FieldSpec } from "./schema-form.ts";

interface SchemaFieldsProps {
  readonly fields: readonly FieldSpec[];
  readonly entries: Entries;
  readonly problems: Readonly<Record<string, string>>;
  readonly isSecret: boolean;
  readonly onChange: (name: string, entry: string) => void;
}

/** A control for each field. */
export function SchemaFields({
  fields,
  entries,
  problems,
  isSecret,
  onChange,
}: SchemaFieldsProps): ReactNode {
  return fields.map((field) => (
    <Field
      key={field.name}
      label={field.isRequired ? field.label : `${field.label} (optional)`}
      hint={hintOf(field)}
      problem={problems[field.name]}
    >
      {(control) => (
        <SchemaControl
          field={field}
          entry={entries[field.name] ?? ""}
          isSecret={isSecret}
          onChange={(entry) => onChange(field.name, entry)}
          control={control}
        />
      )}
    </Field>
  ));
}

function hintOf({ hint, control }: FieldSpec): string {
  const shape =
    control.kind === "lines"
      ? "One a line."
      : control.kind === "pairs"
        ? "NAME=value, one a line."
        : control.kind === "objects"
          ? `One a line: ${control.properties.map((name, at) => (at === 0 ? name : `${name}=…`)).join(" ")}`
          : "";
  return [hint === "" ? "" : `${hint}.`.replace(/([.?!])\.$/, "$1"), shape].filter(Boolean).join(" ");
}

interface SchemaControlProps {
  readonly field: FieldSpec;
  readonly entry: string;
  readonly isSecret: boolean;
  readonly onChange: (entry: string) => void;
  readonly control: {
    readonly id: string;
    readonly "aria-invalid": boolean;
    readonly "aria-describedby": string | undefined;
  };
}

function SchemaControl({ field, entry, isSecret, onChange, control }: SchemaControlProps): ReactNode {
  const kind = field.control;
  switch (kind.kind) {
    case "flag":
      return <ChoiceSelect control={control} entry={entry} choices={["true", "false"]} onChange={onChange} />;
    case "choice":
      return <ChoiceSelect control={control} entry={entry} choices={kind.choices} onChange={onChange} />;
    case "choices":
      return <ChoiceBoxes label={field.label} entry={entry} choices={kind.choices} onChange={onChange} />;
    case "lines":
    case "pairs":
    case "objects":
      return (
        <TextArea
          {...control}
          isMono
          rows={2}
          value={entry}
          spellCheck={false}
          onChange={(event) => onChange(event.target.value)}
        />
      );
    case "whole":
      return (
        <TextInput
          {...control}
          inputMode="numeric"
          value={entry}
          onChange={(event) => onChange(event.target.value)}
        />
      );
    case "text":
      return kind.isLong ? (
        <TextArea
          {...control}
          isMono
          rows={4}
          value={entry}
          spellCheck={false}
          onChange={(event) => onChange(event.target.value)}
        />
      ) : (
        <TextInput
          {...control}
          type={isSecret ? "password" : "text"}
          autoComplete={isSecret ? "new-password" : "off"}
          spellCheck={false}
          value={entry}
          onChange={(event) => onChange(event.target.value)}
        />
      );
  }
}

interface ChoiceProps {
  readonly entry: string;
  readonly choices: readonly string[];
  readonly onChange: (entry: string) => void;
}

function ChoiceSelect({
  control,
  entry,
  choices,
  onChange,
}: ChoiceProps & Pick<SchemaControlProps, "control">): ReactNode {
  const words: Readonly<Record<string, string>> = { true: "Yes", false: "No" };
  return (
    <Select {...control} value={entry} onChange={(event) => onChange(event.target.value)}>
      <option value="">Default</option>
      {choices.map((choice) => (
        <option key={choice} value={choice}>
          {words[choice] ?? choice}
        </option>
      ))}
    </Select>
  );
}

function ChoiceBoxes({
  label,
  entry,
  choices,
  onChange,
}: ChoiceProps & { readonly label: string }): ReactNode {
  const chosen = entry.split("\n").filter(Boolean);
  return (
    <div role="group" aria-label={label} className={css["boxes"]}>
      {choices.map((choice) => (
        <label key={choice}>
          <input
            type="checkbox"
            checked={chosen.includes(choice)}
            onChange={(event) =>
              onChange(
                choices
                  .filter((one) => (one === choice ? event.target.checked : chosen.includes(one)))
                  .join("\n"),
              )
            }
          />
          <span className="mono">{choice}</span>
        </label>
      ))}
    </div>
  );
}
