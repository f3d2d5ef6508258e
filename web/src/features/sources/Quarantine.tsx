import type { Quarantined } from "@tyto/domain";
import type { ReactNode } from "react";
import { useQuarantine } from "../../api/index.ts";
import {
  Button,
  CopyButton,
  Empty,
  ErrorNote,
  formatBytes,
  humanise,
  LogText,
  Skeleton,
  Time,
} from "../../ui/index.ts";
import css from "./Sources.module.css";

/** Records that could not become events: kept, counted, and shown with the reason. */
export function Quarantine(): ReactNode {
  const list = useQuarantine();
  if (list.error !== null) return <ErrorNote error={list.error} onRetry={() => void list.refetch()} />;
  if (list.data === undefined) return <Skeleton />;
  const records = list.data.pages.flatMap((page) => page.items);
  if (records.length === 0) {
    return (
      <Empty title="Nothing is quarantined">
        Every record so far became an event. What cannot, such as an oversize line or a broken frame, waits
        here.
      </Empty>
    );
  }
  return (
    <>
      {records.map((record) => (
        <Record key={record.id} record={record} />
      ))}
      {list.hasNextPage && (
        <div className={css["more"]}>
          <Button disabled={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            Show more
          </Button>
        </div>
      )}
    </>
  );
}

function Record({ record }: { readonly record: Quarantined }): ReactNode {
  return (
    <article className={css["quarantined"]}>
      <div className={css["quarantinedHead"]}>
        <b>{humanise(record.reason)}</b>
        <span>{record.detail}</span>
        <span className="muted small">
          <LogText text={record.source} limit={100} /> · <Time value={record.ingested} as="instant" /> ·{" "}
          {formatBytes(record.bytes)}
        </span>
        <span className="grow" />
        <CopyButton look="icon" text={record.excerpt} label="Copy the excerpt" />
      </div>
      <pre tabIndex={0} aria-label="Beginning of the record">
        <LogText text={record.excerpt} layout="block" limit={2_000} />
      </pre>
    </article>
  );
}
