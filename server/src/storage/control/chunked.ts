/** Rows of one statement: well below the limits on parameters (SQLite 32,766, PostgreSQL 65,535). */
const CHUNK_ROWS = 500;

export function chunked<T>(rows: Iterable<T>): readonly (readonly T[])[] {
  const all = [...rows];
  const chunks: (readonly T[])[] = [];
  for (let at = 0; at < all.length; at += CHUNK_ROWS) chunks.push(all.slice(at, at + CHUNK_ROWS));
  return chunks;
}
