import { readText } from "./issues.ts";
import type { OperationReader } from "./step-reader.ts";

/** `cef: { into: cef, otherwise: reject }`; the namespaces that these formats have everywhere are the default. */
function decoding(kind: "cef" | "leef"): OperationReader {
  return (node, reader) => {
    const keys = reader.keys(node, ["from", "into", "otherwise"]);
    const parts = {
      from: readText(keys.from, reader.issues) ?? "message",
      into: reader.fields.namespace(readText(keys.into, reader.issues) ?? kind, keys.into?.at ?? node.at),
      fallback: reader.fallback(keys.otherwise, node.at),
    };
    return kind === "cef" ? { kind, ...parts } : { kind, ...parts };
  };
}

/** `labels: { in: cef.extensions, into: cef.custom }`: fields whose name stands in a second field. */
const labels: OperationReader = (node, reader) => {
  const keys = reader.keys(node, ["in", "into"]);
  const into = reader.required(keys.into, "into", node.at);
  return {
    kind: "labels",
    namespace: reader.required(keys.in, "in", node.at),
    into: reader.fields.namespace(into, keys.into?.at ?? node.at),
  };
};

/** The formats in which security devices speak. */
export const DEVICE_OPERATIONS: readonly (readonly [string, OperationReader])[] = [
  ["cef", decoding("cef")],
  ["leef", decoding("leef")],
  ["labels", labels],
];
