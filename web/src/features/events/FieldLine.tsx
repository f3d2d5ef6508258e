import { IconDots, IconMinus, IconPlus } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import {
  Button,
  copyText,
  CopyButton,
  defang,
  LogText,
  MenuItem,
  Popover,
  useToasts,
} from "../../ui/index.ts";
import { quoteValue } from "../entities/entity-query.ts";
import css from "./EventDetail.module.css";
import type { FieldRow } from "./field-values.ts";

/** Narrows the search that the event was found by. */
export type FieldFilter = (field: string, value: string | number | boolean, sense: "in" | "out") => void;

interface FieldLineProps {
  readonly row: FieldRow;
  readonly marks: readonly string[];
  readonly onFilter: FieldFilter | undefined;
  /** Shows the field as a column, or no longer. */
  readonly onColumn?: ((field: string) => void) | undefined;
  /** Of a further value of a list: its name stands above. */
  readonly isNameHidden?: boolean;
}

/** A name and its value, with what one can do with it. */
export function FieldLine({
  row,
  marks,
  onFilter,
  onColumn,
  isNameHidden = false,
}: FieldLineProps): ReactNode {
  const { scalar } = row;
  return (
    <div className={css["field"]}>
      <span className={`mono ${css["name"] ?? ""}`}>
        {isNameHidden ? (
          <span className="visually-hidden">{row.name}</span>
        ) : (
          <LogText text={row.name} limit={120} />
        )}
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
        <ValueMenu row={row} onColumn={onColumn} />
      </span>
    </div>
  );
}

/** The rarer ways on from a value. */
function ValueMenu({ row, onColumn }: Pick<FieldLineProps, "row" | "onColumn">): ReactNode {
  const toasts = useToasts();
  const copy = (text: string) =>
    void copyText(text).then((isDone) =>
      toasts.show({ message: isDone ? "Copied" : "This browser lets nobody copy here" }),
    );
  const { name, text, scalar } = row;
  return (
    <Popover
      label={`More about ${name}`}
      role="menu"
      align="end"
      trigger={(trigger) => (
        <Button {...trigger} tone="quiet" iconLabel={`More about ${name}`}>
          <IconDots size={13} />
        </Button>
      )}
    >
      {(close) => (
        <>
          {scalar !== undefined && (
            <>
              <Link
                role="menuitem"
                tabIndex={-1}
                className={css["menuLink"]}
                to="/search"
                search={{ q: `${name}:${quoteValue(text)}` }}
              >
                Search this value alone
              </Link>
              <Link
                role="menuitem"
                tabIndex={-1}
                className={css["menuLink"]}
                to="/search"
                search={{ q: quoteValue(text), from: "-7d", to: "now" }}
              >
                Search it in every field, 7 days
              </Link>
            </>
          )}
          {onColumn !== undefined && (
            <MenuItem
              onSelect={() => {
                close();
                onColumn(name);
              }}
            >
              Show or hide as a column
            </MenuItem>
          )}
          <MenuItem
            onSelect={() => {
              close();
              copy(defang(text));
            }}
          >
            Copy defanged
          </MenuItem>
          <MenuItem
            onSelect={() => {
              close();
              copy(name);
            }}
          >
            Copy the field’s name
          </MenuItem>
        </>
      )}
    </Popover>
  );
}
