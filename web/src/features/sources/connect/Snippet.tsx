import type { ReactNode } from "react";
import { CopyButton } from "../../../ui/index.ts";
import css from "./Connect.module.css";

interface SnippetProps {
  /** The file or place that the text goes into. */
  readonly place: string;
  readonly text: string;
}

/** Text to paste, beside where it goes. */
export function Snippet({ place, text }: SnippetProps): ReactNode {
  return (
    <section className={css["snippet"]} aria-label={place}>
      <div className={css["snippetHead"]}>
        <span className="mono muted ellipsis">{place}</span>
        <span className="grow" />
        <CopyButton text={text} label="Copy" />
      </div>
      <pre tabIndex={0} aria-label={`Text for ${place}`}>
        {text}
      </pre>
    </section>
  );
}
