declare const bound: unique symbol;

/** Types that the engine binds parameters as. */
export type ParameterType =
  | "String"
  | "Array(String)"
  | "Int64"
  | "Array(Int64)"
  | "UInt64"
  | "Array(UInt64)"
  | "Float64"
  | "Array(Float64)"
  | "Bool"
  | "DateTime64(6, 'UTC')"
  | "IPv6"
  | "Array(IPv6)";

export interface QueryParameter {
  readonly type: ParameterType;
  readonly value: string | number | boolean | readonly (string | number)[];
}

/**
 * SQL whose every outside value is a server-bound parameter `{p0:String}`. The brand keeps a bare string from entering a query:
 * only `sql` makes one.
 */
export interface BoundQuery {
  readonly [bound]: true;
  readonly sql: string;
  readonly params: Readonly<Record<string, QueryParameter>>;
}

/** A table, column or function name out of an allow-list of ours. */
export interface SqlName {
  readonly name: string;
}

type Part = BoundQuery | QueryParameter | SqlName;

/** Text of ours, or a value that will be bound in its place. */
type Chunk = string | QueryParameter;

/** Chunks stay apart until the engine asks, so that nesting costs no renumbering. */
class Fragment implements BoundQuery {
  declare readonly [bound]: true;
  readonly chunks: readonly Chunk[];

  constructor(chunks: readonly Chunk[]) {
    this.chunks = chunks;
  }

  get sql(): string {
    const names = this.#names();
    return this.chunks
      .map((chunk) => (typeof chunk === "string" ? chunk : `{${names.get(chunk) ?? ""}:${chunk.type}}`))
      .join("");
  }

  get params(): Readonly<Record<string, QueryParameter>> {
    return Object.fromEntries([...this.#names()].map(([parameter, name]) => [name, parameter]));
  }

  /** One parameter may stand in several places: it is bound once. */
  #names(): ReadonlyMap<QueryParameter, string> {
    const names = new Map<QueryParameter, string>();
    for (const chunk of this.chunks) {
      if (typeof chunk !== "string" && !names.has(chunk)) names.set(chunk, `p${names.size}`);
    }
    return names;
  }
}

const SAFE_NAME = /^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$/;

/**
 * Quotes an identifier that comes from our own catalogue.
 * @throws Error for any other: a name from outside is bound, or stands behind an alias of ours.
 */
export function sqlName(name: string): SqlName {
  if (!SAFE_NAME.test(name)) throw new Error("an identifier of ours has letters, digits, _ and dots only");
  return { name: `\`${name}\`` };
}

/** A value that the engine binds; never part of the text. */
export function param(type: ParameterType, value: QueryParameter["value"]): QueryParameter {
  return { type, value };
}

/** Builds SQL from literal text of ours, names, parameters and other bound queries. */
export function sql(strings: TemplateStringsArray, ...parts: readonly Part[]): BoundQuery {
  const chunks: Chunk[] = [];
  strings.forEach((piece, index) => {
    if (piece !== "") chunks.push(piece);
    const part = parts[index];
    if (part === undefined) return;
    if (part instanceof Fragment) for (const chunk of part.chunks) chunks.push(chunk);
    else if ("name" in part) chunks.push(part.name);
    else if ("type" in part) chunks.push(part);
    else throw new Error("a bound query is made by `sql` only");
  });
  return new Fragment(chunks);
}

/** Joins bound parts with literal text of ours between them; nothing for no parts. */
export function joinSql(
  parts: readonly BoundQuery[],
  separator: " AND " | " OR " | ", " | " " | " || " | " UNION ALL ",
): BoundQuery {
  const chunks: Chunk[] = [];
  parts.forEach((part, index) => {
    if (index > 0) chunks.push(separator);
    if (part instanceof Fragment) for (const chunk of part.chunks) chunks.push(chunk);
  });
  return new Fragment(chunks);
}

/** Of how many pieces a query is made: what its text will cost. */
export function sizeOf(query: BoundQuery): number {
  return query instanceof Fragment ? query.chunks.length : 0;
}
