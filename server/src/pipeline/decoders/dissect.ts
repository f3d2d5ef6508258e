import type { DissectPart } from "../../content/index.ts";

/** Cuts text at literals. The values of the parts that are fields, in order; `undefined` when a literal is missing. */
export function dissect(text: string, parts: readonly DissectPart[]): readonly string[] | undefined {
  const values: string[] = [];
  let position = 0;
  for (let i = 0; i < parts.length; i += 1) {
    const part = parts[i];
    if (part === undefined) break;
    if (part.kind === "literal") {
      if (!text.startsWith(part.text, position)) return undefined;
      position += part.text.length;
      if (isPadded(parts[i - 1])) {
        while (part.text !== "" && text.startsWith(part.text, position)) position += part.text.length;
      }
      continue;
    }
    const next = parts[i + 1];
    const end = next?.kind === "literal" ? text.indexOf(next.text, position) : text.length;
    if (end < 0) return undefined;
    if (part.kind === "field") values.push(text.slice(position, end));
    position = end;
  }
  return position === text.length ? values : undefined;
}

function isPadded(part: DissectPart | undefined): boolean {
  return part !== undefined && part.kind !== "literal" && part.isPadded;
}
