import { IconPlus, IconTrash } from "@tabler/icons-react";
import { type ReactNode, useId, useState } from "react";
import { Button, TextArea, TextInput } from "../../../ui/index.ts";
import css from "./Editor.module.css";
import { type SelectionLine, setLine } from "./rule-yaml.ts";
import { MODIFIERS } from "./sigma-words.ts";

interface SelectionLinesProps {
  readonly name: string;
  readonly lines: readonly SelectionLine[];
  readonly yaml: string;
  readonly onEdit: (yaml: string) => void;
  readonly fields: readonly string[];
}

/** Field, modifiers and values, line by line. */
export function SelectionLines({ name, lines, yaml, onEdit, fields }: SelectionLinesProps): ReactNode {
  const id = useId();
  return (
    <>
      <datalist id={`${id}-fields`}>
        {fields.map((field) => (
          <option key={field} value={field} />
        ))}
      </datalist>
      <datalist id={`${id}-modifiers`}>
        {MODIFIERS.map(([modifier, meaning]) => (
          <option key={modifier} value={modifier}>
            {meaning}
          </option>
        ))}
      </datalist>
      {lines.map((line, index) => (
        <Line
          key={index}
          place={`${name}, line ${index + 1}`}
          line={line}
          listIds={id}
          onChange={(next) => onEdit(setLine(yaml, name, index, next))}
        />
      ))}
      <Button
        tone="quiet"
        onClick={() =>
          onEdit(
            setLine(yaml, name, lines.length, { field: freeField(lines), modifiers: "", values: ["value"] }),
          )
        }
      >
        <IconPlus size={14} aria-hidden="true" /> Add a line to {name}
      </Button>
    </>
  );
}

interface LineProps {
  readonly place: string;
  readonly line: SelectionLine;
  readonly listIds: string;
  readonly onChange: (line: SelectionLine | null) => void;
}

/** What is typed is written when it is whole: a field's name when it is left, values as they are typed. */
function Line({ place, line, listIds, onChange }: LineProps): ReactNode {
  const [draft, setDraft] = useState<Partial<Record<"field" | "modifiers" | "values", string>>>({});
  const leave = () => {
    const field = (draft.field ?? line.field).trim();
    const modifiers = (draft.modifiers ?? line.modifiers).trim().replace(/^\||\|$/g, "");
    setDraft({});
    if (field !== "" && (field !== line.field || modifiers !== line.modifiers))
      onChange({ ...line, field, modifiers });
  };
  return (
    <div className={css["line"]}>
      <TextInput
        aria-label={`Field of ${place}`}
        isMono
        list={`${listIds}-fields`}
        value={draft.field ?? line.field}
        onChange={(event) => setDraft({ ...draft, field: event.target.value })}
        onBlur={leave}
      />
      <TextInput
        aria-label={`Modifiers of ${place}`}
        isMono
        placeholder="equals"
        list={`${listIds}-modifiers`}
        value={draft.modifiers ?? line.modifiers}
        onChange={(event) => setDraft({ ...draft, modifiers: event.target.value })}
        onBlur={leave}
      />
      <TextArea
        aria-label={`Values of ${place}, one a line`}
        isMono
        rows={Math.min(6, Math.max(1, line.values.length))}
        value={draft.values ?? line.values.join("\n")}
        onChange={(event) => {
          setDraft({ ...draft, values: event.target.value });
          const values = event.target.value.split("\n").filter((one) => one !== "");
          if (values.length > 0) onChange({ ...line, values });
        }}
        onBlur={() => setDraft({})}
      />
      <Button tone="quiet" iconLabel={`Take ${place} away`} onClick={() => onChange(null)}>
        <IconTrash size={14} />
      </Button>
    </div>
  );
}

function freeField(lines: readonly SelectionLine[]): string {
  const names = new Set(lines.map(({ field }) => field));
  const free = ["Image", "CommandLine", "User", "field"].find((name) => !names.has(name));
  return free ?? `field${lines.length}`;
}
