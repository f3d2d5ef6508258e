import type { ReactNode } from "react";
import { formatCount, LogText, Severity, Time } from "../../ui/index.ts";
import { textOfValue } from "../events/field-values.ts";
import css from "./Dashboards.module.css";
import type { PanelBodyProps } from "./PanelBody.tsx";
import { numberOf } from "./panel-shape.ts";

const MOST_ROWS = 200;
const LEVELS = ["low", "medium", "high", "critical"] as const;
const NUMBERS: ReadonlySet<string> = new Set(["int", "long", "real"]);

/** The answer's rows. A value that a field holds unchanged can be filtered by. */
export function PanelTable({ panel, answer, filters, onFilter }: PanelBodyProps): ReactNode {
  const { columns, rows } = answer;
  if (rows.length === 0) return <p className={css["nothing"]}>No rows in this time.</p>;
  const isChosen = (field: string, text: string) =>
    filters.some((filter) => filter.field === field && filter.not !== true && filter.values.includes(text));
  return (
    <div className={css["table"]} tabIndex={0} role="region" aria-label={`${panel.title} as a table`}>
      <table>
        <thead>
          <tr>
            {columns.map(({ name, type }) => (
              <th key={name} scope="col" className={NUMBERS.has(type) ? "num" : undefined}>
                <LogText text={name} limit={60} isExpandable={false} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, MOST_ROWS).map((row, at) => (
            <tr key={at}>
              {columns.map(({ name, type, field }, index) => {
                const value = row[index];
                const text = textOfValue(value);
                const canFilter =
                  field !== null && type !== "datetime" && type !== "real" && !Array.isArray(value);
                return (
                  <td key={name} className={NUMBERS.has(type) ? "num" : undefined}>
                    {canFilter ? (
                      <button
                        type="button"
                        className={css["value"]}
                        aria-pressed={isChosen(field, text)}
                        title={`Filter all panels by ${field}`}
                        onClick={() => onFilter([{ field, value: text }])}
                      >
                        <Cell name={name} type={type} value={value} />
                      </button>
                    ) : (
                      <Cell name={name} type={type} value={value} />
                    )}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > MOST_ROWS && (
        <p className="muted small">
          The first {MOST_ROWS} of {formatCount(rows.length)}; CSV has all.
        </p>
      )}
    </div>
  );
}

function Cell({
  name,
  type,
  value,
}: {
  readonly name: string;
  readonly type: string;
  readonly value: unknown;
}): ReactNode {
  const text = textOfValue(value);
  if (type === "datetime" && text !== "") return <Time value={text} as="instant" />;
  const level = name === "severity" || name === "level" ? LEVELS.find((one) => one === text) : undefined;
  if (level !== undefined) return <Severity level={level} />;
  const number = NUMBERS.has(type) ? numberOf(value) : null;
  if (number !== null && name.includes("port")) return text;
  if (number !== null) return formatCount(Math.round(number * 100) / 100);
  return <LogText text={text || "–"} limit={120} isExpandable={false} />;
}
