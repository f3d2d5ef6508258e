import type { Export, ExportFormat } from "@tyto/domain";
import { type ReactNode, useState } from "react";
import { type SearchRequest, useBeginExport, useExports, useRemoveExport } from "../../api/index.ts";
import {
  Button,
  buttonClass,
  CopyButton,
  Dialog,
  DialogFoot,
  failureOf,
  Field,
  formatBytes,
  formatCount,
  LogText,
  Select,
  Time,
} from "../../ui/index.ts";
import css from "./SearchTools.module.css";

const FORMATS: readonly (readonly [ExportFormat, string])[] = [
  ["csv", "CSV, for spreadsheets"],
  ["ndjson", "NDJSON, a JSON object a line"],
  ["parquet", "Parquet, for data tools"],
];

/** Every row of the search in a file, however many there are; it is made in the background. */
export function ExportDialog({
  request,
  columns,
  onClose,
}: {
  readonly request: SearchRequest;
  /** That the page shows beside the usual ones. */
  readonly columns: readonly string[];
  readonly onClose: () => void;
}): ReactNode {
  const [format, setFormat] = useState<ExportFormat>("csv");
  const [isOnlyShown, setIsOnlyShown] = useState(columns.length > 0);
  const begin = useBeginExport();
  const { data } = useExports();
  return (
    <Dialog title="Export all rows" shape="wide" onClose={onClose}>
      <form
        className={css["pair"]}
        onSubmit={(event) => {
          event.preventDefault();
          begin.mutate({ request, format, columns: isOnlyShown ? ["timestamp", ...columns] : [] });
        }}
      >
        <Field
          label="Format"
          hint="All rows of the search as it is shown, without any limit of this page."
          problem={begin.error === null ? undefined : failureOf(begin.error).message}
        >
          {(control) => (
            <Select
              {...control}
              value={format}
              onChange={(event) =>
                setFormat(FORMATS.find(([key]) => key === event.target.value)?.[0] ?? "csv")
              }
            >
              {FORMATS.map(([key, label]) => (
                <option key={key} value={key}>
                  {label}
                </option>
              ))}
            </Select>
          )}
        </Field>
        {columns.length > 0 && (
          <Field label="Columns">
            {(control) => (
              <Select
                {...control}
                value={isOnlyShown ? "shown" : "usual"}
                onChange={(event) => setIsOnlyShown(event.target.value === "shown")}
              >
                <option value="shown">Time and the chosen ones ({formatCount(columns.length)})</option>
                <option value="usual">All usual ones</option>
              </Select>
            )}
          </Field>
        )}
        <div className={css["submit"]}>
          <Button type="submit" tone="primary" disabled={begin.isPending}>
            Export
          </Button>
        </div>
      </form>
      {(data?.items.length ?? 0) > 0 && (
        <ul className={css["exports"]} aria-label="Exports">
          {data?.items.slice(0, 12).map((one) => (
            <ExportItem key={one.id} item={one} />
          ))}
        </ul>
      )}
      <DialogFoot>
        <span className="muted small">It goes on when this dialog is closed. Files are kept for 7 days.</span>
        <span className="grow" />
        <Button onClick={onClose}>Close</Button>
      </DialogFoot>
    </Dialog>
  );
}

const STATES: Readonly<Record<Export["state"], string>> = {
  running: "Running",
  done: "Done",
  cancelled: "Cancelled",
  failed: "Failed",
  expired: "Expired",
};

function ExportItem({ item }: { readonly item: Export }): ReactNode {
  const remove = useRemoveExport();
  const { state, rows, bytes, total, format } = item;
  return (
    <li className={css["export"]}>
      <span className="ellipsis mono">
        <LogText text={item.kql.replaceAll("\n", " ")} limit={120} isExpandable={false} />
      </span>
      <span className={css["actions"]}>
        {state === "done" && (
          <a className={buttonClass()} href={`/api/v1/exports/${item.id}/file`} download>
            Download
          </a>
        )}
        <Button disabled={remove.isPending} onClick={() => remove.mutate(item.id)}>
          {state === "running" ? "Cancel" : "Delete"}
        </Button>
      </span>
      <span className="muted small">
        {STATES[state]} · {format.toUpperCase()} · {formatCount(rows)}
        {total !== null && state === "running" && ` of ${formatCount(total)}`} rows · {formatBytes(bytes)} ·{" "}
        {item.createdBy}, <Time value={item.createdAt} as="relative" />
      </span>
      {state === "running" && (
        <progress
          aria-label="Rows written"
          {...(total === null ? {} : { value: rows, max: Math.max(1, total) })}
        />
      )}
      {item.problem !== null && (
        <span>
          <LogText text={item.problem} limit={300} />
        </span>
      )}
      {item.sha256 !== null && state === "done" && (
        <span className={`mono muted ${css["digest"] ?? ""}`}>
          sha-256 {item.sha256} <CopyButton look="icon" text={item.sha256} label="Copy the digest" />
        </span>
      )}
    </li>
  );
}
