export interface SentencePart {
  readonly text: string;
  readonly isName: boolean;
}

/** Takes a sentence apart at its `**names**`. A lone `**` is text. */
export function parseSentence(sentence: string): readonly SentencePart[] {
  const pieces = sentence.split("**");
  if (pieces.length % 2 === 0) {
    const rest = pieces.splice(-2);
    pieces.push(rest.join("**"));
  }
  return pieces.map((text, index) => ({ text, isName: index % 2 === 1 })).filter((part) => part.text !== "");
}
