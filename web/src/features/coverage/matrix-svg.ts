import type { CoverageCell } from "@tyto/domain";
import type { MatrixColumn } from "./cells.ts";

const WIDTH = 118;
const HEIGHT = 34;
const GAP = 3;
const HEAD = 64;
const EDGE = 16;
const FILLS = ["#ffffff", "url(#hatch)", "#dbe9f8", "#8fbdea"] as const;
const MAX_LINE = 21;

/** The matrix as it is shown, for documents: colours of paper, shapes as on the screen. */
export function matrixSvg(columns: readonly MatrixColumn[], title: string): string {
  const rows = Math.max(0, ...columns.map(({ cells }) => cells.length));
  const width = EDGE * 2 + columns.length * (WIDTH + GAP);
  const height = EDGE * 2 + HEAD + rows * (HEIGHT + GAP);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="Inter, system-ui, sans-serif" font-size="9">`,
    `<title>${escape(title)}</title>`,
    `<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="6" height="6" fill="#ffffff"/><rect width="2" height="6" fill="#d9dee5"/></pattern></defs>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    `<text x="${EDGE}" y="${EDGE + 12}" font-size="13" font-weight="600" fill="#171c23">${escape(title)}</text>`,
    `<text x="${EDGE}" y="${EDGE + 28}" fill="#566273">■ enabled   ● telemetry arrives   ▲ tested   filled where it holds; hatched: enabled without telemetry; blue: telemetry arrives; dark blue: covered</text>`,
    ...columns.flatMap((column, index) => columnOf(column, EDGE + index * (WIDTH + GAP))),
    "</svg>",
  ].join("\n");
}

function columnOf({ name, cells }: MatrixColumn, x: number): readonly string[] {
  return [
    `<text x="${x}" y="${EDGE + HEAD - 8}" font-weight="600" fill="#171c23">${escape(name)}</text>`,
    ...cells.map((cell, row) => cellOf(cell, x, EDGE + HEAD + row * (HEIGHT + GAP))),
  ];
}

function cellOf(cell: CoverageCell, x: number, y: number): string {
  const [first = "", second = ""] = linesOf(cell.name);
  const inset = cell.parent === undefined ? 0 : 8;
  return [
    `<g transform="translate(${x + inset} ${y})">`,
    `<rect width="${WIDTH - inset}" height="${HEIGHT}" rx="3" fill="${FILLS[cell.score]}" stroke="${cell.rules.length > 0 ? "#566273" : "#d9dee5"}"/>`,
    `<text x="5" y="11" fill="#171c23">${escape(first)}</text>`,
    `<text x="5" y="21" fill="#171c23">${escape(second)}</text>`,
    `<text x="5" y="31" font-size="7" fill="#566273">${cell.id}</text>`,
    cell.rules.length === 0 ? "" : markOf(cell, WIDTH - inset),
    "</g>",
  ].join("");
}

function markOf({ enabled, arriving, tested, rules }: CoverageCell, width: number): string {
  const look = (isTrue: boolean) => (isTrue ? 'fill="#171c23"' : 'fill="none" stroke="#171c23"');
  const x = width - 48;
  return [
    `<rect x="${x}" y="25" width="6" height="6" ${look(enabled > 0)}/>`,
    `<circle cx="${x + 13}" cy="28" r="3" ${look(arriving > 0)}/>`,
    `<path d="M${x + 22} 25l3.500 6h-7z" ${look(tested > 0)}/>`,
    `<text x="${width - 5}" y="31" text-anchor="end" font-size="8" fill="#171c23">${rules.length}</text>`,
  ].join("");
}

function linesOf(name: string): readonly string[] {
  const lines = [""];
  for (const word of name.split(" ")) {
    const last = lines.at(-1) ?? "";
    if (last !== "" && last.length + word.length + 1 > MAX_LINE) lines.push(word);
    else lines[lines.length - 1] = last === "" ? word : `${last} ${word}`;
  }
  const [first = "", second = "", ...rest] = lines;
  return [first, rest.length === 0 ? second : `${second}…`];
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
