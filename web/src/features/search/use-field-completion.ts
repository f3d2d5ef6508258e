import { type KeyboardEvent, useState } from "react";
import { flushSync } from "react-dom";
import { type SearchMode, useFields } from "../../api/index.ts";
import { completeField, fieldPrefixAt } from "./complete-field.ts";

interface Completing {
  readonly mode: SearchMode;
  readonly text: string;
  readonly onEdit: (text: string) => void;
  readonly onCaret: (at: number) => void;
}

/** Fields for the word before the caret: arrows choose, Tab accepts, Esc puts the list away. */
export function useFieldCompletion({ mode, text, onEdit, onCaret }: Completing) {
  const { data: fields } = useFields();
  const [caret, setCaret] = useState<number>();
  const [chosen, setChosen] = useState(0);
  const prefix = caret === undefined ? undefined : fieldPrefixAt(text, caret);
  const suggestions = prefix === undefined ? [] : completeField(prefix.text, fields?.items ?? []);

  const accept = (index: number) => {
    const field = suggestions[index];
    if (field === undefined || prefix === undefined) return;
    const inserted = mode === "text" ? `${field.name}:` : `${field.name} `;
    // At once: a person types on while a frame passes, and the caret must be there already.
    flushSync(() => {
      onEdit(text.slice(0, prefix.start) + inserted + text.slice(prefix.end));
      setCaret(undefined);
    });
    onCaret(prefix.start + inserted.length);
  };

  return {
    suggestions,
    chosen,
    accept,
    close: () => setCaret(undefined),
    onType: (at: number | null) => {
      setCaret(at ?? undefined);
      setChosen(0);
    },
    /** Whether the press was for the list. */
    onKey: (event: KeyboardEvent): boolean => {
      if (suggestions.length === 0) return false;
      const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
      if (step !== 0) setChosen((chosen + step + suggestions.length) % suggestions.length);
      else if (event.key === "Tab" && !event.shiftKey) accept(chosen);
      else if (event.key === "Escape") setCaret(undefined);
      else return false;
      event.preventDefault();
      event.stopPropagation();
      return true;
    },
  };
}

export type FieldCompletion = ReturnType<typeof useFieldCompletion>;
