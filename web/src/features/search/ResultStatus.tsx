import type { Histogram, SearchReply } from "@tyto/domain";
import { IconChevronDown } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Button, formatAmount, formatBytes, formatCount, MenuItem, Popover } from "../../ui/index.ts";
import type { ResultShape } from "./result-shape.ts";
import css from "./SearchPage.module.css";

interface ResultStatusProps {
  readonly reply: SearchReply;
  readonly shape: ResultShape;
  readonly histogram: Histogram | undefined;
  readonly mode: "text" | "kql";
  readonly columns: readonly string[];
  readonly onColumns: (columns: readonly string[]) => void;
  readonly onOpenAsKql: () => void;
}

/** How much was found, what it cost, and what else can be done with it. */
export function ResultStatus(props: ResultStatusProps): ReactNode {
  const { reply, shape, histogram, mode } = props;
  // "1,000 of 89,412" says that events were left out; a table that was cut has nothing else that says it.
  const isCounted = shape.kind === "events" && histogram !== undefined && histogram.total > reply.rows.length;
  return (
    <div className={css["status"]}>
      <span>
        {isCounted && (mode === "text" ? "The newest " : "The first ")}
        <b>{formatAmount(reply.rows.length, shape.kind === "events" ? "event" : "row")}</b>
        {isCounted && <> of {formatCount(histogram.total)}</>}
      </span>
      <span>
        {formatCount(Math.round(reply.stats.elapsedMs))} ms, {formatAmount(reply.stats.rowsRead, "row")} and{" "}
        {formatBytes(reply.stats.bytesRead)} read
      </span>
      {reply.stats.partial && !isCounted && (
        <span className={css["partial"]}>
          A limit cut this result: narrow the time or the query to see all of it.
        </span>
      )}
      <span className="grow" />
      {shape.kind === "events" && <ColumnMenu names={shape.filled} {...props} />}
      {mode === "text" && <Button onClick={props.onOpenAsKql}>Open as KQL</Button>}
    </div>
  );
}

const FIXED: ReadonlySet<string> = new Set(["timestamp", "id", "source"]);

function ColumnMenu({
  names,
  columns,
  onColumns,
}: Pick<ResultStatusProps, "columns" | "onColumns"> & { readonly names: readonly string[] }): ReactNode {
  return (
    <Popover
      label="Columns"
      role="menu"
      align="end"
      trigger={(trigger) => (
        <Button {...trigger}>
          Columns{columns.length > 0 ? ` (${columns.length})` : ""}
          <IconChevronDown size={12} aria-hidden="true" />
        </Button>
      )}
    >
      {() =>
        names
          .filter((name) => !FIXED.has(name))
          .map((name) => (
            <MenuItem
              key={name}
              isChecked={columns.includes(name)}
              onSelect={() =>
                onColumns(columns.includes(name) ? columns.filter((one) => one !== name) : [...columns, name])
              }
            >
              <span className="mono">{name}</span>
            </MenuItem>
          ))
      }
    </Popover>
  );
}
