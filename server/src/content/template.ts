import type { TemplatePart, ValueSource } from "./pack-definition.ts";

/**
 * `"{user.domain}\\{user.name}"`: fields in braces, `{{` and `}}` for the braces themselves. A text that is one field and
 * nothing else copies the value with its type. `undefined` when a brace is left open.
 */
export function parseTemplate(text: string): ValueSource | undefined {
  const parts: TemplatePart[] = [];
  let literal = "";
  for (let i = 0; i < text.length; i += 1) {
    const char = text[i] ?? "";
    if (char === "}" && text[i + 1] === "}") i += 1;
    if (char !== "{") {
      literal += char;
      continue;
    }
    if (text[i + 1] === "{") {
      literal += "{";
      i += 1;
      continue;
    }
    const end = text.indexOf("}", i);
    if (end < i + 2) return undefined;
    if (literal !== "") parts.push({ kind: "text", text: literal });
    literal = "";
    parts.push({ kind: "field", field: text.slice(i + 1, end).trim() });
    i = end;
  }
  if (literal !== "") parts.push({ kind: "text", text: literal });
  const [first] = parts;
  if (parts.length === 1 && first?.kind === "field") return { kind: "field", field: first.field };
  if (parts.every((part) => part.kind === "text")) return { kind: "constant", value: literal };
  return { kind: "template", parts };
}
