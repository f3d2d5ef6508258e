import {
  acceptCompletion,
  autocompletion,
  type CompletionContext,
  type CompletionResult,
  completionKeymap,
} from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { HighlightStyle, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { type Diagnostic, lintGutter, setDiagnostics } from "@codemirror/lint";
import { EditorState, type Text } from "@codemirror/state";
import { EditorView, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import type { RuleProblem } from "@tyto/domain";
import { type ReactNode, type Ref, useEffect, useImperativeHandle, useRef } from "react";
import { useCodeMirror } from "../../../ui/use-code-mirror.ts";
import { MODIFIERS, RULE_KEYS } from "./sigma-words.ts";
import css from "./Editor.module.css";

export interface YamlEditorHandle {
  readonly goTo: (line: number, column: number) => void;
}

interface YamlEditorProps {
  readonly label: string;
  readonly value: string;
  readonly onEdit: (text: string) => void;
  readonly problems: readonly RuleProblem[];
  /** Names of fields that are offered. */
  readonly fields: readonly string[];
  readonly handle?: Ref<YamlEditorHandle>;
}

/** As the server takes it. */
const MAX_CHARACTERS = 65_536;

/** YAML with what is wrong at its place. */
export function YamlEditor(props: YamlEditorProps): ReactNode {
  const live = useRef(props);
  useEffect(() => {
    live.current = props;
  });
  const { value, problems, handle } = props;
  const { host, view } = useCodeMirror(value, () => stateOf(live));
  useEffect(() => {
    const shown = view.current;
    if (shown === null) return;
    shown.dispatch(setDiagnostics(shown.state, diagnosticsOf(problems, shown.state.doc)));
  }, [problems, view]);
  useImperativeHandle(handle, () => ({
    goTo: (line, column) => {
      const shown = view.current;
      if (shown === null) return;
      const at = placeOf(shown.state.doc, line, column);
      shown.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: "center" }) });
      shown.focus();
    },
  }));
  return <div ref={host} className={css["yaml"]} />;
}

function stateOf(live: { readonly current: YamlEditorProps }): EditorState {
  return EditorState.create({
    doc: live.current.value,
    extensions: [
      history(),
      lineNumbers(),
      lintGutter(),
      yaml(),
      indentUnit.of("  "),
      EditorState.tabSize.of(2),
      syntaxHighlighting(COLORS),
      EditorView.contentAttributes.of({
        "aria-label": live.current.label,
        // What scrolls has to be reached by key, and says so.
        tabindex: "0",
        spellcheck: "false",
        autocapitalize: "off",
      }),
      EditorState.changeFilter.of((change) => change.newDoc.length <= MAX_CHARACTERS),
      autocompletion({ override: [(context) => complete(context, live.current.fields)], icons: false }),
      keymap.of([
        { key: "Tab", run: acceptCompletion },
        ...completionKeymap,
        ...historyKeymap,
        ...defaultKeymap,
      ]),
      EditorView.updateListener.of((update) => {
        if (update.docChanged) live.current.onEdit(update.state.doc.toString());
      }),
      THEME,
    ],
  });
}

function placeOf(doc: Text, line: number, column: number): number {
  const { from, to } = doc.line(Math.max(1, Math.min(line, doc.lines)));
  return Math.min(to, from + Math.max(0, column - 1));
}

function diagnosticsOf(problems: readonly RuleProblem[], doc: Text): readonly Diagnostic[] {
  return problems
    .map(({ line, column, severity, message, hint }): Diagnostic => {
      const from = placeOf(doc, line, column);
      const word = /^[^\s:,\]}]+/.exec(doc.sliceString(from, doc.lineAt(from).to))?.[0] ?? "";
      return {
        from,
        to: from + Math.max(1, word.length) > doc.length ? doc.length : from + Math.max(1, word.length),
        severity,
        message: hint === null ? message : `${message} (${hint})`,
      };
    })
    .sort((a, b) => a.from - b.from);
}

/** Fields where a selection's line begins, modifiers behind its `|`, keys at the edge. */
function complete(context: CompletionContext, fields: readonly string[]): CompletionResult | null {
  const line = context.state.doc.lineAt(context.pos);
  const before = line.text.slice(0, context.pos - line.from);
  if (before.includes(":")) return null;
  const modifier = /\|([\w|]*)$/.exec(before);
  if (modifier !== null) {
    return {
      from: context.pos - (modifier[1]?.split("|").at(-1) ?? "").length,
      options: MODIFIERS.map(([label, detail]) => ({ label, detail, type: "keyword" })),
    };
  }
  const word = /(?:^|[\s-])([\w.@-]*)$/.exec(before)?.[1] ?? "";
  if (word === "" && !context.explicit) return null;
  const isEdge = /^[\w]*$/.test(before);
  const labels = isEdge ? RULE_KEYS : fields;
  return { from: context.pos - word.length, options: labels.map((label) => ({ label })) };
}

const COLORS = HighlightStyle.define([
  { tag: tags.propertyName, color: "var(--accent)" },
  { tag: tags.definition(tags.propertyName), color: "var(--accent)" },
  { tag: tags.string, color: "var(--series-5)" },
  { tag: tags.comment, color: "var(--muted)" },
  { tag: tags.punctuation, color: "var(--muted)" },
  { tag: tags.separator, color: "var(--muted)" },
]);

const THEME = EditorView.theme({
  "&": { backgroundColor: "var(--surface)", color: "var(--text)", fontSize: "12px", height: "100%" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "18px", overflow: "auto" },
  ".cm-content": { padding: "8px 0", caretColor: "var(--text)" },
  ".cm-gutters": {
    backgroundColor: "var(--surface)",
    color: "var(--muted)",
    border: "none",
    borderRight: "1px solid var(--border)",
  },
  ".cm-cursor": { borderLeftColor: "var(--text)" },
  "&.cm-focused .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "var(--tint) !important",
  },
  ".cm-tooltip": {
    border: "1px solid var(--border)",
    borderRadius: "8px",
    backgroundColor: "var(--raised)",
    boxShadow: "var(--shadow)",
    color: "var(--text)",
  },
  ".cm-tooltip-autocomplete ul": { fontFamily: "var(--mono) !important", maxHeight: "240px !important" },
  ".cm-tooltip-autocomplete ul li": { padding: "2px 8px !important" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": {
    backgroundColor: "var(--tint) !important",
    color: "var(--text) !important",
  },
  ".cm-completionDetail": { marginLeft: "16px", color: "var(--muted)", fontStyle: "normal" },
  ".cm-completionMatchedText": { textDecoration: "none", color: "var(--accent)" },
  ".cm-diagnostic": { padding: "4px 10px", fontFamily: "var(--font)" },
  ".cm-diagnostic-error": { borderLeft: "3px solid var(--critical)" },
  ".cm-diagnostic-warning": { borderLeft: "3px solid var(--medium)" },
  ".cm-lintRange-error": {
    backgroundImage: "none",
    textDecoration: "underline wavy var(--critical)",
    textUnderlineOffset: "3px",
  },
  ".cm-lintRange-warning": {
    backgroundImage: "none",
    textDecoration: "underline wavy var(--medium)",
    textUnderlineOffset: "3px",
  },
  ".cm-gutter-lint": { width: "14px" },
  ".cm-lint-marker": { width: "8px", height: "8px", marginTop: "5px" },
  ".cm-lint-marker-error": { content: "none", borderRadius: "2px", backgroundColor: "var(--critical)" },
  ".cm-lint-marker-warning": { content: "none", borderRadius: "50%", backgroundColor: "var(--medium)" },
});
