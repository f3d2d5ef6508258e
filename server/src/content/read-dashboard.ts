import { DASHBOARD_HEAD, DASHBOARD_LIMITS, PANEL_SCHEMAS, VARIABLE_SCHEMAS } from "@tyto/domain";
import type { Dashboard, DashboardPanel, DashboardVariable, Diagnostic, Place } from "@tyto/domain";
import Type from "typebox";
import type { TSchema } from "typebox";
import { Compile } from "typebox/compile";
import { checkDashboard } from "./check-dashboard.ts";
import { Issues, nearest } from "./issues.ts";
import { readSource } from "./source-node.ts";
import type { SourceNode } from "./source-node.ts";

export interface DashboardReading {
  /** Absent when anything is wrong. */
  readonly dashboard?: Dashboard;
  readonly diagnostics: readonly Diagnostic[];
}

const HEAD_KEYS = [...Object.keys(DASHBOARD_HEAD), "variables", "panels"];
const HEAD = Compile(Type.Object(DASHBOARD_HEAD));
const PANELS = compiled(PANEL_SCHEMAS);
const VARIABLES = compiled(VARIABLE_SCHEMAS);
const MAX_TEXT = 500_000;

interface Form {
  readonly schema: TSchema;
  readonly check: (value: unknown) => boolean;
  readonly errors: (value: unknown) => readonly Fault[];
}

interface Fault {
  readonly keyword: string;
  readonly instancePath: string;
  readonly message: string;
  readonly params: object;
}

function compiled(schemas: Readonly<Record<string, TSchema>>): ReadonlyMap<string, Form> {
  return new Map(
    Object.entries(schemas).map(([kind, schema]) => {
      const validator = Compile(schema);
      const form: Form = {
        schema,
        check: (value) => validator.Check(value),
        errors: (value) => validator.Errors(value),
      };
      return [kind, form];
    }),
  );
}

/** YAML or JSON, which is YAML too → a dashboard, or everything that is wrong with the text, with places. */
export function readDashboard(file: string, text: string): DashboardReading {
  const issues = new Issues();
  if (text.length > MAX_TEXT) {
    issues.error({ file }, "file-too-large", `a dashboard has at most ${MAX_TEXT} characters`);
    return { diagnostics: issues.found };
  }
  const source = readSource(file, text);
  issues.addAll(source.diagnostics);
  if (source.node === undefined) return { diagnostics: issues.found };
  const head = readHead(source.node, issues);
  const variables = readItems<DashboardVariable>(listAt(source.node, "variables", issues), {
    noun: "variable",
    most: DASHBOARD_LIMITS.variables,
    forms: VARIABLES,
    issues,
  });
  const panels = readItems<DashboardPanel>(listAt(source.node, "panels", issues), {
    noun: "panel",
    most: DASHBOARD_LIMITS.panels,
    forms: PANELS,
    issues,
  });
  if (head === undefined || issues.hasErrors) return { diagnostics: issues.found };
  const dashboard: Dashboard = { ...head, variables: [...variables], panels: [...panels] };
  checkDashboard(dashboard, issues, (path) => placeOf(source.node, path));
  return issues.hasErrors ? { diagnostics: issues.found } : { dashboard, diagnostics: issues.found };
}

function readHead(node: SourceNode, issues: Issues): Omit<Dashboard, "variables" | "panels"> | undefined {
  if (node.kind !== "map") {
    issues.error(node.at, "wrong-shape", "a dashboard is a map of keys and values", "begin with version: 1");
    return undefined;
  }
  for (const { key, at } of node.entries) {
    if (!HEAD_KEYS.includes(key))
      issues.error(at, "unknown-key", `unknown key "${key.slice(0, 60)}"`, nearest(key, HEAD_KEYS));
  }
  const value = Object.fromEntries(
    node.entries.filter(({ key }) => key in DASHBOARD_HEAD).map(({ key, value: own }) => [key, plain(own)]),
  );
  if (HEAD.Check(value)) return value;
  report(HEAD.Errors(value), { node, issues, keys: HEAD_KEYS });
  return undefined;
}

function listAt(node: SourceNode, key: string, issues: Issues): readonly SourceNode[] {
  const found = node.kind === "map" ? node.entries.find((entry) => entry.key === key)?.value : undefined;
  if (found === undefined || (found.kind === "scalar" && found.value === null)) return [];
  if (found.kind === "list") return found.items;
  issues.error(found.at, "wrong-shape", `${key} is a list`, "begin each item with a dash");
  return [];
}

/** Of a union a schema can only say that nothing fits; so each item is held against the form that its `kind` names. */
function readItems<T>(
  nodes: readonly SourceNode[],
  {
    noun,
    most,
    forms,
    issues,
  }: {
    readonly noun: string;
    readonly most: number;
    readonly forms: ReadonlyMap<string, Form>;
    readonly issues: Issues;
  },
): readonly T[] {
  const [tooMany] = nodes.slice(most);
  if (tooMany !== undefined) issues.error(tooMany.at, "too-many", `there are at most ${most} ${noun}s`);
  return nodes.slice(0, most).flatMap((node) => {
    const kind = node.kind === "map" ? node.entries.find(({ key }) => key === "kind") : undefined;
    const named = kind?.value.kind === "scalar" ? String(kind.value.value) : "";
    const form = forms.get(named);
    if (form === undefined) {
      const message =
        kind === undefined ? `this ${noun} has no kind` : `no ${noun} is of kind "${named.slice(0, 40)}"`;
      issues.error(kind?.value.at ?? node.at, "unknown-kind", message, nearest(named, forms.keys()));
      return [];
    }
    const value = plain(node);
    if (isOf<T>(form, value)) return [value];
    const keys = Object.keys((form.schema as { readonly properties?: object }).properties ?? {});
    report(form.errors(value), { node, issues, keys });
    return [];
  });
}

function isOf<T>(form: Form, value: unknown): value is T {
  return form.check(value);
}

function report(
  faults: readonly Fault[],
  {
    node,
    issues,
    keys,
  }: { readonly node: SourceNode; readonly issues: Issues; readonly keys: readonly string[] },
): void {
  const told = new Set<string>();
  for (const { keyword, instancePath, message, params } of faults) {
    const path = instancePath.split("/").slice(1);
    const name = path.at(-1) ?? "";
    const at = placeOf(node, path);
    if (keyword === "additionalProperties") {
      for (const unknown of namesIn(params, "additionalProperties")) {
        const hint = nearest(unknown, keys);
        issues.error(
          placeOf(node, [...path, unknown]),
          "unknown-key",
          `unknown key "${unknown.slice(0, 60)}"`,
          hint,
        );
      }
    } else if (keyword === "required") {
      const missing = namesIn(params, "requiredProperties").join(", ");
      issues.error(at, "missing-key", `missing: ${missing}`, "add it");
    } else if (keyword !== "boolean" && !told.has(instancePath)) {
      // Of a choice each branch fails for itself; the first line and the choices say enough.
      told.add(instancePath);
      const choices = faults.flatMap((other) =>
        other.keyword === "const" && other.instancePath === instancePath && "allowedValue" in other.params
          ? [String(other.params.allowedValue)]
          : [],
      );
      const said = choices.length > 0 ? `must be ${choices.join(" or ")}` : message;
      issues.error(
        at,
        "wrong-value",
        name === "" ? said : `${name} ${said}`,
        "see docs/guides/dashboards.md",
      );
    }
  }
}

function namesIn(params: object, key: string): readonly string[] {
  const found: unknown = Object.entries(params).find(([name]) => name === key)?.[1];
  return Array.isArray(found) ? found.map(String) : [];
}

/** Of the value at a path, or of the nearest thing around it that is there. */
function placeOf(node: SourceNode | undefined, path: readonly string[]): Place {
  let found: SourceNode | undefined = node;
  let at: Place = node?.at ?? { file: "dashboard" };
  for (const step of path) {
    if (found?.kind === "map") {
      const entry: { readonly at: Place; readonly value: SourceNode } | undefined = found.entries.find(
        ({ key }) => key === step,
      );
      if (entry === undefined) return at;
      at = entry.at;
      found = entry.value;
    } else if (found?.kind === "list") {
      found = found.items[Number(step)];
      at = found?.at ?? at;
    } else return at;
  }
  return at;
}

function plain(node: SourceNode): unknown {
  switch (node.kind) {
    case "scalar":
      return node.value;
    case "list":
      return node.items.map(plain);
    case "map":
      return Object.fromEntries(node.entries.map(({ key, value }) => [key, plain(value)]));
  }
}
