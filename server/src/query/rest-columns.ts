import { param, sql, sqlName, joinSql, type BoundQuery } from "./bound-query.ts";

/**
 * What is asked of an event's other fields, as columns right at the scan: `rest` is read once a row however many fields are asked
 * for, and what several expressions need is written once. The engine's time for a statement grows with its length.
 */
export class RestColumns {
  readonly #columns = new Map<string, BoundQuery>();
  /** By level: a column names only those of the levels below. */
  readonly #levels: BoundQuery[][] = [];

  /** JSON of the field; empty when it is not there. The engine writes it anew: without blanks, with its own escapes. */
  json(name: string): BoundQuery {
    return this.column(`json ${name}`, 1, () => sql`rest_map[${param("String", name)}]`);
  }

  /** JSON of the object that is the field's value, or of those in its list. */
  objects(name: string): BoundQuery {
    return this.column(`objects ${name}`, 2, () => objectsOfJson(this.json(name)));
  }

  column(key: string, level: number, make: () => BoundQuery): BoundQuery {
    const known = this.#columns.get(key);
    if (known !== undefined) return known;
    const made = make();
    const alias = sqlName(`rest_${this.#columns.size}`);
    (this.#levels[level] ??= []).push(sql`${made} AS ${alias}`);
    const column = sql`${alias}`;
    this.#columns.set(key, column);
    return column;
  }

  /** The table with these columns; what nobody reads of the others the engine leaves out. */
  addedTo(table: BoundQuery): BoundQuery {
    if (this.#levels.length === 0) return table;
    const map = sql`CAST(JSONExtractKeysAndValuesRaw(rest), 'Map(String, String)') AS rest_map`;
    return [[map], ...this.#levels.filter((level) => level.length > 0)].reduce(
      (from, level) => sql`(SELECT *, ${joinSql(level, ", ")} FROM ${from})`,
      table,
    );
  }
}

/** The value itself, or a list's elements. Lists in the third list stay: whoever asks leaves them out. */
export function elementsOfJson(json: BoundQuery): BoundQuery {
  const expand = (list: BoundQuery): BoundQuery =>
    sql`arrayFlatten(arrayMap(z -> if(startsWith(z, '['), JSONExtractArrayRaw(z), [z]), ${list}))`;
  return sql`if(startsWith(${json}, '['), ${expand(expand(sql`JSONExtractArrayRaw(${json})`))}, [${json}])`;
}

export function objectsOfJson(json: BoundQuery): BoundQuery {
  return sql`arrayFilter(q -> startsWith(q, '{'), ${elementsOfJson(json)})`;
}
