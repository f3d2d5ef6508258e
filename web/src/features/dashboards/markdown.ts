export interface Inline {
  readonly kind: "text" | "strong" | "emphasis" | "code";
  readonly text: string;
}

export type MarkdownBlock =
  | { readonly kind: "heading" | "paragraph"; readonly parts: readonly Inline[] }
  | { readonly kind: "code"; readonly text: string }
  | { readonly kind: "list"; readonly isOrdered: boolean; readonly items: readonly (readonly Inline[])[] };

const HEADING = /^#{1,6}\s+(.*)$/;
const BULLET = /^\s*[-*]\s+(.*)$/;
const NUMBERED = /^\s*\d{1,3}[.)]\s+(.*)$/;

/** Headings, lists, code, bold, italics: no HTML, no links, no images. What it does not know is text. */
export function readMarkdown(text: string): readonly MarkdownBlock[] {
  const blocks: MarkdownBlock[] = [];
  const lines = text.split(/\r?\n/);
  for (let at = 0; at < lines.length;) {
    const line = lines[at] ?? "";
    const while_ = (isOne: (line: string) => boolean): readonly string[] => {
      const start = at;
      while (at < lines.length && isOne(lines[at] ?? "")) at += 1;
      return lines.slice(start, at);
    };
    if (line.trim() === "") at += 1;
    else if (line.startsWith("```")) {
      at += 1;
      blocks.push({ kind: "code", text: while_((one) => !one.startsWith("```")).join("\n") });
      at += 1;
    } else if (HEADING.test(line)) {
      at += 1;
      blocks.push({ kind: "heading", parts: readInline(HEADING.exec(line)?.[1] ?? "") });
    } else if (BULLET.test(line) || NUMBERED.test(line)) {
      const form = BULLET.test(line) ? BULLET : NUMBERED;
      const items = while_((one) => form.test(one)).map((one) => readInline(form.exec(one)?.[1] ?? ""));
      blocks.push({ kind: "list", isOrdered: form === NUMBERED, items });
    } else {
      const isText = (one: string) =>
        one.trim() !== "" &&
        !one.startsWith("```") &&
        ![HEADING, BULLET, NUMBERED].some((form) => form.test(one));
      blocks.push({ kind: "paragraph", parts: readInline(while_(isText).join(" ")) });
    }
  }
  return blocks;
}

const INLINE = /`([^`]+)`|\*\*([^*]+)\*\*|\*([^*\s][^*]*)\*/g;

function readInline(text: string): readonly Inline[] {
  const parts: Inline[] = [];
  let start = 0;
  for (const match of text.matchAll(INLINE)) {
    if (match.index > start) parts.push({ kind: "text", text: text.slice(start, match.index) });
    const [whole, code, strong, emphasis] = match;
    if (code !== undefined) parts.push({ kind: "code", text: code });
    else if (strong !== undefined) parts.push({ kind: "strong", text: strong });
    else parts.push({ kind: "emphasis", text: emphasis ?? "" });
    start = match.index + whole.length;
  }
  if (start < text.length) parts.push({ kind: "text", text: text.slice(start) });
  return parts;
}
