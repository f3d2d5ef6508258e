import { csvLines } from "@tyto/domain";
import type { PanelAnswer } from "@tyto/domain";
import { textOfValue } from "../events/field-values.ts";

export function panelCsv({ columns, rows }: Pick<PanelAnswer, "columns" | "rows">): string {
  return csvLines([columns.map(({ name }) => name), ...rows.map((row) => row.map(textOfValue))]);
}

/** A file name that every system takes. */
export function fileName(title: string, ending: string): string {
  const words = title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  return `${words.slice(0, 60) || "panel"}.${ending}`;
}

const STYLES = ["fill", "fill-opacity", "stroke", "stroke-width", "font-family", "font-size", "text-anchor"];

/** The picture as it stands, with its colours written into it: it has no stylesheet where it goes. */
export function svgText(svg: SVGSVGElement): string {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const sources = [svg, ...svg.querySelectorAll<SVGElement>("*")];
  const copies = [copy, ...copy.querySelectorAll<SVGElement>("*")];
  for (const [at, source] of sources.entries()) {
    const style = getComputedStyle(source);
    const target = copies[at];
    if (target === undefined) continue;
    for (const name of STYLES) {
      const value = style.getPropertyValue(name);
      if (value !== "") target.setAttribute(name, value);
    }
    for (const name of ["class", "role", "tabindex", "aria-label", "aria-pressed", "data-chosen"])
      target.removeAttribute(name);
  }
  const back = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  back.setAttribute("width", "100%");
  back.setAttribute("height", "100%");
  back.setAttribute("fill", surfaceBehind(svg));
  copy.prepend(back);
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  return new XMLSerializer().serializeToString(copy);
}

function surfaceBehind(element: Element): string {
  for (let at: Element | null = element; at !== null; at = at.parentElement) {
    const color = getComputedStyle(at).backgroundColor;
    if (color !== "" && color !== "rgba(0, 0, 0, 0)" && color !== "transparent") return color;
  }
  return "white";
}

/** Twice as large as on the screen. @throws Error when the browser cannot draw it */
export async function pngOf(svg: SVGSVGElement): Promise<Blob> {
  const { width, height } = svg.getBoundingClientRect();
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svgText(svg))}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(width * 2);
  canvas.height = Math.round(height * 2);
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) =>
    canvas.toBlob(
      (blob) => (blob === null ? reject(new Error("The picture is too large")) : resolve(blob)),
      "image/png",
    ),
  );
}
