/** A control for one property of a JSON Schema. */
export interface FieldSpec {
  readonly name: string;
  readonly label: string;
  readonly hint: string;
  readonly isRequired: boolean;
  readonly control: Control;
}

export type Control =
  | {
      readonly kind: "text";
      readonly isLong: boolean;
      readonly pattern?: string;
      readonly maxLength?: number;
    }
  | { readonly kind: "whole"; readonly minimum: number; readonly maximum: number }
  | { readonly kind: "flag" }
  | { readonly kind: "choice"; readonly choices: readonly string[] }
  | { readonly kind: "choices"; readonly choices: readonly string[] }
  /** One value a line. */
  | { readonly kind: "lines" }
  /** `NAME=value`, one a line. */
  | { readonly kind: "pairs" }
  /** An object a line: the first property, then the others as `name=value` between blanks. */
  | { readonly kind: "objects"; readonly properties: readonly string[] };

/** What stands in the controls. Choices are separated by line breaks. */
export type Entries = Readonly<Record<string, string>>;

export interface Reading {
  readonly values: Readonly<Record<string, unknown>>;
  /** By field: why it cannot be so. */
  readonly problems: Readonly<Record<string, string>>;
}

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isText = (value: unknown): value is string => typeof value === "string";

/** Required fields first, each part in the schema's order. What is no object schema has no fields. */
export function fieldsOf(schema: unknown): readonly FieldSpec[] {
  if (!isObject(schema) || !isObject(schema["properties"])) return [];
  const required: readonly unknown[] = Array.isArray(schema["required"]) ? schema["required"] : [];
  const fields = Object.entries(schema["properties"]).flatMap(([name, property]) =>
    isObject(property) ? [fieldOf(name, property, required.includes(name))] : [],
  );
  return [...fields.filter((one) => one.isRequired), ...fields.filter((one) => !one.isRequired)];
}

function fieldOf(name: string, property: Json, isRequired: boolean): FieldSpec {
  const hint = isText(property["description"]) ? property["description"] : "";
  return { name, label: labelOf(name), hint, isRequired, control: controlOf(property, hint) };
}

function controlOf(property: Json, hint: string): Control {
  const { type } = property;
  if (type === "boolean") return { kind: "flag" };
  if (type === "integer") {
    const { minimum, maximum } = property;
    return {
      kind: "whole",
      minimum: typeof minimum === "number" ? minimum : 0,
      maximum: typeof maximum === "number" ? maximum : Number.MAX_SAFE_INTEGER,
    };
  }
  const choices = constantsOf(property);
  if (choices.length > 0) return { kind: "choice", choices };
  if (type === "array" && isObject(property["items"])) return listControlOf(property["items"]);
  if (type === "object") return { kind: "pairs" };
  const { pattern, maxLength } = property;
  return {
    kind: "text",
    isLong: /\bPEM\b|\bfile\b|JSON/.test(hint),
    ...(isText(pattern) ? { pattern } : {}),
    ...(typeof maxLength === "number" ? { maxLength } : {}),
  };
}

function listControlOf(items: Json): Control {
  const choices = constantsOf(items);
  if (choices.length > 0) return { kind: "choices", choices };
  return isObject(items["properties"])
    ? { kind: "objects", properties: Object.keys(items["properties"]) }
    : { kind: "lines" };
}

function constantsOf({ anyOf, enum: listed }: Json): readonly string[] {
  if (Array.isArray(listed)) return listed.filter(isText);
  if (!Array.isArray(anyOf)) return [];
  return anyOf.flatMap((one: unknown) => (isObject(one) && isText(one["const"]) ? [one["const"]] : []));
}

const ACRONYMS: Readonly<Record<string, string>> = {
  api: "API",
  ca: "CA",
  http: "HTTP",
  id: "ID",
  ms: "(ms)",
  nkey: "NKey",
  sasl: "SASL",
  tls: "TLS",
  url: "URL",
};

/** `accessKeyId` → `Access key ID` */
export function labelOf(name: string): string {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(" ");
  const text = words.map((word) => ACRONYMS[word] ?? word).join(" ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Entries as the API takes them; what is left empty is left out. */
export function readEntries(fields: readonly FieldSpec[], entries: Entries): Reading {
  const values: Record<string, unknown> = {};
  const problems: Record<string, string> = {};
  for (const field of fields) {
    const entry = entries[field.name] ?? "";
    if (entry.trim() === "") {
      if (field.isRequired) problems[field.name] = "This is needed";
      continue;
    }
    const { value, problem } = readEntry(field.control, entry);
    if (problem === undefined) values[field.name] = value;
    else problems[field.name] = problem;
  }
  return { values, problems };
}

type Read =
  | { readonly value: unknown; readonly problem?: never }
  | { readonly problem: string; readonly value?: never };

function readEntry(control: Control, entry: string): Read {
  switch (control.kind) {
    case "text":
      return readText(control, entry);
    case "whole":
      return readWhole(control, entry.trim());
    case "flag":
      return { value: entry === "true" };
    case "choice":
      return { value: entry };
    case "choices":
    case "lines":
      return { value: linesOf(entry) };
    case "pairs":
      return readPairs(entry);
    case "objects":
      return readObjects(control.properties, entry);
  }
}

function readText({ isLong, pattern, maxLength }: Extract<Control, { kind: "text" }>, entry: string): Read {
  const value = isLong ? entry : entry.trim();
  if (maxLength !== undefined && value.length > maxLength)
    return { problem: `At most ${maxLength} characters` };
  if (pattern !== undefined && !new RegExp(pattern).test(value)) {
    return { problem: "This has characters or a length that it cannot have" };
  }
  return { value };
}

function readWhole({ minimum, maximum }: Extract<Control, { kind: "whole" }>, entry: string): Read {
  const value = Number(entry);
  return /^\d+$/.test(entry) && value >= minimum && value <= maximum
    ? { value }
    : { problem: `A whole number from ${minimum} to ${maximum}` };
}

function readPairs(entry: string): Read {
  const pairs = linesOf(entry).map((line) => /^([^=\s]+)=(.*)$/.exec(line));
  if (pairs.includes(null)) return { problem: "Each line is NAME=value" };
  return { value: Object.fromEntries(pairs.map((pair) => [pair?.[1] ?? "", pair?.[2] ?? ""])) };
}

function readObjects(properties: readonly string[], entry: string): Read {
  const [first = "", ...others] = properties;
  const objects: Json[] = [];
  for (const line of linesOf(entry)) {
    const [value, ...pairs] = line.split(/\s+/);
    const read = pairs.map((pair) => /^([^=]+)=(.+)$/.exec(pair));
    if (read.some((pair) => !others.includes(pair?.[1] ?? ""))) {
      return {
        problem: `Each line is its ${first}, then ${others.map((name) => `${name}=…`).join(" ")} if need be`,
      };
    }
    objects.push({
      [first]: value,
      ...Object.fromEntries(read.map((pair) => [pair?.[1] ?? "", pair?.[2] ?? ""])),
    });
  }
  return { value: objects };
}

function linesOf(entry: string): readonly string[] {
  return entry
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
}
