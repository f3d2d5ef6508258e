import type { Quarantined, ReplayBody, ReplayJob } from "@tyto/domain";
import { type ReactNode, useState } from "react";
import { quarantinedUrl, useQuarantine, useReplay, useReplayJob } from "../../api/index.ts";
import {
  Button,
  buttonClass,
  Empty,
  ErrorNote,
  formatAmount,
  formatBytes,
  formatCount,
  humanise,
  LogText,
  Skeleton,
  Time,
} from "../../ui/index.ts";
import { hexLines } from "./hex-lines.ts";
import css from "./Sources.module.css";

interface QuarantineProps {
  /** Empty for all. */
  readonly reason: string;
  readonly onReason: (reason: string) => void;
}

/** Records that could not become events: kept, counted, shown with the reason, and tried again when their pack is mended. */
export function Quarantine({ reason, onReason }: QuarantineProps): ReactNode {
  const list = useQuarantine(reason);
  const replay = useReplay();
  const { data: job = replay.data } = useReplayJob(replay.data?.id);
  if (list.error !== null) return <ErrorNote error={list.error} onRetry={() => void list.refetch()} />;
  if (list.data === undefined) return <Skeleton />;
  const records = list.data.pages.flatMap((page) => page.items);
  const total = (list.data.pages[0]?.counts ?? []).reduce((sum, { count }) => sum + count, 0);
  const isBusy = replay.isPending || job?.state === "running";
  const choice: ReplayBody = reason === "" ? {} : { reason: reason as NonNullable<ReplayBody["reason"]> };
  return (
    <>
      <div className={css["bar"]}>
        <Reasons counts={list.data.pages[0]?.counts ?? []} reason={reason} onReason={onReason} />
        <span className="grow" />
        <span role="status">{job !== undefined && replayInWords(job)}</span>
        {replay.error !== null && <span className={css["bad"]}>{replay.error.message}</span>}
        <Button needs="sources.change" disabled={isBusy || total === 0} onClick={() => replay.mutate(choice)}>
          Replay {reason === "" ? "all" : "these"} {formatCount(total)}
        </Button>
      </div>
      {records.length === 0 ? (
        <Empty title="Nothing is quarantined">
          Every record so far became an event. What cannot, such as an oversize line or a broken frame, waits
          here.
        </Empty>
      ) : (
        records.map((record) => (
          <Record
            key={record.id}
            record={record}
            isBusy={isBusy}
            onReplay={() => replay.mutate({ ids: [record.id] })}
          />
        ))
      )}
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

interface ReasonsProps extends QuarantineProps {
  readonly counts: readonly { readonly reason: string; readonly count: number }[];
}

function Reasons({ counts, reason, onReason }: ReasonsProps): ReactNode {
  if (reason !== "") {
    return (
      <Button aria-pressed="true" title="Show all reasons" onClick={() => onReason("")}>
        {humanise(reason)} <span className="muted">×</span>
      </Button>
    );
  }
  const sums = new Map<string, number>();
  for (const one of counts) sums.set(one.reason, (sums.get(one.reason) ?? 0) + one.count);
  return [...sums].map(([name, count]) => (
    <Button key={name} onClick={() => onReason(name)}>
      {humanise(name)} <span className="muted">{formatCount(count)}</span>
    </Button>
  ));
}

function replayInWords({ state, report, total, problem }: ReplayJob): string {
  if (state === "running")
    return `${formatCount(report.lookedAt)} of ${formatCount(total)}${problem === null ? "" : ` · waiting: ${problem}`}`;
  if (state !== "done") return `Failed: ${problem ?? "the server's log says why"}`;
  const parts = [
    `${formatAmount(report.stored, "record")} became ${report.stored === 1 ? "an event" : "events"}`,
    ...(report.filtered === 0 ? [] : [`${formatCount(report.filtered)} filtered`]),
    ...(report.quarantined === 0 ? [] : [`${formatCount(report.quarantined)} stay here`]),
  ];
  return parts.join(" · ");
}

interface RecordProps {
  readonly record: Quarantined;
  readonly isBusy: boolean;
  readonly onReplay: () => void;
}

function Record({ record, isBusy, onReplay }: RecordProps): ReactNode {
  const [asHex, setAsHex] = useState(!record.isText);
  return (
    <article className={css["quarantined"]}>
      <div className={css["quarantinedHead"]}>
        <b>{humanise(record.reason)}</b>
        <span>{record.detail}</span>
        <span className="muted small">
          <LogText text={record.source} limit={100} /> · <Time value={record.ingested} as="instant" /> ·{" "}
          {formatBytes(record.bytes)}
          {record.pack !== null && ` · ${record.pack}`}
        </span>
        <span className="grow" />
        <Button tone="quiet" aria-pressed={asHex} onClick={() => setAsHex(!asHex)}>
          {asHex ? "As text" : "As hex"}
        </Button>
        <a className={buttonClass("quiet")} href={quarantinedUrl(record.id)} download>
          Download
        </a>
        <Button needs="sources.change" disabled={isBusy} onClick={onReplay}>
          Replay
        </Button>
      </div>
      <pre tabIndex={0} aria-label="Beginning of the record">
        {asHex ? hexLines(record.hex) : <LogText text={record.excerpt} layout="block" limit={2_000} />}
      </pre>
    </article>
  );
}
