import type { FieldValue } from "@tyto/domain";
import type { Operation } from "../../content/index.ts";
import { decodeCef, labelName } from "../decoders/cef.ts";
import type { ExtensionSink } from "../decoders/cef.ts";
import { MAX_LEAVES } from "../decoders/json.ts";
import { decodeLeef } from "../decoders/leef.ts";
import type { Draft, RunStep } from "../draft.ts";

type OperationOf<Kind extends Operation["kind"]> = Extract<Operation, { kind: Kind }>;

const LABEL = "Label";

/** The header stands under `into`, the extension under `into.extensions`, what has a label under `into.custom`. */
export function compileCef(operation: OperationOf<"cef">, fallback: RunStep): RunStep {
  const { from, into } = operation;
  const extensions = `${into}.extensions`;
  const custom = `${into}.custom`;
  return (draft) => {
    const text = draft.textOf(from);
    const labelled: string[] = [];
    const sink: ExtensionSink = (name, value) => {
      addPair(draft, draft.names.join(extensions, name), value);
      if (name.endsWith(LABEL)) labelled.push(name);
    };
    const header = text === undefined ? undefined : decodeCef(text, sink);
    if (header === undefined) return fallback(draft);
    if (draft.leaves > MAX_LEAVES) return draft.fail("too-many-fields", `more than ${MAX_LEAVES} values`);
    draft.fields.delete(from);
    writeDevice(draft, into, header);
    writeText(draft, `${into}.device.event_class_id`, header.classId);
    writeText(draft, `${into}.name`, header.name);
    writeText(draft, `${into}.severity`, header.severity);
    for (const name of labelled) applyLabel(draft, name, extensions, custom);
    return "next";
  };
}

export function compileLeef(operation: OperationOf<"leef">, fallback: RunStep): RunStep {
  const { from, into } = operation;
  const attributes = `${into}.attributes`;
  return (draft) => {
    const text = draft.textOf(from);
    const header =
      text === undefined
        ? undefined
        : decodeLeef(text, (name, value) => {
            addPair(draft, draft.names.join(attributes, name), value);
          });
    if (header === undefined) return fallback(draft);
    if (draft.leaves > MAX_LEAVES) return draft.fail("too-many-fields", `more than ${MAX_LEAVES} values`);
    draft.fields.delete(from);
    writeDevice(draft, into, header);
    writeText(draft, `${into}.event_id`, header.eventId);
    return "next";
  };
}

/** What both formats say of the device that wrote the line. */
function writeDevice(
  draft: Draft,
  into: string,
  header: {
    readonly version: string;
    readonly vendor: string;
    readonly product: string;
    readonly deviceVersion: string;
  },
): void {
  writeText(draft, `${into}.version`, header.version);
  writeText(draft, `${into}.device.vendor`, header.vendor);
  writeText(draft, `${into}.device.product`, header.product);
  writeText(draft, `${into}.device.version`, header.deviceVersion);
}

/** `xLabel` says what `x` is called: `x` moves to that name, and the label goes. */
export function compileLabels(operation: OperationOf<"labels">): RunStep {
  const { namespace, into } = operation;
  const prefix = `${namespace}.`;
  return (draft) => {
    const found: string[] = [];
    for (const name of draft.fields.keys()) {
      if (name.endsWith(LABEL) && name.startsWith(prefix)) found.push(name.slice(prefix.length));
    }
    for (const name of found) applyLabel(draft, name, namespace, into);
    return "next";
  };
}

function applyLabel(draft: Draft, labelField: string, namespace: string, into: string): void {
  const { fields, names } = draft;
  const label = fields.get(names.join(namespace, labelField));
  const called = typeof label === "string" ? labelName(label) : "";
  if (called === "") return;
  fields.delete(names.join(namespace, labelField));
  const from = names.join(namespace, labelField.slice(0, -LABEL.length));
  const value = fields.get(from);
  if (value === undefined) return;
  fields.delete(from);
  const name = names.join(into, called);
  const present = fields.get(name);
  fields.set(name, present === undefined ? value : [present, value].flat());
}

/** A key that comes twice keeps both values, unless they are the same. */
function addPair(draft: Draft, name: string, value: string): void {
  draft.leaves += 1;
  const present = draft.fields.get(name);
  if (present === undefined) draft.fields.set(name, value);
  else if (!Array.isArray(present)) {
    if (present !== value) draft.fields.set(name, [present, value]);
  } else if (!Object.isFrozen(present)) (present as FieldValue[]).push(value);
}

function writeText(draft: Draft, name: string, value: string): void {
  if (value !== "") draft.fields.set(name, value);
}
