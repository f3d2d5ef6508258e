import { TytoError } from "@tyto/domain";

/** Loki allows fewer; a stream with more is no stream. */
const MAX_LABELS = 200;
const LABEL = /\s*([A-Za-z_][\w.:/-]{0,1023})\s*=\s*("(?:[^"\\]|\\[^])*")\s*/y;

/** `{job="varlogs", host="web1"}` → an object. @throws TytoError `bad-request` */
export function parseLabels(text: string): Readonly<Record<string, string>> {
  const labels = Object.create(null) as Record<string, string>;
  const inner = /^\s*\{([^]*)\}\s*$/.exec(text)?.[1];
  if (inner === undefined) throw badLabels();
  if (inner.trim() === "") return labels;
  let count = 0;
  for (LABEL.lastIndex = 0; ;) {
    const match: RegExpExecArray | null = LABEL.exec(inner);
    if (match === null) throw badLabels();
    const [whole, name = "", value = ""] = match;
    labels[name] = unquoted(value);
    count += 1;
    const end = match.index + whole.length;
    if (count > MAX_LABELS) throw badLabels();
    if (end === inner.length) return labels;
    if (inner[end] !== ",") throw badLabels();
    if (inner.slice(end + 1).trim() === "") return labels;
    LABEL.lastIndex = end + 1;
  }
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r" };

/** As Go quotes, of which JSON knows all but `\x` and the like: those keep their character. */
function unquoted(quoted: string): string {
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return quoted.slice(1, -1).replace(/\\([^])/g, (_, character: string) => ESCAPES[character] ?? character);
  }
}

function badLabels(): TytoError {
  return new TytoError("bad-request", 'the labels of a stream are none; they look like {job="x", host="y"}');
}
