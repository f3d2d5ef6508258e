import type { Connection, ConnectionKindList } from "@tyto/domain";
import { IconChevronRight } from "@tabler/icons-react";
import { Fragment, type ReactNode, useState } from "react";
import { useChangeConnection, useConnectionKinds, useConnections } from "../../../api/index.ts";
import {
  Button,
  Empty,
  ErrorNote,
  failureOf,
  formatAmount,
  formatCount,
  LogText,
  Skeleton,
  Time,
  useToasts,
} from "../../../ui/index.ts";
import { fieldRows } from "../../events/field-values.ts";
import page from "../Sources.module.css";
import { BackfillDialog, RemoveConnectionDialog, TestDialog } from "./ConnectionDialogs.tsx";
import css from "./Connections.module.css";
import { ConnectionState } from "./ConnectionState.tsx";
import { labelOf } from "./schema-form.ts";
import { Webhooks } from "./Webhooks.tsx";

type Kinds = ConnectionKindList["items"];
type OpenDialog =
  | { readonly kind: "none" }
  | { readonly kind: "test" | "backfill" | "remove"; readonly connection: Connection };

/** What Tyto fetches by itself and who may call it, with how each is doing. */
export function Connections({ onConnect }: { readonly onConnect: () => void }): ReactNode {
  const { data, error, refetch } = useConnections();
  const kinds = useConnectionKinds();
  if (error !== null) return <ErrorNote error={error} onRetry={() => void refetch()} />;
  if (data === undefined) return <Skeleton />;
  return (
    <>
      {data.items.length === 0 ? (
        <Empty
          title="Nothing is fetched yet"
          action={
            <Button needs="sources.change" tone="primary" onClick={onConnect}>
              Connect a source
            </Button>
          }
        >
          Log files, Kafka, NATS, S3 and cloud services are fetched by connections; each shows here.
        </Empty>
      ) : (
        <ConnectionTable connections={data.items} kinds={kinds.data?.items ?? []} />
      )}
      <Webhooks />
    </>
  );
}

interface ConnectionTableProps {
  readonly connections: readonly Connection[];
  readonly kinds: Kinds;
}

function ConnectionTable({ connections, kinds }: ConnectionTableProps): ReactNode {
  const [dialog, setDialog] = useState<OpenDialog>({ kind: "none" });
  const [open, setOpen] = useState<string>();
  const done = () => setDialog({ kind: "none" });
  return (
    <>
      <table className={page["table"]}>
        <thead>
          <tr>
            <th scope="col">Connection</th>
            <th scope="col">From</th>
            <th scope="col">State</th>
            <th scope="col" className={page["num"]}>
              Records
            </th>
            <th scope="col">Last record</th>
            <th scope="col">Next try</th>
            <th scope="col">
              <span className="visually-hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {connections.map((connection) => (
            <ConnectionRows
              key={connection.id}
              connection={connection}
              kind={kinds.find((one) => one.kind === connection.kind)}
              isOpen={open === connection.id}
              onToggle={() => setOpen(open === connection.id ? undefined : connection.id)}
              onDialog={(kind) => setDialog({ kind, connection })}
            />
          ))}
        </tbody>
      </table>
      {dialog.kind === "test" && <TestDialog connection={dialog.connection} onDone={done} />}
      {dialog.kind === "backfill" && <BackfillDialog connection={dialog.connection} onDone={done} />}
      {dialog.kind === "remove" && <RemoveConnectionDialog connection={dialog.connection} onDone={done} />}
    </>
  );
}

interface ConnectionRowsProps {
  readonly connection: Connection;
  readonly kind: Kinds[number] | undefined;
  readonly isOpen: boolean;
  readonly onToggle: () => void;
  readonly onDialog: (kind: "test" | "backfill" | "remove") => void;
}

function ConnectionRows(props: ConnectionRowsProps): ReactNode {
  const { connection, kind, isOpen, onToggle } = props;
  return (
    <Fragment>
      <tr className={isOpen ? page["openRow"] : undefined}>
        <td className={page["name"]}>
          <button type="button" className={page["disclose"]} aria-expanded={isOpen} onClick={onToggle}>
            <IconChevronRight size={14} aria-hidden="true" />
            <LogText text={connection.name} limit={64} isExpandable={false} />
          </button>
        </td>
        <td className="muted">{kind?.title ?? connection.kind}</td>
        <td className={css["state"]}>
          <ConnectionState connection={connection} />
        </td>
        <td className={page["num"]}>{formatCount(connection.counts.records)}</td>
        <td className="muted">
          {connection.lastRecordAt === null ? "never" : <Time value={connection.lastRecordAt} />}
        </td>
        <td className="muted">
          {connection.status.nextTryAt === null ? "–" : <Time value={connection.status.nextTryAt} />}
        </td>
        <td className={css["rowActions"]}>
          <PauseButton connection={connection} />
        </td>
      </tr>
      {isOpen && (
        <tr className={page["detailRow"]}>
          <td colSpan={7}>
            <ConnectionDetail {...props} />
          </td>
        </tr>
      )}
    </Fragment>
  );
}

/** Goes on where it left off, so that both ways can be taken back. */
function PauseButton({ connection }: { readonly connection: Connection }): ReactNode {
  const change = useChangeConnection();
  const toasts = useToasts();
  const { id, name, enabled } = connection;
  const set = (isEnabled: boolean, isUndo: boolean) =>
    change.mutate(
      { id, change: { enabled: isEnabled } },
      {
        onSuccess: () =>
          toasts.show({
            message: `${name} ${isEnabled ? "goes on" : "is paused"}`,
            ...(isUndo ? {} : { action: { label: "Undo", run: () => set(!isEnabled, true) } }),
          }),
        onError: (error) => toasts.show({ tone: "error", message: failureOf(error).message }),
      },
    );
  return (
    <Button
      needs="sources.change"
      disabled={change.isPending}
      aria-label={`${enabled ? "Pause" : "Resume"} ${name}`}
      onClick={() => set(!enabled, false)}
    >
      {enabled ? "Pause" : "Resume"}
    </Button>
  );
}

function ConnectionDetail({ connection, kind, onDialog }: ConnectionRowsProps): ReactNode {
  const { status, counts, problems, createdAt, createdBy } = connection;
  return (
    <div className={page["shapeDetail"]}>
      {status.reason !== null && (
        <p>
          <LogText text={status.reason} limit={600} />
        </p>
      )}
      {status.hint !== null && (
        <p className="muted">
          <LogText text={status.hint} limit={600} />
        </p>
      )}
      <p className="muted small">
        In this state <Time value={status.since} /> · set up <Time value={createdAt} /> by{" "}
        <LogText text={createdBy} limit={64} isExpandable={false} />
        {counts.skipped > 0 && ` · ${formatAmount(counts.skipped, "object")} passed over`}
      </p>
      <dl className={css["settings"]} aria-label={`Settings of ${connection.name}`}>
        {fieldRows({ ...connection.settings }).map(({ name, text }) => (
          <div key={name}>
            <dt className="muted">{labelOf(name)}</dt>
            <dd className="mono">
              <LogText text={text} limit={400} />
            </dd>
          </div>
        ))}
      </dl>
      {problems.length > 0 && (
        <ul className={css["problems"]} aria-label="What was passed over">
          {problems.map((problem, index) => (
            <li key={index}>
              <span className="muted">
                <Time value={problem.at} as="instant" />
              </span>{" "}
              <LogText text={problem.what} limit={200} />: <LogText text={problem.reason} limit={300} />
            </li>
          ))}
        </ul>
      )}
      <div className={page["actions"]}>
        <Button needs="sources.change" onClick={() => onDialog("test")}>
          Test
        </Button>
        {kind?.canBackfill === true && (
          <Button needs="sources.change" onClick={() => onDialog("backfill")}>
            Fetch older records…
          </Button>
        )}
        <Button needs="sources.change" tone="danger" onClick={() => onDialog("remove")}>
          Remove…
        </Button>
      </div>
    </div>
  );
}
