import type { ReactNode } from "react";
import { useDashboardVersions } from "../../api/index.ts";
import { Button, Dialog, ErrorNote, formatAmount, LogText, Skeleton, Time } from "../../ui/index.ts";
import css from "./Dashboards.module.css";
import type { DashboardState } from "./use-dashboard-page.ts";

interface VersionsDialogProps {
  readonly state: DashboardState;
  readonly onClose: () => void;
}

/** What the dashboard was before; any of it can be looked at, and duplicated. */
export function VersionsDialog({ state, onClose }: VersionsDialogProps): ReactNode {
  const { data, error } = useDashboardVersions(state.id);
  return (
    <Dialog title="Versions" shape="wide" onClose={onClose}>
      {error !== null ? (
        <ErrorNote error={error} />
      ) : data === undefined ? (
        <Skeleton lines={3} />
      ) : (
        <ul className={css["versions"]}>
          {data.items.map((one) => (
            <li key={one.version}>
              <span className="num">{one.version}</span>
              <LogText text={one.title} limit={80} isExpandable={false} />
              <span className="muted">{formatAmount(one.panels, "panel")}</span>
              <span className="muted">{one.by}</span>
              <Time value={one.at} />
              <Button
                onClick={() => {
                  onClose();
                  state.change({ version: String(one.version), edit: undefined });
                }}
              >
                Look at it
              </Button>
            </li>
          ))}
        </ul>
      )}
    </Dialog>
  );
}
