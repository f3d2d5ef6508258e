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
import { EditorView, hoverTooltip, keymap, placeholder, type Tooltip } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import type { QueryCheckBody } from "@tyto/domain";
import { type ReactNode, useEffect, useRef } from "react";
import { type QueryEditorClient, useQueryEditor } from "../../api/index.ts";
import { useCommands } from "../../ui/index.ts";
import { useCodeMirror } from "../../ui/use-code-mirror.ts";
import { KQL_KEYWORDS, KQL_TABLES } from "./kql-words.ts";
import css from "./SearchPage.module.css";

interface KqlEditorProps {
  readonly value: string;
  readonly onEdit: (text: string) => void;
  readonly onRun: () => void;
  /** Names that have values although the text does not declare them. */
  readonly variables?: QueryCheckBody["variables"];
}

/** KQL with completion, hover and what is wrong, as it is written. */
export default function KqlEditor(props: KqlEditorProps): ReactNode {
  const editor = useQueryEditor();
  const live = useRef({ ...props, editor });
  useEffect(() => {
    live.current = { ...props, editor };
  });
  const { host, view } = useCodeMirror(props.value, () => stateOf(live));

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
      run: () => void format(props.value, { ...props, editor }),
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
  readonly editor: QueryEditorClient;
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
      autocompletion({ override: [(context) => complete(context, live.current)], icons: false }),
      hoverTooltip((view, at) => hoverAt(view, at, live.current)),
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
            void format(editor.state.doc.toString(), live.current);
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

function kqlToken(stream: {
  match(pattern: RegExp, consume?: boolean): unknown;
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
    if (KQL_KEYWORDS.has(word.replace(/~$/, ""))) return "keyword";
    if (stream.match(/^\(/, false)) return "function";
    return KQL_TABLES.has(word) ? "typeName" : "variableName";
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

/** The language's own kinds, in the words of the editor. */
const KINDS: Readonly<Record<string, string>> = {
  operator: "keyword",
  column: "property",
  function: "function",
  table: "class",
};

/** What fits here, as the server knows it: by the type of what stands before, with the columns that the pipe has at this place. */
async function complete(context: CompletionContext, { editor }: Live): Promise<CompletionResult | null> {
  const text = context.state.doc.toString();
  const word = context.matchBefore(/[\w.@-]+/);
  if (word === null && !context.explicit && !/\|\s*$/.test(text.slice(0, context.pos))) return null;
  const answer = await given(editor.complete(text, context.pos, signalOf(context)));
  if (answer === undefined || answer.items.length === 0) return null;
  const options = answer.items.map(({ label, kind, insert, detail }): Completion => ({
    label,
    apply: insert,
    detail,
    type: KINDS[kind] ?? "text",
  }));
  return { from: answer.span.start, to: answer.span.end, options, filter: false };
}

/** Nobody waits for what was asked about an older text. */
function signalOf(context: CompletionContext): AbortSignal {
  const controller = new AbortController();
  context.addEventListener("abort", () => controller.abort(), { onDocChange: true });
  return controller.signal;
}

/** Help that does not come is no help, and no fault to show. */
function given<T>(asked: Promise<T>): Promise<T | undefined> {
  return asked.catch(() => undefined);
}

async function hoverAt(view: EditorView, at: number, { editor }: Live): Promise<Tooltip | null> {
  const answer = await given(editor.hover(view.state.doc.toString(), at));
  if (answer === undefined || answer.text === "") return null;
  return {
    pos: answer.span.start,
    end: answer.span.end,
    create: () => {
      const dom = document.createElement("div");
      dom.className = "cm-said";
      dom.textContent = answer.text;
      return { dom };
    },
  };
}

/** The server reads the draft and says what is wrong, where. */
async function check(text: string, { editor, variables }: Live): Promise<readonly Diagnostic[]> {
  if (text.trim() === "") return [];
  const answer = await given(editor.check({ kql: text, ...(variables === undefined ? {} : { variables }) }));
  return (answer?.items ?? []).map(({ message, hint, span }) => ({
    from: Math.min(span.start, text.length),
    to: Math.min(Math.max(span.end, span.start + 1), text.length),
    severity: "error",
    message: hint === null ? message : `${message}: ${hint}`,
  }));
}

async function format(text: string, { editor, onEdit }: Live): Promise<void> {
  const answer = await given(editor.format(text));
  if (answer !== undefined) onEdit(answer.kql);
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
