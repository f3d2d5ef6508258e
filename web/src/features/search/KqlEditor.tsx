import {
  acceptCompletion,
  autocompletion,
  closeBrackets,
  type Completion,
  type CompletionContext,
  type CompletionResult,
  completionKeymap,
} from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { bracketMatching, HighlightStyle, StreamLanguage, syntaxHighlighting } from "@codemirror/language";
import { type Diagnostic, linter } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import { EditorView, hoverTooltip, keymap, placeholder } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import type { FieldList } from "@tyto/domain";
import { type ReactNode, useEffect, useRef } from "react";
import { ApiError, useFields, usePlanner } from "../../api/index.ts";
import { type TimeRange, useCommands } from "../../ui/index.ts";
import { formatKql, KQL_FUNCTIONS, KQL_OPERATORS, KQL_TABLES, KQL_WORDS } from "./kql-words.ts";
import css from "./SearchPage.module.css";

interface KqlEditorProps {
  readonly value: string;
  readonly range: TimeRange;
  readonly onEdit: (text: string) => void;
  readonly onRun: () => void;
}

/**
 * KQL with completion, hover and what is wrong, as it is written. It lives in a shadow root: there its styles are a constructed sheet,
 * which the content-security policy allows, and no style element.
 */
export default function KqlEditor(props: KqlEditorProps): ReactNode {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const plan = usePlanner();
  const { data: fields } = useFields();
  const live = useRef({ ...props, plan, fields: fields?.items ?? [] });
  useEffect(() => {
    live.current = { ...props, plan, fields: fields?.items ?? [] };
  });

  useEffect(() => {
    const element = host.current;
    if (element === null) return;
    const root = element.shadowRoot ?? element.attachShadow({ mode: "open" });
    const editor = new EditorView({ root, parent: root, state: stateOf(live) });
    view.current = editor;
    return () => {
      editor.destroy();
      view.current = null;
    };
  }, []);

  useEffect(() => {
    const editor = view.current;
    if (editor === null || editor.state.doc.toString() === props.value) return;
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: props.value } });
  }, [props.value]);

  useCommands([
    {
      id: "focus-query",
      label: "Edit the query",
      group: "This page",
      keys: ["/"],
      run: () => view.current?.focus(),
    },
    {
      id: "format-kql",
      label: "Format the query",
      group: "This page",
      run: () => props.onEdit(formatKql(props.value)),
    },
  ]);
  return (
    <div className={css["box"]}>
      <div ref={host} className={css["editor"]} />
      <span className={css["hint"]} aria-hidden="true">
        <kbd>Ctrl ↵</kbd>
      </span>
    </div>
  );
}

interface Live extends KqlEditorProps {
  readonly plan: ReturnType<typeof usePlanner>;
  readonly fields: FieldList["items"];
}

function stateOf(live: { readonly current: Live }): EditorState {
  return EditorState.create({
    doc: live.current.value,
    extensions: [
      history(),
      bracketMatching(),
      closeBrackets(),
      EditorView.lineWrapping,
      EditorView.contentAttributes.of({
        "aria-label": "KQL query",
        spellcheck: "false",
        autocapitalize: "off",
      }),
      placeholder('Events | where event.outcome == "failure" | summarize count() by user.name'),
      EditorState.changeFilter.of((change) => change.newDoc.length <= 16_384),
      StreamLanguage.define({ token: kqlToken, languageData: { commentTokens: { line: "//" } } }),
      syntaxHighlighting(COLORS),
      autocompletion({ override: [(context) => complete(context, live.current.fields)], icons: false }),
      hoverTooltip((editor, at) => hoverAt(editor, at, live.current.fields)),
      linter((editor) => check(editor.state.doc.toString(), live.current), { delay: 600 }),
      keymap.of([
        {
          key: "Mod-Enter",
          run: () => {
            live.current.onRun();
            return true;
          },
        },
        {
          key: "Shift-Alt-f",
          run: (editor) => {
            live.current.onEdit(formatKql(editor.state.doc.toString()));
            return true;
          },
        },
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

const OPERATOR_WORDS = new Set(KQL_OPERATORS.flatMap(([word]) => word.split(" ")));
const FUNCTION_WORDS = new Set(KQL_FUNCTIONS.map(([name]) => name.replace("()", "")));
const TABLE_WORDS = new Set(KQL_TABLES.map(([name]) => name));
const WORDS = new Set(KQL_WORDS);

function kqlToken(stream: {
  match(pattern: RegExp): unknown;
  eatSpace(): boolean;
  next(): unknown;
  skipToEnd(): void;
  current(): string;
}): string | null {
  if (stream.eatSpace()) return null;
  if (stream.match(/^\/\//)) {
    stream.skipToEnd();
    return "comment";
  }
  if (stream.match(/^@?"(?:\\.|[^"\\])*"?/) || stream.match(/^@?'(?:\\.|[^'\\])*'?/)) return "string";
  if (stream.match(/^\d+(?:\.\d+)?(?:[smhd]|ms)?\b/)) return "number";
  if (stream.match(/^[A-Za-z_][\w.-]*~?/)) {
    const word = stream.current();
    if (OPERATOR_WORDS.has(word) || WORDS.has(word)) return "keyword";
    if (FUNCTION_WORDS.has(word)) return "function";
    return TABLE_WORDS.has(word) ? "typeName" : "variableName";
  }
  stream.next();
  return "operator";
}

const COLORS = HighlightStyle.define([
  { tag: tags.keyword, color: "var(--accent)" },
  { tag: tags.string, color: "var(--series-5)" },
  { tag: tags.number, color: "var(--series-6)" },
  { tag: tags.comment, color: "var(--muted)" },
  { tag: tags.typeName, color: "var(--series-3)" },
  { tag: tags.function(tags.variableName), color: "var(--series-2)" },
]);

function complete(context: CompletionContext, fields: FieldList["items"]): CompletionResult | null {
  const word = context.matchBefore(/[A-Za-z_@][\w.]*/);
  const before = context.state.sliceDoc(0, word?.from ?? context.pos).trimEnd();
  if (word === null && !context.explicit && !before.endsWith("|")) return null;
  const offer = (words: readonly (readonly [string, string])[], type: string): readonly Completion[] =>
    words.map(([label, info]) => ({
      label,
      type,
      detail: info,
      apply: label.endsWith("()") ? label.slice(0, -1) : label,
    }));
  const options =
    before === ""
      ? offer(KQL_TABLES, "class")
      : before.endsWith("|")
        ? offer(KQL_OPERATORS, "keyword")
        : [
            ...fields.map(({ name, description, isColumn }): Completion => ({
              label: name,
              type: "property",
              detail: description,
              boost: isColumn ? 1 : 0,
            })),
            ...offer(KQL_FUNCTIONS, "function"),
            ...KQL_WORDS.map((label): Completion => ({ label, type: "keyword" })),
          ];
  return { from: word?.from ?? context.pos, options: [...options], validFor: /^[\w.@]*$/ };
}

function hoverAt(editor: EditorView, at: number, fields: FieldList["items"]) {
  const line = editor.state.doc.lineAt(at);
  for (const match of line.text.matchAll(/[A-Za-z_][\w.-]*/g)) {
    const from = line.from + match.index;
    const to = from + match[0].length;
    if (at < from || at > to) continue;
    const field = fields.find(({ name }) => name === match[0]);
    const known = [...KQL_OPERATORS, ...KQL_FUNCTIONS, ...KQL_TABLES].find(
      ([word]) => word.replace("()", "") === match[0],
    );
    const text = field === undefined ? known?.[1] : `${field.type}. ${field.description}`;
    if (text === undefined) return null;
    return {
      pos: from,
      end: to,
      create: () => {
        const dom = document.createElement("div");
        dom.className = "cm-said";
        dom.textContent = text;
        return { dom };
      },
    };
  }
  return null;
}

/** The server compiles the draft and says what is wrong, where. */
async function check(text: string, { plan, range }: Live): Promise<readonly Diagnostic[]> {
  if (text.trim() === "") return [];
  try {
    await plan({ mode: "kql", query: text, ...range });
    return [];
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== "query-invalid" || error.at === undefined) return [];
    const lines = text.split("\n");
    const start = lines.slice(0, error.at.line - 1).reduce((sum, line) => sum + line.length + 1, 0);
    const from = Math.min(text.length, start + error.at.column - 1);
    const to = Math.min(text.length, Math.max(from + 1, from + (error.at.length ?? 1)));
    const message = error.hint === undefined ? error.message : `${error.message}: ${error.hint}`;
    return [{ from: Math.min(from, to), to, severity: "error", message }];
  }
}

const THEME = EditorView.theme({
  "&": { backgroundColor: "var(--surface)", color: "var(--text)", fontSize: "12px", maxHeight: "220px" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "18px", overflow: "auto" },
  ".cm-content": { padding: "6px 0", caretColor: "var(--text)", minHeight: "36px" },
  ".cm-line": { padding: "0 64px 0 10px" },
  ".cm-cursor": { borderLeftColor: "var(--text)" },
  "&.cm-focused .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "var(--tint) !important",
  },
  ".cm-placeholder": { color: "var(--muted)" },
  ".cm-matchingBracket": { backgroundColor: "var(--tint) !important" },
  ".cm-tooltip": {
    border: "1px solid var(--border)",
    borderRadius: "8px",
    backgroundColor: "var(--raised)",
    boxShadow: "var(--shadow)",
    color: "var(--text)",
  },
  ".cm-tooltip-autocomplete ul": {
    fontFamily: "var(--mono) !important",
    maxHeight: "240px !important",
    padding: "4px",
  },
  ".cm-tooltip-autocomplete ul li": { padding: "2px 8px !important", borderRadius: "5px" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": {
    backgroundColor: "var(--tint) !important",
    color: "var(--text) !important",
  },
  ".cm-completionDetail": {
    marginLeft: "16px",
    color: "var(--muted)",
    fontStyle: "normal",
    fontFamily: "var(--font)",
  },
  ".cm-completionMatchedText": { textDecoration: "none", color: "var(--accent)" },
  ".cm-diagnostic": {
    padding: "4px 10px",
    borderLeft: "3px solid var(--critical)",
    fontFamily: "var(--font)",
  },
  ".cm-lintRange-error": {
    backgroundImage: "none",
    textDecoration: "underline wavy var(--critical)",
    textUnderlineOffset: "3px",
  },
  ".cm-said": { maxWidth: "420px", padding: "4px 10px", fontFamily: "var(--font)" },
});
