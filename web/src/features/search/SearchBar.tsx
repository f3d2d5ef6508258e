import { type KeyboardEvent, type ReactNode, useId, useRef, useState } from "react";
import { type SearchMode, useFields } from "../../api/index.ts";
import { Button, useCommands } from "../../ui/index.ts";
import { completeField, fieldPrefixAt } from "./complete-field.ts";
import css from "./SearchPage.module.css";

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
  const { data: fields } = useFields();
  const [caret, setCaret] = useState<number>();
  const [chosen, setChosen] = useState(0);
  useCommands([
    {
      id: "focus-query",
      label: "Edit the query",
      group: "This page",
      keys: ["/"],
      run: () => box.current?.focus(),
    },
  ]);

  const prefix = caret === undefined ? undefined : fieldPrefixAt(text, caret);
  const suggestions = prefix === undefined ? [] : completeField(prefix.text, fields?.items ?? []);
  const accept = (index: number) => {
    const field = suggestions[index];
    if (field === undefined || prefix === undefined) return;
    const inserted = mode === "text" ? `${field.name}:` : `${field.name} `;
    onEdit(text.slice(0, prefix.start) + inserted + text.slice(prefix.end));
    setCaret(undefined);
    const at = prefix.start + inserted.length;
    requestAnimationFrame(() => box.current?.setSelectionRange(at, at));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (suggestions.length > 0 && step !== 0) {
      event.preventDefault();
      setChosen((chosen + step + suggestions.length) % suggestions.length);
    } else if (suggestions.length > 0 && event.key === "Tab" && !event.shiftKey) {
      event.preventDefault();
      accept(chosen);
    } else if (event.key === "Escape") {
      if (suggestions.length > 0) setCaret(undefined);
      else box.current?.blur();
      event.stopPropagation();
    } else if (
      event.key === "Enter" &&
      mode === "kql" &&
      (event.ctrlKey || event.metaKey || event.shiftKey)
    ) {
      event.preventDefault();
      onRun();
    }
  };
  const control = {
    ref: box,
    className: css["query"],
    "aria-label": LABELS[mode].label,
    placeholder: LABELS[mode].placeholder,
    role: "combobox",
    "aria-expanded": suggestions.length > 0,
    "aria-controls": listId,
    "aria-activedescendant": suggestions.length > 0 ? `${listId}-${chosen}` : undefined,
    "aria-autocomplete": "list" as const,
    autoComplete: "off",
    spellCheck: false,
    maxLength: 16_384,
    value: text,
    onChange: (event: { currentTarget: { value: string; selectionStart: number | null } }) => {
      onEdit(event.currentTarget.value);
      setCaret(event.currentTarget.selectionStart ?? undefined);
      setChosen(0);
    },
    onBlur: () => setCaret(undefined),
    onKeyDown,
  };

  return (
    <div className={css["box"]}>
      {mode === "text" ? <input {...control} /> : <textarea rows={2} {...control} />}
      <span className={css["hint"]} aria-hidden="true">
        {mode === "text" ? <kbd>/</kbd> : <kbd>Ctrl ↵</kbd>}
      </span>
      {suggestions.length > 0 && (
        <div id={listId} role="listbox" aria-label="Fields" className={css["suggestions"]}>
          {suggestions.map((field, index) => (
            <div
              key={field.name}
              id={`${listId}-${index}`}
              role="option"
              aria-selected={index === chosen}
              className={css["suggestion"]}
              onPointerDown={(event) => {
                // Keeps the focus in the box.
                event.preventDefault();
                accept(index);
              }}
            >
              <span className="mono">{field.name}</span>
              <span className="muted small ellipsis">{field.description}</span>
            </div>
          ))}
        </div>
      )}
    </div>
  );
}
