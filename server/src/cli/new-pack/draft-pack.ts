import { parseJsonObject, piecesOf, shapeOf } from "../../pipeline/index.ts";
import type { Piece, PieceKind } from "../../pipeline/index.ts";
import { GUESSES } from "./guesses.ts";

/** A line as it stands behind its syslog header, and the program that the header names. */
export interface SampleLine {
  readonly raw: string;
  readonly message: string;
  readonly program: string | undefined;
}

export type SampleFormat = "json" | "cef" | "leef" | "kv" | "text";

/** The files of a drafted pack, by path within it. */
export interface PackDraft {
  readonly format: SampleFormat;
  readonly files: ReadonlyMap<string, string>;
  /** Shapes of text that a pattern was written for, the most frequent first. */
  readonly shapes: readonly { readonly shape: string; readonly count: number }[];
}

const MAX_SHAPES = 12;
const MAX_SAMPLES = 25;

/** Drafts a pack from lines of one product: what they are written in, how they are known, and where the plainest values belong. */
export function draftPack(name: string, lines: readonly SampleLine[]): PackDraft {
  const namespace = name.replaceAll("-", ".");
  const format = formatOf(lines);
  const shapes = format === "text" ? shapesOf(lines) : [];
  const recognisers = recognisersOf(format, lines, shapes);
  const steps = stepsOf(format, namespace, lines, shapes);
  const manifest = [
    `title: ${name}`,
    `namespaces: [${namespace}]`,
    "# What a source's configuration may call it.",
    `types: { ${name}: main }`,
    "",
    ...(recognisers.length > 0
      ? ["recognise:", ...recognisers.map((one) => `  - { ${one}, parser: main }`)]
      : [
          "# The lines have nothing in common to know them by: give the source this type, or add a recogniser.",
        ]),
    "",
    "parsers:",
    "  main:",
    ...steps.map((line) => `    ${line}`),
    "",
  ].join("\n");
  return {
    format,
    shapes: shapes.map(({ shape, lines: alike }) => ({ shape, count: alike.length })),
    files: new Map([
      ["pack.yml", manifest],
      ["README.md", readme(name, namespace)],
      ["cases/sample.raw", `${samples(lines, shapes).join("\n")}\n`],
    ]),
  };
}

/** What most of the lines are written in. */
function formatOf(lines: readonly SampleLine[]): SampleFormat {
  const most = (holds: (message: string) => boolean): boolean =>
    lines.filter(({ message }) => holds(message)).length * 10 >= lines.length * 9;
  if (most((message) => parseJsonObject(message) !== undefined)) return "json";
  if (most((message) => message.includes("CEF:"))) return "cef";
  if (most((message) => message.includes("LEEF:"))) return "leef";
  if (most((message) => keysOf(message).length >= 3)) return "kv";
  return "text";
}

function keysOf(message: string): readonly string[] {
  return [...message.matchAll(/(?<![^\s,;|])([A-Za-z_][\w.-]{0,63})=/g)].map(([, key]) => key ?? "");
}

/** `vendor|product` of a CEF or LEEF line. */
function deviceOf(message: string): string {
  const [, vendor = "", product = ""] = message.slice(message.search(/(?:CEF|LEEF):/)).split("|");
  return `${vendor}|${product}`;
}

/** Names of leaves, with dots. */
function leavesOf(object: Readonly<Record<string, unknown>>, start = ""): readonly string[] {
  return Object.entries(object).flatMap(([key, value]) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? leavesOf(value as Readonly<Record<string, unknown>>, `${start}${key}.`)
      : [`${start}${key}`],
  );
}

/** Those that stand in every line, in the order of the first. */
function common(names: readonly (readonly string[])[]): readonly string[] {
  const [first = [], ...rest] = names;
  const sets = rest.map((one) => new Set(one));
  return [...new Set(first)].filter((name) => sets.every((set) => set.has(name)));
}

interface Shape {
  readonly shape: string;
  readonly lines: readonly SampleLine[];
}

function shapesOf(lines: readonly SampleLine[]): readonly Shape[] {
  const shapes = new Map<string, SampleLine[]>();
  for (const line of lines) {
    const shape = shapeOf(line.message);
    const known = shapes.get(shape);
    if (known === undefined) shapes.set(shape, [line]);
    else known.push(line);
  }
  return [...shapes]
    .map(([shape, alike]) => ({ shape, lines: alike }))
    .sort((a, b) => b.lines.length - a.lines.length)
    .slice(0, MAX_SHAPES);
}

function recognisersOf(
  format: SampleFormat,
  lines: readonly SampleLine[],
  shapes: readonly Shape[],
): readonly string[] {
  if (format === "json") {
    const keys = common(lines.map(({ message }) => Object.keys(parseJsonObject(message) ?? {})));
    if (keys.length === 0) return [];
    return [`json: [${keys.slice(0, 4).map(quoted).join(", ")}]`];
  }
  if (format === "cef" || format === "leef") {
    const devices = new Set(lines.map(({ message }) => deviceOf(message)));
    return [`${format}: [${[...devices].slice(0, 8).map(quoted).join(", ")}]`];
  }
  const programs = [...new Set(lines.map(({ program }) => program?.toLowerCase()))];
  if (programs.every((program) => program !== undefined) && programs.length <= 8)
    return [`program: [${programs.map((program) => quoted(program)).join(", ")}]`];
  if (format === "kv") {
    const keys = common(lines.map(({ message }) => keysOf(message)));
    if (keys.length === 0) return [];
    return [
      `contains: [${keys
        .slice(0, 4)
        .map((key) => quoted(`${key}=`))
        .join(", ")}]`,
    ];
  }
  return shapes.map(({ lines: [line] }) => `match: ${single(patternOf(line?.message ?? ""))}`);
}

function stepsOf(
  format: SampleFormat,
  namespace: string,
  lines: readonly SampleLine[],
  shapes: readonly Shape[],
): readonly string[] {
  switch (format) {
    case "json": {
      const names = common(lines.map(({ message }) => leavesOf(parseJsonObject(message) ?? {})));
      return [`- json: { into: ${namespace}, otherwise: reject }`, ...movesOf(namespace, names), ...ending()];
    }
    case "cef":
    case "leef":
      return [
        `# The dictionary's fields are mapped once for all products; what is this product's own is left under ${format}.`,
        `- use: generic-${format}/decode`,
        `- use: generic-${format}/map`,
        ...ending(),
      ];
    case "kv": {
      const names = common(lines.map(({ message }) => keysOf(message)));
      return [`- kv: { into: ${namespace}, otherwise: reject }`, ...movesOf(namespace, names), ...ending()];
    }
    case "text":
      return [
        "- match:",
        "    patterns:",
        ...shapes.flatMap(({ shape, lines: alike }) => [
          `      # ${alike.length} of ${lines.length} lines: ${shape.slice(0, 120)}`,
          `      - ${single(patternOf(alike[0]?.message ?? "", namespace))}`,
        ]),
        "    otherwise: ignore",
        ...ending(),
      ];
  }
}

/** Classes cannot be guessed: the draft says where they go. */
function ending(): readonly string[] {
  return [
    "# What an event means, in ECS's words. One table by the event's id, once there are several kinds:",
    "# - lookup: { table: classes, key: event.code, otherwise: ignore }",
    "# - set: { event.category: [authentication], event.type: [start], event.outcome: failure }",
  ];
}

/** Other names need quotes in a pack, and are left for its author. */
const PLAIN_NAME = /^[\w@-]+(?:\.[\w@-]+)*$/;

function movesOf(namespace: string, leaves: readonly string[]): readonly string[] {
  const names = leaves.filter((name) => PLAIN_NAME.test(name));
  const times = names.filter((name) => /^(?:.*\.)?(?:@?timestamp|time|date|ts|eventtime)$/i.test(name));
  const moves = new Map<string, string>();
  for (const name of names) {
    const last = name.slice(name.lastIndexOf(".") + 1).toLowerCase();
    const target = GUESSES.get(last);
    if (target !== undefined && ![...moves.values()].includes(target))
      moves.set(`${namespace}.${name}`, target);
  }
  return [
    ...times
      .slice(0, 1)
      .map(
        (name) =>
          `- date: { from: ${namespace}.${name}, formats: [iso8601, epoch, clf, syslog], otherwise: ignore }`,
      ),
    ...(moves.size === 0 ? [] : ["# Guessed by name: check each.", "- move:"]),
    ...[...moves].map(([from, to]) => `    ${from}: ${to}`),
  ];
}

const CAPTURES: Readonly<Record<PieceKind, string>> = {
  time: "NOTSPACE",
  url: "NOTSPACE",
  ip: "IP",
  mac: "MAC",
  hash: "HEX",
  id: "NOTSPACE",
  email: "NOTSPACE",
  text: "DATA",
  path: "NOTSPACE",
  number: "NOTSPACE",
};

/** The same as an expression: recognisers know no names. */
const EXPRESSIONS: Readonly<Record<string, string>> = {
  NOTSPACE: "\\S+",
  IP: "[\\d.:A-Fa-f]+",
  MAC: "[\\w:-]+",
  HEX: "\\w+",
  DATA: ".*?",
};

/** @param namespace of the captures; without it the pattern only recognises */
function patternOf(line: string, namespace?: string): string {
  const uses = new Map<string, number>();
  let pattern = "^";
  let at = 0;
  for (const piece of piecesOf(line)) {
    pattern += literal(line.slice(at, piece.start)) + captureOf(piece, uses, namespace);
    at = piece.start + piece.text.length;
  }
  return `${pattern}${literal(line.slice(at))}$`;
}

function captureOf({ kind, text }: Piece, uses: Map<string, number>, namespace: string | undefined): string {
  const words = text.split(" ").length;
  const name = kind === "time" && words > 1 ? `\\S+${" \\S+".repeat(words - 1)}` : undefined;
  if (namespace === undefined) return name ?? EXPRESSIONS[CAPTURES[kind]] ?? "\\S+";
  const count = (uses.get(kind) ?? 0) + 1;
  uses.set(kind, count);
  const field = `${namespace}.${kind}${count === 1 ? "" : count}`;
  return name === undefined ? `%{${CAPTURES[kind]}:${field}}` : `(?<${field}>${name})`;
}

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&").replace(/\s+/g, "\\s+");
}

/** A YAML text in double quotes, and in single ones. */
function quoted(text: string): string {
  return JSON.stringify(text);
}

function single(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** The first lines, and one of each shape. */
function samples(lines: readonly SampleLine[], shapes: readonly Shape[]): readonly string[] {
  const chosen = new Set(shapes.flatMap(({ lines: [first] }) => (first === undefined ? [] : [first.raw])));
  for (const { raw } of lines) {
    if (chosen.size >= MAX_SAMPLES) break;
    chosen.add(raw);
  }
  return [...chosen];
}

function readme(name: string, namespace: string): string {
  return `# ${name}

Reads … (say which product and which of its logs).

## Send it

Say what to set on the product, so that a reader can copy it: syslog to \`tyto.example.com:514\`, or HTTP to \`https://tyto.example.com/api/v1/ingest\`.

## Fields

| what | field |
|---|---|
| … | \`source.ip\` |
| everything else | \`${namespace}.*\` |
`;
}
