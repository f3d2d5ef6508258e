import { ECS_ROOTS, FIELDS } from "@tyto/domain";
import type { FieldDefinition, FieldValue, Place } from "@tyto/domain";
import { nearest } from "./issues.ts";
import type { Issues } from "./issues.ts";
import type { FieldTarget } from "./pack-definition.ts";

const FIELD_NAME = /^[\w@][\w@:/ -]*(\.[\w@:/ -]+)*$/;

/** Checks the names that a pack writes: ECS as it stands, or the pack's own namespaces, or scratch (`_name`). */
export class FieldNames {
  readonly #namespaces: readonly string[];
  readonly #issues: Issues;

  constructor(namespaces: readonly string[], issues: Issues) {
    this.#namespaces = namespaces;
    this.#issues = issues;
  }

  /** The field to write, also when its name was reported as wrong: reading goes on to find everything at once. */
  target(name: string, at: Place): FieldTarget {
    const known = FIELDS.get(name);
    if (known !== undefined) return { name, type: known.type, isArray: known.isArray };
    if (name === "@timestamp") return { name, type: "date", isArray: false };
    if (!name.startsWith("_") && !this.isOwn(name) && !isUnderObject(name)) this.#report(name, at);
    return { name, type: null, isArray: false };
  }

  /**
   * A name that a condition asks for. Under ECS's roots no step can have written a name that the catalogue does not know, so the
   * condition would never hold; other names may be those of a pack that handed the record on.
   */
  asked(name: string, at: Place): void {
    if (name === "@timestamp" || name.startsWith("_") || FIELDS.has(name)) return;
    const root = name.split(".", 1)[0] ?? "";
    const isOthers = root !== name && !ECS_ROOTS.has(root);
    if (!isOthers && !this.isOwn(name) && !isUnderObject(name)) this.#report(name, at);
  }

  /** A prefix that a decoder writes under. */
  namespace(name: string, at: Place): string {
    if (!name.startsWith("_") && !this.isOwn(name) && !isUnderObject(`${name}.x`)) this.#report(name, at);
    return name;
  }

  /** Whether ECS has fields below this name, and the pack has not: `source`, `process.parent`. */
  isSet(name: string): boolean {
    return !this.isOwn(name) && ECS_ROOTS.has(name.split(".")[0] ?? "") && hasFieldsBelow(name);
  }

  isOwn(name: string): boolean {
    return this.#namespaces.some((namespace) => name === namespace || name.startsWith(`${namespace}.`));
  }

  #report(name: string, at: Place): void {
    const root = name.split(".")[0] ?? "";
    if (!FIELD_NAME.test(name)) {
      this.#issues.error(at, "bad-field-name", `"${name}" is no field name`);
    } else if (ECS_ROOTS.has(root)) {
      this.#issues.error(at, "unknown-field", `ECS has no field "${name}"`, nearest(name, FIELDS.keys()));
    } else {
      this.#issues.error(
        at,
        "unknown-field",
        `"${name}" is neither ECS nor under this pack's namespaces (${this.#namespaces.join(", ") || "none"})`,
        "use an ECS field, declare the namespace, or begin a scratch field with _",
      );
    }
  }
}

function hasFieldsBelow(name: string): boolean {
  for (const field of FIELDS.keys()) if (field.startsWith(`${name}.`)) return true;
  return false;
}

/** `labels.env` and `log.syslog.structured_data.x` belong to ECS fields of type object. */
function isUnderObject(name: string): boolean {
  for (let dot = name.lastIndexOf("."); dot > 0; dot = name.lastIndexOf(".", dot - 1)) {
    if (FIELDS.get(name.slice(0, dot))?.type === "object") return true;
  }
  return false;
}

/** Reports a constant that the field cannot hold: wrong type, or a value outside a closed list. */
export function checkConstant(target: FieldTarget, value: FieldValue, at: Place, issues: Issues): void {
  const definition = FIELDS.get(target.name);
  if (definition === undefined) return;
  const values = Array.isArray(value) ? (value as readonly FieldValue[]) : [value];
  for (const item of values) {
    if (!fits(definition, item)) {
      issues.error(
        at,
        "wrong-type",
        `${target.name} is of type ${definition.type}; ${JSON.stringify(item)} is not`,
      );
    } else if (definition.allowed !== undefined && !definition.allowed.some((allowed) => allowed === item)) {
      issues.error(
        at,
        "value-not-allowed",
        `ECS does not allow ${JSON.stringify(item)} in ${target.name}`,
        `allowed: ${definition.allowed.join(", ")}`,
      );
    }
  }
  if (Array.isArray(value) && !definition.isArray && value.length !== 1) {
    issues.error(at, "wrong-type", `${target.name} holds one value, not a list`);
  }
}

function fits(definition: FieldDefinition, value: FieldValue): boolean {
  switch (definition.type) {
    case "keyword":
    case "text":
      return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
    case "long":
      return Number.isInteger(Number(value)) && value !== "" && value !== null;
    case "float":
      return Number.isFinite(Number(value)) && value !== "" && value !== null;
    case "boolean":
      return typeof value === "boolean";
    case "ip":
    case "date":
      return typeof value === "string";
    case "geo_point":
    case "object":
      return true;
  }
}
