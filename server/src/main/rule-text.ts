import { TytoError } from "@tyto/domain";
import type { LoadedContent } from "./content.ts";
import { tryText } from "./rule-check.ts";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/**
 * A text as it is kept first: with an id. Only a text of one document is given one; of several, each rule that others count needs its own.
 * @throws TytoError `bad-request`
 */
export function readyText(
  yaml: string,
  parts: { readonly loaded: Pick<LoadedContent, "ruleSet" | "namespaces">; readonly newId: () => string },
): { readonly id: string; readonly yaml: string } {
  const { main, report } = tryText({ yaml }, parts.loaded);
  if (main !== undefined && UUID.test(main.id)) return { id: main.id, yaml };
  // A draft that is no YAML yet keeps its text: it says its id when it can.
  const isOneRule = report.length === 1 && main?.kind !== "unknown";
  if (report.length > 1)
    throw new TytoError("bad-request", "The rule that the text is about has no id", {
      hint: "Of several documents each needs an id of its own: a UUID.",
    });
  const id = parts.newId();
  return { id, yaml: isOneRule && !/^id:/m.test(yaml) ? withId(yaml, id) : yaml };
}

/** Below the title, where people look for it. */
function withId(yaml: string, id: string): string {
  const title = /^title:.*(?:\n|$)/m.exec(yaml);
  const line = `id: ${id}\n`;
  if (title === null) return line + yaml;
  const end = title.index + title[0].length;
  const before = yaml.slice(0, end);
  return `${before}${before.endsWith("\n") ? "" : "\n"}${line}${yaml.slice(end)}`;
}
