import {
  type ChangeEvent,
  type KeyboardEvent,
  lazy,
  type ReactNode,
  Suspense,
  useEffect,
  useId,
  useRef,
  useState,
} from "react";
import { useSearchPlan } from "../../api/index.ts";
import { Button, formatBytes, formatCount, useCommands } from "../../ui/index.ts";
import css from "./SearchPage.module.css";
import { type FieldCompletion, useFieldCompletion } from "./use-field-completion.ts";
import type { SearchState } from "./use-search-page.ts";

const KqlEditor = lazy(() => import("./KqlEditor.tsx"));

/** One bar, two languages. What stands in it is the person's until Run; after that it is the URL's. */
export function SearchBar({ state }: { readonly state: SearchState }): ReactNode {
  const { mode, query } = state;
  const of = `${mode} ${query}`;
  const [draft, setDraft] = useState({ of, text: query });
  const text = draft.of === of ? draft.text : query;
  const edit = (next: string) => setDraft({ of, text: next });
  const run = () => state.ask(text, { event: undefined });
  return (
    <form
      className={css["bar"]}
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        run();
      }}
    >
      <div className={css["modes"]} role="group" aria-label="Language of the query">
        <button type="button" aria-pressed={mode === "text"} onClick={() => state.switchMode("text", text)}>
          Text
        </button>
        <button type="button" aria-pressed={mode === "kql"} onClick={() => state.switchMode("kql", text)}>
          KQL
        </button>
      </div>
      {mode === "text" ? (
        <TextBox text={text} onEdit={edit} />
      ) : (
        <Suspense fallback={<div className={css["editorPlace"]} />}>
          <KqlEditor value={text} onEdit={edit} onRun={run} />
        </Suspense>
      )}
      <div className={css["runBox"]}>
        <Button type="submit" tone="primary" style={{ height: 32 }}>
          Run
        </Button>
        <CostHint state={state} draft={text} />
      </div>
    </form>
  );
}

const STILL_MS = 700;

/** What a draft would read at most, once the person has stopped typing. */
function CostHint({ state, draft }: { readonly state: SearchState; readonly draft: string }): ReactNode {
  const [still, setStill] = useState(draft);
  useEffect(() => {
    const timer = setTimeout(() => setStill(draft), STILL_MS);
    return () => clearTimeout(timer);
  }, [draft]);
  const isChanged = draft !== state.query && still === draft;
  const { data } = useSearchPlan({ ...state.request, query: still }, isChanged);
  if (!isChanged || data === undefined) return null;
  return (
    <span
      className={css["cost"]}
      role="status"
      title="What the engine reads at most for this query in this time"
    >
      ≤ {formatCount(data.rows)} rows, {formatBytes(data.bytes)}
    </span>
  );
}

interface TextBoxProps {
  readonly text: string;
  readonly onEdit: (text: string) => void;
}

function TextBox({ text, onEdit }: TextBoxProps): ReactNode {
  const box = useRef<HTMLInputElement>(null);
  const listId = useId();
  const focus = () => box.current?.focus();
  useCommands([{ id: "focus-query", label: "Edit the query", group: "This page", keys: ["/"], run: focus }]);
  const completion = useFieldCompletion({
    mode: "text",
    text,
    onEdit,
    onCaret: (at) => box.current?.setSelectionRange(at, at),
  });
  const hasList = completion.suggestions.length > 0;
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    if (completion.onKey(event)) return;
    if (event.key === "Escape") event.currentTarget.blur();
  };
  return (
    <div className={css["box"]}>
      <input
        ref={box}
        role="combobox"
        className={css["query"]}
        aria-label="Search events"
        aria-expanded={hasList}
        aria-controls={hasList ? listId : undefined}
        aria-activedescendant={hasList ? `${listId}-${completion.chosen}` : undefined}
        aria-autocomplete="list"
        placeholder="Words, field:value, -not:this. Empty means everything."
        autoComplete="off"
        spellCheck={false}
        maxLength={16_384}
        value={text}
        onChange={({ currentTarget }: ChangeEvent<HTMLInputElement>) => {
          onEdit(currentTarget.value);
          completion.onType(currentTarget.selectionStart);
        }}
        onBlur={completion.close}
        onKeyDown={onKeyDown}
      />
      <span className={css["hint"]} aria-hidden="true">
        <kbd>/</kbd>
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
