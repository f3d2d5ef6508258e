import type { Webhook } from "@tyto/domain";
import { type ReactNode, useState } from "react";
import { useRemoveWebhook, useWebhooks } from "../../../api/index.ts";
import { Button, Dialog, DialogFoot, failureOf, LogText, Time, useToasts } from "../../../ui/index.ts";
import page from "../Sources.module.css";
import css from "./Connections.module.css";

/** Who may call this Tyto; nothing while there is none. */
export function Webhooks(): ReactNode {
  const { data, error } = useWebhooks();
  const [chosen, setChosen] = useState<Webhook>();
  if (error !== null) return <p className={css["aside"]}>{failureOf(error).message}</p>;
  if (data === undefined || data.items.length === 0) return null;
  return (
    <section className={css["webhooks"]} aria-label="Webhooks">
      <h2>Webhooks</h2>
      <table className={page["table"]}>
        <thead>
          <tr>
            <th scope="col">Webhook</th>
            <th scope="col">Kind</th>
            <th scope="col">Address</th>
            <th scope="col">Made</th>
            <th scope="col">
              <span className="visually-hidden">Remove</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {data.items.map((webhook) => (
            <tr key={webhook.name}>
              <td>
                <LogText text={webhook.name} limit={64} isExpandable={false} />
              </td>
              <td className="muted">{webhook.kind}</td>
              <td className="mono muted">{webhook.path}</td>
              <td className="muted">
                <Time value={webhook.createdAt} /> by{" "}
                <LogText text={webhook.createdBy} limit={64} isExpandable={false} />
              </td>
              <td className={css["rowActions"]}>
                <Button
                  tone="danger"
                  aria-label={`Remove ${webhook.name}…`}
                  onClick={() => setChosen(webhook)}
                >
                  Remove…
                </Button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {chosen !== undefined && <RemoveWebhookDialog webhook={chosen} onDone={() => setChosen(undefined)} />}
    </section>
  );
}

function RemoveWebhookDialog({
  webhook,
  onDone,
}: {
  readonly webhook: Webhook;
  readonly onDone: () => void;
}): ReactNode {
  const remove = useRemoveWebhook();
  const toasts = useToasts();
  const confirm = () =>
    remove.mutate(webhook.name, {
      onSuccess: () => {
        toasts.show({ message: `Webhook ${webhook.name} removed` });
        onDone();
      },
    });
  return (
    <Dialog title={`Remove ${webhook.name}?`} onClose={onDone}>
      <p>Calls to its address are refused from now on. Its secret goes with it, so this cannot be undone.</p>
      {remove.error !== null && <p role="alert">{failureOf(remove.error).message}</p>}
      <DialogFoot>
        <Button onClick={onDone}>Cancel</Button>
        <Button tone="danger" disabled={remove.isPending} onClick={confirm}>
          Remove the webhook
        </Button>
      </DialogFoot>
    </Dialog>
  );
}
