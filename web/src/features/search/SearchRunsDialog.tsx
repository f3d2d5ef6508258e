import type { SavedSearch } from "@tyto/domain";
import type { ReactNode } from "react";
import { useRunSearch, useSearchRuns } from "../../api/index.ts";
import {
  Button,
  Dialog,
  DialogFoot,
  ErrorNote,
  formatCount,
  LogText,
  Skeleton,
  Time,
} from "../../ui/index.ts";
import { openSaved } from "./SearchTools.tsx";
import css from "./SearchTools.module.css";
import type { SearchState } from "./use-search-page.ts";

interface SearchRunsDialogProps {
  readonly state: SearchState;
  readonly saved: SavedSearch;
  readonly onClose: () => void;
}

/** What a scheduled search found the last times. */
export function SearchRunsDialog({ state, saved, onClose }: SearchRunsDialogProps): ReactNode {
  const { data, error } = useSearchRuns(saved.id);
  const run = useRunSearch();
  return (
    <Dialog title={`Runs of “${saved.name}”`} shape="wide" onClose={onClose}>
      {error !== null ? (
        <ErrorNote error={error} />
      ) : data === undefined ? (
        <Skeleton lines={4} />
      ) : data.items.length === 0 ? (
        <p className="muted">It has not run yet.</p>
      ) : (
        <table className={css["runs"]}>
          <thead>
            <tr>
              <th scope="col">When</th>
              <th scope="col" className="num">
                Rows
              </th>
              <th scope="col" className="num">
                Took
              </th>
              <th scope="col">Outcome</th>
            </tr>
          </thead>
          <tbody>
            {data.items.slice(0, 30).map((one) => (
              <tr key={one.at}>
                <td>
                  <Time value={one.at} as="exact" />
                </td>
                <td className="num">{formatCount(one.count)}</td>
                <td className="num">{formatCount(Math.round(one.elapsedMs))} ms</td>
                <td>
                  {one.problem !== null ? (
                    <LogText text={one.problem} limit={200} />
                  ) : one.isOver ? (
                    "Threshold reached"
                  ) : (
                    "Below the threshold"
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <DialogFoot>
        <Button disabled={run.isPending} onClick={() => run.mutate(saved.id)}>
          Run now
        </Button>
        <span className="grow" />
        <Button
          tone="primary"
          onClick={() => {
            onClose();
            openSaved(state, saved);
          }}
        >
          Open the search
        </Button>
      </DialogFoot>
    </Dialog>
  );
}
