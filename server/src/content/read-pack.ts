import { ECS_ROOTS } from "@tyto/domain";
import type { Diagnostic, FieldScalar } from "@tyto/domain";
import { checkPack } from "./check-pack.ts";
import { FieldNames } from "./fields.ts";
import { Issues, expectMap, readInteger, readKeys, readText, readTexts } from "./issues.ts";
import { OPERATIONS } from "./operations.ts";
import type { DeviceName, LookupRow, LookupTable, PackDefinition, Recogniser } from "./pack-definition.ts";
import { lintPattern } from "./pattern.ts";
import { readSource } from "./source-node.ts";
import type { SourceNode } from "./source-node.ts";
import { StepReader, plainValue } from "./step-reader.ts";

/** A file of a pack, as text. Paths are for people: relative to where the packs lie. */
export interface PackFile {
  readonly path: string;
  readonly text: string;
}

export interface PackFiles {
  /** The folder's name. */
  readonly id: string;
  readonly manifest: PackFile;
  /** `parsers/<name>.yml`: steps of the parser of that name. */
  readonly parsers: readonly PackFile[];
  /** `tables/<name>.yml`. */
  readonly tables: readonly PackFile[];
}

export interface PackReading {
  /** Absent when anything is wrong with it: half a pack would read logs half. */
  readonly pack?: PackDefinition;
  readonly diagnostics: readonly Diagnostic[];
}

const MANIFEST_KEYS = [
  "title",
  "namespaces",
  "types",
  "priority",
  "recognise",
  "patterns",
  "tables",
  "parsers",
] as const;

/** One pack's files → its definition, or everything that is wrong with them. */
export function readPack(files: PackFiles): PackReading {
  const issues = new Issues();
  const source = readSource(files.manifest.path, files.manifest.text);
  issues.addAll(source.diagnostics);
  if (source.node === undefined) return { diagnostics: issues.found };
  const keys = readKeys(source.node, MANIFEST_KEYS, issues);
  const namespaces = readNamespaces(keys.namespaces, issues);
  const reader = new StepReader({
    issues,
    fields: new FieldNames(namespaces, issues),
    patterns: readPatterns(keys.patterns, issues),
    operations: OPERATIONS,
  });
  const parsers = readNamed(keys.parsers, files.parsers, issues, (node) => reader.steps(node));
  const tables = readNamed(keys.tables, files.tables, issues, (node) => readTable(node, reader));
  const priority = readInteger(keys.priority, issues) ?? 0;
  const pack: PackDefinition = {
    id: files.id,
    title: readText(keys.title, issues) ?? files.id,
    file: files.manifest.path,
    namespaces,
    types: readTypes(keys.types, issues),
    recognisers: readRecognisers(keys.recognise, priority, issues),
    parsers,
    tables,
  };
  checkPack(pack, source.node, issues);
  return issues.hasErrors ? { diagnostics: issues.found } : { pack, diagnostics: issues.found };
}

function readNamespaces(node: SourceNode | undefined, issues: Issues): readonly string[] {
  const names = readTexts(node, issues);
  for (const name of names) {
    // `linux.auth` is fine although nothing in ECS begins with linux; `source.x` would hide ECS fields to come.
    if (node !== undefined && ECS_ROOTS.has(name.split(".")[0] ?? "")) {
      issues.error(node.at, "namespace-taken", `"${name}" begins like ECS's own fields`);
    }
  }
  return names;
}

function readPatterns(node: SourceNode | undefined, issues: Issues): ReadonlyMap<string, string> {
  const map = node === undefined ? undefined : expectMap(node, issues);
  return new Map(map?.entries.map((entry) => [entry.key, readText(entry.value, issues) ?? ""]));
}

function readTypes(node: SourceNode | undefined, issues: Issues): ReadonlyMap<string, string> {
  const map = node === undefined ? undefined : expectMap(node, issues);
  return new Map(map?.entries.map((entry) => [entry.key, readText(entry.value, issues) ?? ""]));
}

/** What stands in the manifest, and what stands in files of its own. */
function readNamed<T>(
  node: SourceNode | undefined,
  files: readonly PackFile[],
  issues: Issues,
  read: (node: SourceNode) => T,
): ReadonlyMap<string, T> {
  const found = new Map<string, T>();
  const map = node === undefined ? undefined : expectMap(node, issues);
  for (const entry of map?.entries ?? []) found.set(entry.key, read(entry.value));
  for (const file of files) {
    const name = file.path.replace(/^.*\//, "").replace(/\.ya?ml$/, "");
    const source = readSource(file.path, file.text);
    issues.addAll(source.diagnostics);
    if (found.has(name)) issues.error({ file: file.path }, "duplicate", `"${name}" also stands in pack.yml`);
    if (source.node !== undefined) found.set(name, read(source.node));
  }
  return found;
}

/** Rows are `key: value` or `key: { field: value, … }`. */
function readTable(node: SourceNode, reader: StepReader): LookupTable {
  const map = expectMap(node, reader.issues);
  const rows = new Map<string, LookupRow>();
  for (const entry of map?.entries ?? []) {
    const row: LookupRow =
      entry.value.kind === "map"
        ? { kind: "fields", assignments: reader.assignments(entry.value) }
        : { kind: "value", value: plainValue(entry.value) };
    rows.set(entry.key, row);
  }
  return rows;
}

const RECOGNISER_KEYS = [
  "program",
  "data",
  "prefix",
  "contains",
  "json",
  "cef",
  "leef",
  "header",
  "around",
  "match",
  "parser",
  "priority",
] as const;

function readRecognisers(
  node: SourceNode | undefined,
  packPriority: number,
  issues: Issues,
): readonly Recogniser[] {
  const items = node === undefined ? [] : node.kind === "list" ? node.items : [node];
  return items.map((item) => {
    const keys = readKeys(item, RECOGNISER_KEYS, issues);
    const parser = readText(keys.parser, issues);
    if (parser === undefined) issues.error(item.at, "missing-key", '"parser" is missing');
    const pattern = readText(keys.match, issues) ?? null;
    const complaint = pattern === null ? undefined : lintPattern(pattern, 0);
    if (complaint !== undefined) {
      issues.error(keys.match?.at ?? item.at, complaint.code, complaint.message, complaint.hint);
    }
    return {
      at: item.at,
      parser: parser ?? "",
      priority: readInteger(keys.priority, issues) ?? packPriority,
      programs: readTexts(keys.program, issues).map((name) => name.toLowerCase()),
      elements: readTexts(keys.data, issues),
      prefixes: readTexts(keys.prefix, issues),
      contains: readTexts(keys.contains, issues),
      json: keys.json === undefined ? null : readJsonKeys(keys.json, issues),
      pattern: complaint === undefined ? pattern : null,
      headers: readTexts(keys.header, issues),
      around: readTexts(keys.around, issues),
      devices: [
        ...readTexts(keys.cef, issues).map((name) => readDevice("CEF", name)),
        ...readTexts(keys.leef, issues).map((name) => readDevice("LEEF", name)),
      ],
    };
  });
}

/** `Vendor|Product`, or `Vendor` for all of its products. */
function readDevice(format: DeviceName["format"], text: string): DeviceName {
  const [vendor = "", product] = text.split("|").map((part) => part.trim());
  return { format, vendor, product: product === undefined || product === "*" ? null : product };
}

/** `json: [eventVersion, eventSource]` or `json: { kind: [Event, Alert], id: }`; an empty list takes any JSON object. */
function readJsonKeys(node: SourceNode, issues: Issues): NonNullable<Recogniser["json"]> {
  if (node.kind !== "map") return readTexts(node, issues).map((key) => ({ key, values: [] }));
  return node.entries.map((entry) => {
    const items = entry.value.kind === "list" ? entry.value.items : [entry.value];
    const values = items.flatMap((item): FieldScalar[] =>
      item.kind === "scalar" && item.value !== null ? [item.value] : [],
    );
    return { key: entry.key, values };
  });
}
