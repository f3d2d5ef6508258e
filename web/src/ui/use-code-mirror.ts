import type { EditorState } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { type RefObject, useEffect, useRef } from "react";

interface CodeMirror {
  /** For the element that the editor stands in. */
  readonly host: RefObject<HTMLDivElement | null>;
  readonly view: RefObject<EditorView | null>;
}

/**
 * An editor that shows a value which others may change. It lives in a shadow root: there its styles are a constructed sheet, which the
 * content-security policy allows, and no style element. Not part of the index: pages without an editor must not load it.
 *
 * @param makeState called once; what changes later is for its extensions to look up
 */
export function useCodeMirror(value: string, makeState: () => EditorState): CodeMirror {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const state = useRef(makeState);

  useEffect(() => {
    const element = host.current;
    if (element === null) return;
    const root = element.shadowRoot ?? element.attachShadow({ mode: "open" });
    const made = new EditorView({ root, parent: root, state: state.current() });
    view.current = made;
    return () => {
      made.destroy();
      view.current = null;
    };
  }, []);

  useEffect(() => {
    const shown = view.current;
    if (shown === null || shown.state.doc.toString() === value) return;
    shown.dispatch({ changes: { from: 0, to: shown.state.doc.length, insert: value } });
  }, [value]);

  return { host, view };
}
