import { readInteger, readText, readTexts } from "./issues.ts";
import type { OperationReader } from "./step-reader.ts";

/** More rounds than this cannot be asked for: each runs all steps of its block. */
const MAX_ROUNDS = 10_000;
const DEFAULT_ROUNDS = 1_000;

/** `each: { in: acme.items, as: _item, do: […] }`; `in: "acme.items.*"` goes over the entries of an object. */
const each: OperationReader = (node, reader) => {
  const keys = reader.keys(node, ["in", "as", "limit", "do"]);
  const name = reader.required(keys.as, "as", node.at);
  if (name !== "" && !/^_\w+$/.test(name)) {
    reader.issues.error(
      keys.as?.at ?? node.at,
      "bad-field-name",
      `"${name}" is no scratch field`,
      "begin it with _: it is gone after each round",
    );
  }
  const limit = readInteger(keys.limit, reader.issues) ?? DEFAULT_ROUNDS;
  if (limit < 1 || limit > MAX_ROUNDS) {
    reader.issues.error(keys.limit?.at ?? node.at, "bad-limit", `"limit" is 1 to ${MAX_ROUNDS}`);
  }
  if (keys.do === undefined) reader.issues.error(node.at, "missing-key", '"do" is missing');
  const list = reader.required(keys.in, "in", node.at);
  return {
    kind: "each",
    list: list.replace(/\.\*$/, ""),
    isEntries: list.endsWith(".*"),
    name,
    limit,
    steps: keys.do === undefined ? [] : reader.steps(keys.do),
  };
};

/** `entries: { from: acme.params, key: name, value: [value, intValue], into: acme.param, otherwise: ignore }` */
const entries: OperationReader = (node, reader) => {
  const keys = reader.keys(node, ["from", "key", "value", "into", "otherwise"]);
  const into = reader.required(keys.into, "into", node.at);
  const values = readTexts(keys.value, reader.issues);
  return {
    kind: "entries",
    from: reader.required(keys.from, "from", node.at),
    key: readText(keys.key, reader.issues) ?? "name",
    values: values.length === 0 ? ["value"] : values,
    into: reader.fields.namespace(into, keys.into?.at ?? node.at),
    fallback: reader.fallback(keys.otherwise, node.at),
  };
};

/** What goes over lists and objects. */
export const LIST_OPERATIONS: readonly (readonly [string, OperationReader])[] = [
  ["each", each],
  ["entries", entries],
];
