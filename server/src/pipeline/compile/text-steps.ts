import { assertNever } from "@tyto/domain";
import type { FieldValue } from "@tyto/domain";
import type { Operation, TextOperation } from "../../content/index.ts";
import type { RunStep } from "../draft.ts";
import { compileWrite } from "../values.ts";

type OperationOf<Kind extends Operation["kind"]> = Extract<Operation, { kind: Kind }>;

/** Text that an operation cannot read stays as it is. */
function changeText(operation: TextOperation, text: string): string {
  switch (operation) {
    case "lower":
      return text.toLowerCase();
    case "upper":
      return text.toUpperCase();
    case "trim":
      return text.trim();
    case "basename":
      return text.slice(Math.max(text.lastIndexOf("/"), text.lastIndexOf("\\")) + 1);
    case "dirname":
      return text.slice(0, Math.max(0, Math.max(text.lastIndexOf("/"), text.lastIndexOf("\\"))));
    case "urldecode":
      return decodePercent(text);
    case "base64":
      return /^[A-Za-z0-9+/_-]+={0,2}$/.test(text) ? Buffer.from(text, "base64").toString("utf8") : text;
    case "hex":
      return /^(?:[0-9A-Fa-f]{2})+$/.test(text) ? Buffer.from(text, "hex").toString("utf8") : text;
    default:
      return assertNever(operation);
  }
}

function decodePercent(text: string): string {
  if (!text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export function compileText(operation: OperationOf<"text">): RunStep {
  const { operation: change } = operation;
  const moves = operation.moves.map(({ from, target }) => ({ from, write: compileWrite(target) }));
  return (draft) => {
    for (const { from, write } of moves) {
      const value = draft.fields.get(from);
      if (typeof value === "string") write(draft, changeText(change, value));
      else if (Array.isArray(value))
        write(
          draft,
          (value as readonly FieldValue[]).map((item) => changeItem(change, item)),
        );
    }
    return "next";
  };
}

function changeItem(operation: TextOperation, item: FieldValue): FieldValue {
  return typeof item === "string" ? changeText(operation, item) : item;
}

export function compileReplace(operation: OperationOf<"replace">): RunStep {
  const { field, find, replacement } = operation;
  const expression = operation.isPattern ? new RegExp(find, "gs") : null;
  return (draft) => {
    const value = draft.fields.get(field);
    if (typeof value !== "string") return "next";
    // A function, because `$` in a plain replacement would mean something.
    const changed = value.replaceAll(expression ?? find, () => replacement);
    draft.fields.set(field, changed);
    return "next";
  };
}

/** Lists longer than this are kept as text: they are data, not values. */
const MAX_SPLIT = 1_000;

export function compileSplit(operation: OperationOf<"split">): RunStep {
  const { field, by } = operation;
  const write = compileWrite(operation.into);
  return (draft) => {
    const value = draft.fields.get(field);
    if (typeof value !== "string") return "next";
    const items = value.split(by, MAX_SPLIT + 1).map((item) => item.trim());
    if (items.length <= MAX_SPLIT)
      write(
        draft,
        items.filter((item) => item !== ""),
      );
    return "next";
  };
}

export function compileJoin(operation: OperationOf<"join">): RunStep {
  const { field, by } = operation;
  const write = compileWrite(operation.into);
  return (draft) => {
    const value = draft.fields.get(field);
    if (Array.isArray(value)) write(draft, (value as readonly FieldValue[]).map(String).join(by));
    return "next";
  };
}

export function compileSlice(operation: OperationOf<"slice">): RunStep {
  const { field, from, to } = operation;
  const write = compileWrite(operation.into);
  return (draft) => {
    const value = draft.fields.get(field);
    if (typeof value === "string") write(draft, value.slice(from, to ?? undefined));
    return "next";
  };
}
