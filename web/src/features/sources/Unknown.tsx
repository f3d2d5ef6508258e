import type { ReparseJob, UnknownShape } from "@tyto/domain";
import { IconChevronRight } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { Fragment, type ReactNode, useState } from "react";
import { unknownLinesUrl, useCancelReparse, useReparse, useReparseJob, useUnknown } from "../../api/index.ts";
import {
  Button,
  buttonClass,
  CopyButton,
  Empty,
  ErrorNote,
  formatAmount,
  formatBytes,
  formatCount,
  LogText,
  Skeleton,
  Time,
} from "../../ui/index.ts";
import css from "./Sources.module.css";

const RANGE = "-7d";

/** Lines that no pack knows: what to write the next pack for. */
export function Unknown(): ReactNode {
  const list = useUnknown(RANGE);
  const [open, setOpen] = useState<string | undefined>();
  if (list.error !== null) return <ErrorNote error={list.error} onRetry={() => void list.refetch()} />;
  if (list.data === undefined) return <Skeleton />;
  const shapes = list.data.pages.flatMap((page) => page.items);
  return (
    <>
      <ParseAgain hasUnknown={shapes.length > 0} />
      {shapes.length === 0 ? (
        <Empty title="Every line is understood">
          In the last 7 days no line came that no pack knows. Such lines are kept, searchable, and counted
          here by their shape.
        </Empty>
      ) : (
        <table className={css["table"]}>
          <thead>
            <tr>
              <th scope="col">Shape</th>
              <th scope="col" className={css["num"]}>
                Lines
              </th>
              <th scope="col">From</th>
              <th scope="col">First seen</th>
              <th scope="col">Last seen</th>
            </tr>
          </thead>
          <tbody>
            {shapes.map((shape) => (
              <ShapeRows
                key={shape.id}
                shape={shape}
                isOpen={open === shape.id}
                onToggle={() => setOpen(open === shape.id ? undefined : shape.id)}
              />
            ))}
          </tbody>
        </table>
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

interface ShapeProps {
  readonly shape: UnknownShape;
  readonly isOpen: boolean;
  readonly onToggle: () => void;
}

function ShapeRows({ shape, isOpen, onToggle }: ShapeProps): ReactNode {
  const [most] = shape.sources;
  const detailId = `shape-${shape.id}`;
  return (
    <Fragment>
      <tr className={isOpen ? css["openRow"] : undefined}>
        <td className={css["shape"]}>
          <button
            type="button"
            className={css["disclose"]}
            aria-expanded={isOpen}
            aria-controls={detailId}
            onClick={onToggle}
          >
            <IconChevronRight size={14} aria-hidden="true" />
            <span className="mono">
              {shape.shape === "" ? (
                <span className="muted">no text</span>
              ) : (
                <LogText text={shape.shape} limit={400} isExpandable={false} />
              )}
            </span>
          </button>
        </td>
        <td className={css["num"]}>{formatCount(shape.lines)}</td>
        <td className={css["name"]}>
          {most !== undefined && <LogText text={most.name} limit={60} isExpandable={false} />}
          {shape.sourceCount > 1 && (
            <span className="muted small"> and {formatAmount(shape.sourceCount - 1, "other")}</span>
          )}
        </td>
        <td className="muted">
          <Time value={shape.firstSeen} />
        </td>
        <td className="muted">
          <Time value={shape.lastSeen} />
        </td>
      </tr>
      {isOpen && (
        <tr className={css["detailRow"]} id={detailId}>
          <td colSpan={5}>
            <ShapeDetail shape={shape} />
          </td>
        </tr>
      )}
    </Fragment>
  );
}

function ShapeDetail({ shape }: { readonly shape: UnknownShape }): ReactNode {
  const [isStarted, setStarted] = useState(false);
  const command = `npx tyto new pack VENDOR-PRODUCT --from unknown-${shape.id}.log`;
  return (
    <div className={css["shapeDetail"]}>
      {shape.samples.map((sample) => (
        <pre key={sample.id} tabIndex={0} aria-label={`Sample of ${formatBytes(sample.bytes)}`}>
          <LogText text={sample.raw} layout="block" limit={2_000} />
        </pre>
      ))}
      {shape.sources.length > 1 && (
        <p className="muted">
          {shape.sources.map(({ id, name, lines }, index) => (
            <Fragment key={id}>
              {index > 0 && " · "}
              <LogText text={name} limit={60} isExpandable={false} /> {formatCount(lines)}
            </Fragment>
          ))}
        </p>
      )}
      <div className={css["actions"]}>
        <a
          className={buttonClass()}
          href={unknownLinesUrl(shape.id, RANGE)}
          download
          onClick={() => setStarted(true)}
        >
          Start a pack from these
        </a>
        <Link
          className={buttonClass("quiet")}
          to="/search"
          search={{ mode: "kql", q: shape.kql, from: RANGE, to: "now" }}
        >
          Open as search
        </Link>
      </div>
      {isStarted && (
        <div className={css["next"]} role="status">
          <span>The newest lines are in your downloads. Where Tyto is installed, run</span>
          <code>{command}</code>
          <CopyButton look="icon" text={command} label="Copy the command" />
        </div>
      )}
    </div>
  );
}

/** Lines that came before their pack did. */
function ParseAgain({ hasUnknown }: { readonly hasUnknown: boolean }): ReactNode {
  const reparse = useReparse();
  const cancel = useCancelReparse();
  const id = reparse.data?.id;
  const { data: job = reparse.data } = useReparseJob(id);
  const isRunning = job?.state === "running";
  return (
    <div className={css["bar"]}>
      <span className="muted">
        Last 7 days. A new pack reads what comes from now on; lines that are here already are read when you
        parse them again.
      </span>
      <span className="grow" />
      <span role="status">{job !== undefined && reparseInWords(job)}</span>
      {isRunning ? (
        <Button onClick={() => cancel.mutate(job.id)} disabled={cancel.isPending}>
          Cancel
        </Button>
      ) : (
        <Button
          disabled={reparse.isPending || !hasUnknown}
          onClick={() => reparse.mutate({ from: RANGE, pack: "unknown" })}
        >
          Parse again
        </Button>
      )}
      {reparse.error !== null && <span className={css["bad"]}>{reparse.error.message}</span>}
    </div>
  );
}

function reparseInWords({ state, report, total, problem }: ReparseJob): string {
  if (state === "running") {
    return `${formatCount(report.lookedAt)} of ${formatCount(total)}${problem === null ? "" : ` · waiting: ${problem}`}`;
  }
  if (state === "done") {
    return `${formatAmount(report.recognised, "line")} newly recognised of ${formatCount(report.lookedAt)}`;
  }
  return state === "cancelled" ? "Cancelled" : `Failed: ${problem ?? "the server's log says why"}`;
}
