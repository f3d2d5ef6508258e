import { headerAfter } from "@tyto/domain";
import type { Operation } from "../../content/index.ts";
import { readColumnLayout } from "../decoders/column-layout.ts";
import type { ColumnLayout } from "../decoders/column-layout.ts";
import { scanCells } from "../decoders/csv.ts";
import { MAX_LEAVES } from "../decoders/json.ts";
import type { Draft, RunStep } from "../draft.ts";

type OperationOf<Kind extends Operation["kind"]> = Extract<Operation, { kind: Kind }>;

/** Headers kept at most: beyond it someone sends ever new ones. */
const MAX_LAYOUTS = 500;

/**
 * Cells by the names of the header that came with the record; without one by the source's configured columns, or by the standard list of
 * as many names. The header's own lines are left out: they were read with the others.
 */
export function compileColumns(operation: OperationOf<"columns">, fallback: RunStep): RunStep {
  const { from, into, quote } = operation;
  const layouts = new Map<string, ColumnLayout | undefined>();
  const standard = new Map(operation.standard.map((names) => [names.length, names]));
  const noValue = new Set(operation.empty);
  return (draft) => {
    const text = draft.textOf(from);
    if (text === undefined) return fallback(draft);
    if (text === draft.header || (text.startsWith("#") && headerAfter(undefined, text) !== undefined))
      return "drop";
    const layout = draft.header === "" ? undefined : layoutOf(draft.header, layouts);
    const delimiter =
      layout?.delimiter ?? (layout === undefined ? operation.delimiter : text.includes("\t") ? "\t" : " ");
    const cells = scanCells(text, { delimiter, quote, limit: MAX_LEAVES + 1 });
    if (cells.length > MAX_LEAVES) return draft.fail("too-many-fields", `more than ${MAX_LEAVES} values`);
    const names = layout?.names ?? draft.settings.columns ?? standard.get(cells.length);
    if (names === undefined || cells.length < 2) return fallback(draft);
    draft.leaves += cells.length;
    for (let i = 0; i < cells.length; i += 1) {
      const value = cells[i]?.trim();
      if (value === undefined || value === "" || noValue.has(value) || layout?.empty.has(value) === true)
        continue;
      const name = names[i] ?? `column${i + 1}`;
      if (name !== "-" && name !== "") draft.fields.set(draft.names.join(into, name), value);
    }
    if (layout !== undefined) writeDirectives(draft, layout);
    return "next";
  };
}

function layoutOf(header: string, known: Map<string, ColumnLayout | undefined>): ColumnLayout | undefined {
  if (known.has(header)) return known.get(header);
  if (known.size >= MAX_LAYOUTS) known.clear();
  const layout = readColumnLayout(header);
  known.set(header, layout);
  return layout;
}

/** `_header.path`, `_header.software`: what the file says about itself, for the parser alone. */
function writeDirectives(draft: Draft, layout: ColumnLayout): void {
  for (const [name, value] of layout.directives) draft.fields.set(draft.names.join("_header", name), value);
}
