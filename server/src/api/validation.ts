import type { FastifySchemaCompiler } from "fastify";
import type { TSchema } from "typebox";
import { Compile } from "typebox/compile";
import { badField } from "./errors.ts";
import type { RequestProblem } from "./errors.ts";

const PART_NAMES: Readonly<Record<string, string>> = {
  querystring: "query",
  params: "path",
  body: "body",
  headers: "headers",
};
const INTEGER = /^-?(?:0|[1-9]\d{0,14})$/;
const MAX_SHOWN_NAME = 64;

/** Compiles a route's schemas once. What does not fit is refused with the property's name, and nothing is dropped or coerced silently. */
export const compileValidator: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const compiled = Compile(schema);
  const part = PART_NAMES[httpPart ?? "body"] ?? "body";
  return (value: unknown) => {
    const read = part === "body" ? value : withIntegers(value, integerNames(schema));
    if (part === "query") {
      const twice = duplicated(read);
      if (twice !== undefined) return { error: twice };
    }
    return compiled.Check(read) ? { value: read } : { error: problemOf(part, read, compiled.Errors(read)) };
  };
};

function integerNames(schema: TSchema): ReadonlySet<string> {
  const { properties } = schema as { properties?: Readonly<Record<string, { readonly type?: string }>> };
  return new Set(
    Object.entries(properties ?? {}).flatMap(([name, one]) => (one.type === "integer" ? [name] : [])),
  );
}

/** Text of a query string that reads as a whole number becomes one, where a number is asked for. */
function withIntegers(value: unknown, names: ReadonlySet<string>): unknown {
  if (names.size === 0 || typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]: [string, unknown]) =>
      names.has(name) && typeof one === "string" && INTEGER.test(one) ? [name, Number(one)] : [name, one],
    ),
  );
}

/** One name given twice: which of the two counts is anybody's guess, so neither does. */
function duplicated(query: unknown): RequestProblem | undefined {
  const twice = Object.entries(query ?? {}).find(([, one]) => Array.isArray(one));
  if (twice === undefined) return undefined;
  const name = shown(twice[0]);
  return badField(`query.${name}`, `query.${name} is given more than once`);
}

interface SchemaError {
  readonly keyword: string;
  readonly instancePath: string;
  readonly params: object;
  readonly message: string;
}

function problemOf(part: string, value: unknown, errors: readonly SchemaError[]): RequestProblem {
  if (part === "body" && (value === undefined || value === null)) {
    return badField("body", "The body is missing", "Send a JSON object as application/json.");
  }
  const unknown = errors.flatMap((error) => unknownNames(error));
  if (unknown[0] !== undefined) {
    const field = `${part}.${shown(unknown[0])}`;
    return badField(
      field,
      `${field} is not known here`,
      "GET /api/v1/openapi.json lists what each call takes.",
    );
  }
  const missing = errors.flatMap((error) => requiredNames(error))[0];
  if (missing !== undefined) return badField(`${part}.${missing}`, `${part}.${missing} is missing`);
  const [first] = errors;
  const path = (first?.instancePath ?? "").split("/").slice(1).map(shown).join(".");
  const field = path === "" ? part : `${part}.${path}`;
  return badField(field, `${field} ${messageOf(errors)}`);
}

/** A choice of literals fails once per literal; the choices themselves say more. */
function messageOf(errors: readonly SchemaError[]): string {
  const choices = errors.flatMap((error) =>
    error.keyword === "const" && "allowedValue" in error.params ? [String(error.params.allowedValue)] : [],
  );
  return choices.length > 1 ? `must be one of ${choices.join(", ")}` : (errors[0]?.message ?? "is not valid");
}

function unknownNames(error: SchemaError): readonly string[] {
  return error.keyword === "additionalProperties" && "additionalProperties" in error.params
    ? (error.params.additionalProperties as readonly string[])
    : [];
}

function requiredNames(error: SchemaError): readonly string[] {
  return error.keyword === "required" && error.instancePath === "" && "requiredProperties" in error.params
    ? (error.params.requiredProperties as readonly string[])
    : [];
}

function shown(name: string): string {
  return name.length > MAX_SHOWN_NAME ? `${name.slice(0, MAX_SHOWN_NAME)}…` : name;
}
