import { readText, readTexts } from "./issues.ts";
import type { OperationReader } from "./step-reader.ts";

/** `columns: { into: acme, standard: [[date, time, src]], otherwise: reject }` */
const columns: OperationReader = (node, reader) => {
  const keys = reader.keys(node, ["from", "into", "delimiter", "quote", "empty", "standard", "otherwise"]);
  const into = reader.required(keys.into, "into", node.at);
  const lists = keys.standard?.kind === "list" ? keys.standard.items : [];
  const standard = lists.map((list) => readTexts(list, reader.issues));
  const seen = new Set<number>();
  for (const [i, names] of standard.entries()) {
    const at = lists[i]?.at ?? node.at;
    if (names.length < 2) reader.issues.error(at, "wrong-shape", "a standard list has two names or more");
    if (seen.has(names.length)) {
      reader.issues.error(
        at,
        "duplicate",
        `two standard lists of ${names.length} names: the number of cells tells them apart`,
      );
    }
    seen.add(names.length);
  }
  return {
    kind: "columns",
    from: readText(keys.from, reader.issues) ?? "message",
    into: reader.fields.namespace(into, keys.into?.at ?? node.at),
    delimiter: readText(keys.delimiter, reader.issues) ?? " ",
    quote: readText(keys.quote, reader.issues) ?? '"',
    empty: readTexts(keys.empty, reader.issues),
    standard,
    fallback: reader.fallback(keys.otherwise, node.at),
  };
};

/** Formats whose files name their columns. */
export const COLUMN_OPERATIONS: readonly (readonly [string, OperationReader])[] = [["columns", columns]];
