import { IconMinus, IconPlus } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Button, CopyButton, LogText } from "../../ui/index.ts";
import css from "./EventDetail.module.css";
import type { FieldRow } from "./field-values.ts";

/** Narrows the search that the event was found by. */
export type FieldFilter = (field: string, value: string | number | boolean, sense: "in" | "out") => void;

interface FieldLineProps {
  readonly row: FieldRow;
  readonly marks: readonly string[];
  readonly onFilter: FieldFilter | undefined;
}

/** A name and its value, with what one can do with it. */
export function FieldLine({ row, marks, onFilter }: FieldLineProps): ReactNode {
  const { scalar } = row;
  return (
    <div className={css["field"]}>
      <span className={`mono ${css["name"] ?? ""}`}>
        <LogText text={row.name} limit={120} />
      </span>
      <span className={`mono ${css["value"] ?? ""}`}>
        <LogText text={row.text} marks={marks} />
      </span>
      <span className={css["tools"]}>
        {onFilter !== undefined && scalar !== undefined && (
          <>
            <Button
              tone="quiet"
              iconLabel={`Only ${row.name} with this value`}
              onClick={() => onFilter(row.name, scalar, "in")}
            >
              <IconPlus size={13} />
            </Button>
            <Button
              tone="quiet"
              iconLabel={`Without this value of ${row.name}`}
              onClick={() => onFilter(row.name, scalar, "out")}
            >
              <IconMinus size={13} />
            </Button>
          </>
        )}
        <CopyButton look="icon" text={row.text} label={`Copy ${row.name}`} />
      </span>
    </div>
  );
}
