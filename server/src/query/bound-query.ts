declare const bound: unique symbol;

/** Types that the engine binds parameters as. */
export type ParameterType =
  | "String"
  | "Array(String)"
  | "Int64"
  | "UInt64"
  | "Array(UInt64)"
  | "Float64"
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

type Part = BoundQuery | QueryParameter | SqlName;

/** A table, column or function name out of an allow-list of ours. */
export interface SqlName {
  readonly name: string;
}

const SAFE_NAME = /^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$/;

/** Quotes an identifier that comes from our own catalogue. */
export function sqlName(name: string): SqlName {
  return { name: SAFE_NAME.test(name) ? `\`${name}\`` : `\`${name.replace(/[\\`]/g, "\\$&")}\`` };
}

/** Builds SQL from literal text of ours, names, parameters and other bound queries; parameters are renumbered. */
export function sql(strings: TemplateStringsArray, ...parts: readonly Part[]): BoundQuery {
  let text = "";
  const params: Record<string, QueryParameter> = {};
  let next = 0;
  strings.forEach((piece, index) => {
    text += piece;
    const part = parts[index];
    if (part === undefined) return;
    if ("name" in part) text += part.name;
    else if ("sql" in part) {
      text += part.sql.replace(/\{p(\d+):/g, (_, old: string) => {
        const value = part.params[`p${old}`];
        if (value === undefined) throw new Error(`unbound parameter p${old}`);
        const name = `p${next++}`;
        params[name] = value;
        return `{${name}:`;
      });
    } else {
      const name = `p${next++}`;
      params[name] = part;
      text += `{${name}:${part.type}}`;
    }
  });
  return { sql: text, params } as unknown as BoundQuery;
}

/** Joins bound parts with literal text of ours between them. */
export function joinSql(parts: readonly BoundQuery[], separator: " AND " | " OR " | ", " | " "): BoundQuery {
  return parts.reduce<BoundQuery>(
    (joined, part, index) => (index === 0 ? part : sqlConcat(joined, separator, part)),
    sql``,
  );
}

function sqlConcat(a: BoundQuery, separator: string, b: BoundQuery): BoundQuery {
  const strings = Object.assign(["", separator, ""], { raw: ["", separator, ""] });
  return sql(strings, a, b);
}
