import { type ChangeEvent, type KeyboardEvent, type ReactNode, useId, useRef, useState } from "react";
import type { SearchMode } from "../../api/index.ts";
import { Button, useCommands } from "../../ui/index.ts";
import css from "./SearchPage.module.css";
import { type FieldCompletion, useFieldCompletion } from "./use-field-completion.ts";

interface SearchBarProps {
  readonly mode: SearchMode;
  readonly query: string;
  readonly onRun: (query: string) => void;
  readonly onMode: (mode: SearchMode, draft: string) => void;
}

/** One bar, two languages. What stands in it is the person's until Run; after that it is the URL's. */
export function SearchBar({ mode, query, onRun, onMode }: SearchBarProps): ReactNode {
  const of = `${mode} ${query}`;
  const [draft, setDraft] = useState({ of, text: query });
  const text = draft.of === of ? draft.text : query;
  const edit = (next: string) => setDraft({ of, text: next });
  return (
    <form
      className={css["bar"]}
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        onRun(text);
      }}
    >
      <div className={css["modes"]} role="group" aria-label="Language of the query">
        <button type="button" aria-pressed={mode === "text"} onClick={() => onMode("text", text)}>
          Text
        </button>
        <button type="button" aria-pressed={mode === "kql"} onClick={() => onMode("kql", text)}>
          KQL
        </button>
      </div>
      <QueryBox key={mode} mode={mode} text={text} onEdit={edit} onRun={() => onRun(text)} />
      <Button type="submit" tone="primary" style={{ height: 32 }}>
        Run
      </Button>
    </form>
  );
}

interface QueryBoxProps {
  readonly mode: SearchMode;
  readonly text: string;
  readonly onEdit: (text: string) => void;
  readonly onRun: () => void;
}

const LABELS = {
  text: { placeholder: "Words, field:value, -not:this. Empty means everything.", label: "Search events" },
  kql: {
    placeholder: 'Events | where event.outcome == "failure" | summarize count() by user.name',
    label: "KQL query",
  },
} as const;

function QueryBox({ mode, text, onEdit, onRun }: QueryBoxProps): ReactNode {
  const box = useRef<HTMLInputElement & HTMLTextAreaElement>(null);
  const listId = useId();
  const focus = () => box.current?.focus();
  useCommands([{ id: "focus-query", label: "Edit the query", group: "This page", keys: ["/"], run: focus }]);
  const completion = useFieldCompletion({
    mode,
    text,
    onEdit,
    onCaret: (at) => box.current?.setSelectionRange(at, at),
  });
  const hasList = completion.suggestions.length > 0;

  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    if (completion.onKey(event)) return;
    if (event.key === "Escape") event.currentTarget.blur();
    const isRun = event.key === "Enter" && (event.ctrlKey || event.metaKey || event.shiftKey);
    if (mode !== "kql" || !isRun) return;
    event.preventDefault();
    onRun();
  };
  const control = {
    ref: box,
    className: css["query"],
    "aria-label": LABELS[mode].label,
    placeholder: LABELS[mode].placeholder,
    "aria-controls": hasList ? listId : undefined,
    "aria-activedescendant": hasList ? `${listId}-${completion.chosen}` : undefined,
    "aria-autocomplete": "list" as const,
    autoComplete: "off",
    spellCheck: false,
    maxLength: 16_384,
    value: text,
    onChange: ({ currentTarget }: ChangeEvent<HTMLInputElement & HTMLTextAreaElement>) => {
      onEdit(currentTarget.value);
      completion.onType(currentTarget.selectionStart);
    },
    onBlur: completion.close,
    onKeyDown,
  };

  return (
    <div className={css["box"]}>
      {mode === "text" ? (
        <input role="combobox" aria-expanded={hasList} {...control} />
      ) : (
        <textarea rows={2} {...control} />
      )}
      <span className={css["hint"]} aria-hidden="true">
        {mode === "text" ? <kbd>/</kbd> : <kbd>Ctrl ↵</kbd>}
      </span>
      {hasList && <Suggestions id={listId} completion={completion} />}
    </div>
  );
}

function Suggestions({
  id,
  completion,
}: {
  readonly id: string;
  readonly completion: FieldCompletion;
}): ReactNode {
  return (
    <div id={id} role="listbox" aria-label="Fields" className={css["suggestions"]}>
      {completion.suggestions.map((field, index) => (
        <div
          key={field.name}
          id={`${id}-${index}`}
          role="option"
          aria-selected={index === completion.chosen}
          className={css["suggestion"]}
          onPointerDown={(event) => {
            // Keeps the focus in the box.
            event.preventDefault();
            completion.accept(index);
          }}
        >
          <span className="mono">{field.name}</span>
          <span className="muted small ellipsis">{field.description}</span>
        </div>
      ))}
    </div>
  );
}
