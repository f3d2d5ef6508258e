const MOST = 8;
/** A vendor's own field: in no list, and there all the same. */
const DOTTED = /^[A-Za-z_][\w-]*(\.[\w-]+)+$/;

/** Fields to add as columns: whose name begins so, then those that hold it, then the name itself where it may be a vendor's. */
export function columnsNamed(
  words: string,
  fields: readonly string[],
  shown: readonly string[],
): readonly string[] {
  const wanted = words.toLowerCase();
  const fitting = fields.filter((name) => name.toLowerCase().includes(wanted) && !shown.includes(name));
  const rank = (name: string) => (name.toLowerCase().startsWith(wanted) ? 0 : 1);
  const sorted = [...fitting].sort((a, b) => rank(a) - rank(b) || a.length - b.length || (a < b ? -1 : 1));
  const isOwn = DOTTED.test(words) && !fields.includes(words) && !shown.includes(words);
  return [...sorted.slice(0, MOST), ...(isOwn ? [words] : [])];
}
