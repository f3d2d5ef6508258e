import type { Connection } from "@tyto/domain";
import { type ReactNode, useEffect, useState } from "react";
import { useBackfill, useRemoveConnection, useTestConnection } from "../../../api/index.ts";
import {
  Button,
  Dialog,
  DialogFoot,
  failureOf,
  Field,
  formatAmount,
  TextInput,
  useToasts,
} from "../../../ui/index.ts";
import { readDays } from "./connection-words.ts";
import { TestResult } from "./TestResult.tsx";

interface ConnectionDialogProps {
  readonly connection: Connection;
  readonly onDone: () => void;
}

export function TestDialog({ connection, onDone }: ConnectionDialogProps): ReactNode {
  const test = useTestConnection();
  const { mutate } = test;
  useEffect(() => mutate(connection.id), [mutate, connection.id]);
  return (
    <Dialog title={`Test ${connection.name}`} onClose={onDone}>
      {test.data !== undefined ? (
        <TestResult test={test.data} />
      ) : test.error !== null ? (
        <p role="alert">{failureOf(test.error).message}</p>
      ) : (
        <p role="status" className="muted">
          Asking the peer…
        </p>
      )}
      <DialogFoot>
        <Button disabled={test.isPending} onClick={() => mutate(connection.id)}>
          Test again
        </Button>
        <Button tone="primary" onClick={onDone}>
          Done
        </Button>
      </DialogFoot>
    </Dialog>
  );
}

export function BackfillDialog({ connection, onDone }: ConnectionDialogProps): ReactNode {
  const backfill = useBackfill();
  const toasts = useToasts();
  const [entry, setEntry] = useState("7");
  const days = readDays(entry);
  return (
    <Dialog title={`Fetch older records of ${connection.name}`} onClose={onDone}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (days === undefined) return;
          backfill.mutate(
            { id: connection.id, days },
            {
              onSuccess: () => {
                toasts.show({
                  message: `${connection.name} fetches the last ${formatAmount(days, "day")} too`,
                });
                onDone();
              },
            },
          );
        }}
      >
        <Field
          label="Days back"
          hint={`They come as the source "${connection.name}: back-fill"; what is here already is not stored again.`}
          problem={days === undefined ? "A whole number from 1 to 365" : undefined}
        >
          {(control) => (
            <TextInput
              {...control}
              inputMode="numeric"
              value={entry}
              onChange={(event) => setEntry(event.target.value)}
            />
          )}
        </Field>
        {backfill.error !== null && <p role="alert">{failureOf(backfill.error).message}</p>}
        <DialogFoot>
          <Button onClick={onDone}>Cancel</Button>
          <Button type="submit" tone="primary" disabled={days === undefined || backfill.isPending}>
            Fetch them
          </Button>
        </DialogFoot>
      </form>
    </Dialog>
  );
}

export function RemoveConnectionDialog({ connection, onDone }: ConnectionDialogProps): ReactNode {
  const remove = useRemoveConnection();
  const toasts = useToasts();
  const confirm = () =>
    remove.mutate(connection.id, {
      onSuccess: () => {
        toasts.show({ message: `${connection.name} removed` });
        onDone();
      },
    });
  return (
    <Dialog title={`Remove ${connection.name}?`} onClose={onDone}>
      <p>
        Its settings, its secrets and its place go, and this cannot be undone. What it brought stays. To stop
        it for a while, pause it.
      </p>
      {remove.error !== null && <p role="alert">{failureOf(remove.error).message}</p>}
      <DialogFoot>
        <Button onClick={onDone}>Cancel</Button>
        <Button tone="danger" disabled={remove.isPending} onClick={confirm}>
          Remove the connection
        </Button>
      </DialogFoot>
    </Dialog>
  );
}
