import { IconX } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Button, CopyButton } from "../../ui/index.ts";
import { textOfValue } from "../events/field-values.ts";
import { FieldLine } from "../events/FieldLine.tsx";
import { fieldsOfRow, type ResultRow, type ResultShape } from "./result-shape.ts";
import css from "./SearchPage.module.css";

interface RowPanelProps {
  readonly shape: ResultShape;
  readonly row: ResultRow;
  readonly onDismiss: () => void;
}

const NO_MARKS: readonly string[] = [];

/** A row that is no event, whole: a summary's group, a finding, an alert. */
export function RowPanel({ shape, row, onDismiss }: RowPanelProps): ReactNode {
  const fields = fieldsOfRow(shape, row);
  return (
    <div className={css["panel"]}>
      <div className={css["panelHead"]}>
        <h2>Row</h2>
        <CopyButton look="icon" text={JSON.stringify(fields, null, 2)} label="Copy as JSON" />
        <Button tone="quiet" iconLabel="Close the panel (Esc)" onClick={onDismiss}>
          <IconX size={16} />
        </Button>
      </div>
      {Object.entries(fields).map(([name, value]) => (
        <FieldLine
          key={name}
          row={{ name, text: textOfValue(value), scalar: undefined }}
          marks={NO_MARKS}
          onFilter={undefined}
        />
      ))}
    </div>
  );
}
