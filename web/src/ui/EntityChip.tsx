import type { ReactNode } from "react";
import { copyText } from "./copy.ts";
import { useToasts } from "./environment.ts";
import css from "./EntityChip.module.css";
import { MenuHeading, MenuItem, Popover } from "./overlay/Popover.tsx";
import { defang } from "./text/hostile-text.ts";
import { LogText } from "./text/LogText.tsx";

export interface ChipEntity {
  readonly type: string;
  readonly value: string;
}

export interface ChipAction {
  readonly label: string;
  readonly run: () => void;
}

interface EntityChipProps {
  readonly entity: ChipEntity;
  readonly actions: readonly ChipAction[];
}

/** A name that alerts are about, with what one can do with it. */
export function EntityChip({ entity, actions }: EntityChipProps): ReactNode {
  const toasts = useToasts();
  const copy = (text: string) =>
    void copyText(text).then((isDone) =>
      toasts.show({ message: isDone ? "Copied" : "This browser lets nobody copy here" }),
    );
  return (
    <Popover
      label={`${entity.type} ${entity.value}`}
      role="menu"
      trigger={(props) => (
        <button type="button" {...props} className={css["chip"]}>
          <LogText text={entity.value} limit={80} isExpandable={false} />
        </button>
      )}
    >
      {(close) => (
        <>
          <MenuHeading>{entity.type}</MenuHeading>
          {[
            ...actions,
            { label: "Copy", run: () => copy(entity.value) },
            { label: "Copy defanged", run: () => copy(defang(entity.value)) },
          ].map((action) => (
            <MenuItem
              key={action.label}
              onSelect={() => {
                close();
                action.run();
              }}
            >
              {action.label}
            </MenuItem>
          ))}
        </>
      )}
    </Popover>
  );
}

interface EntityNamesProps {
  readonly entities: readonly ChipEntity[];
}

/** In a table's cell: the first two, unadorned; in a narrow table the first. */
export function EntityNames({ entities }: EntityNamesProps): ReactNode {
  return (
    <span className={css["names"]}>
      {entities.slice(0, 2).map((entity) => (
        <span key={`${entity.type} ${entity.value}`} className={css["chip"]}>
          <LogText text={entity.value} limit={60} isExpandable={false} />
        </span>
      ))}
      {entities.length > 2 && (
        <span className={`${css["plus"] ?? ""} ${css["roomy"] ?? ""}`}>+{entities.length - 2}</span>
      )}
      {entities.length > 1 && (
        <span className={`${css["plus"] ?? ""} ${css["narrow"] ?? ""}`}>+{entities.length - 1}</span>
      )}
    </span>
  );
}

export function EntityList({ children }: { readonly children: ReactNode }): ReactNode {
  return <span className={css["list"]}>{children}</span>;
}
