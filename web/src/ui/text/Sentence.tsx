import type { ReactNode } from "react";
import { LogText } from "./LogText.tsx";
import { parseSentence } from "./sentence.ts";

/** An alert's sentence, its names in bold. The names come out of logs. */
export function Sentence({ text }: { readonly text: string }): ReactNode {
  return parseSentence(text).map((part, index) =>
    part.isName ? (
      <b key={index}>
        <LogText text={part.text} limit={200} />
      </b>
    ) : (
      <LogText key={index} text={part.text} />
    ),
  );
}
