import { IconX } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Button } from "./Button.tsx";
import css from "./DetailPanel.module.css";

interface DetailPanelProps {
  /** In one line above the title. */
  readonly lead: ReactNode;
  readonly title: ReactNode;
  readonly className?: string | undefined;
  readonly onDismiss: () => void;
  readonly children: ReactNode;
}

/** What stands beside a list: one of its items, whole. */
export function DetailPanel({
  lead,
  title,
  className = "",
  onDismiss,
  children,
}: DetailPanelProps): ReactNode {
  return (
    <div className={`${css["panel"] ?? ""} ${className}`}>
      <div className={css["head"]}>
        {lead}
        <span className="grow" />
        <Button tone="quiet" iconLabel="Close the panel (Esc)" onClick={onDismiss}>
          <IconX size={16} />
        </Button>
      </div>
      <h2>{title}</h2>
      {children}
    </div>
  );
}
