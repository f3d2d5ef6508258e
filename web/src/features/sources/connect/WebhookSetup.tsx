import type { CreatedWebhook } from "@tyto/domain";
import { type ReactNode, useState } from "react";
import { useCreateWebhook, useWebhooks } from "../../../api/index.ts";
import { Button, failureOf, Field, TextInput } from "../../../ui/index.ts";
import css from "./Connect.module.css";
import { FirstEvent } from "./FirstEvent.tsx";
import { Reachability } from "./Reachability.tsx";
import { Snippet } from "./Snippet.tsx";
import { Step } from "./Step.tsx";
import { type Listening, placeOf } from "./target.ts";
import { webhookNameProblem } from "./webhook-name.ts";
import type { WebhookWay } from "./way.ts";

interface WebhookSetupProps {
  readonly way: WebhookWay;
  readonly listening: readonly Listening[];
}

/** Makes an address that a product calls, with a secret that is shown once. */
export function WebhookSetup({ way, listening }: WebhookSetupProps): ReactNode {
  const [made, setMade] = useState<CreatedWebhook>();
  const place = placeOf({ listener: "http", listening, pageHost: location.hostname, token: undefined });
  const steps = (
    <ul className={css["checks"]}>
      {way.steps.map((step) => (
        <li key={step}>{step}</li>
      ))}
    </ul>
  );
  return (
    <>
      <Reachability listener="http" place={place} />
      <ol className={css["steps"]}>
        <Step title="Make the webhook">
          {made === undefined ? (
            <WebhookForm way={way} onMade={setMade} />
          ) : (
            <div role="status" className={css["made"]}>
              <Snippet place="Address" text={`${place.target.url}${made.webhook.path}`} />
              {way.secret === "made" && <Snippet place="Secret, shown only now" text={made.secret} />}
            </div>
          )}
        </Step>
        <Step title="Set the product up">{steps}</Step>
        {made !== undefined && (
          <Step title="See it arrive">
            <FirstEvent awaited={{ inputs: ["webhook"], name: made.webhook.name }} checks={way.checks} />
          </Step>
        )}
      </ol>
    </>
  );
}

interface WebhookFormProps {
  readonly way: WebhookWay;
  readonly onMade: (made: CreatedWebhook) => void;
}

function WebhookForm({ way, onMade }: WebhookFormProps): ReactNode {
  const create = useCreateWebhook();
  const known = useWebhooks();
  const [name, setName] = useState(way.webhook === "token" ? "gitlab" : way.webhook);
  const [secret, setSecret] = useState("");
  const problem = webhookNameProblem(name, known.data?.items ?? []);
  const isSecretShort = way.secret === "given" && secret.trim().length < 8;
  return (
    <form
      className={css["form"]}
      onSubmit={(event) => {
        event.preventDefault();
        const given = way.secret === "given" ? { secret: secret.trim() } : {};
        create.mutate({ name, kind: way.webhook, ...given }, { onSuccess: onMade });
      }}
    >
      <Field label="Name" hint="Part of the address, and the name of the source." problem={problem}>
        {(control) => (
          <TextInput
            {...control}
            required
            maxLength={63}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        )}
      </Field>
      {way.secret === "given" && (
        <Field label="Signing secret" hint="As the product shows it; at least 8 characters.">
          {(control) => (
            <TextInput
              {...control}
              required
              type="password"
              autoComplete="off"
              maxLength={512}
              value={secret}
              onChange={(event) => setSecret(event.target.value)}
            />
          )}
        </Field>
      )}
      {create.error !== null && (
        <p role="alert" className={css["bad"]}>
          {failureOf(create.error).message}
        </p>
      )}
      <div className={css["actions"]}>
        <Button
          type="submit"
          tone="primary"
          disabled={create.isPending || known.isPending || problem !== undefined || isSecretShort}
        >
          Make the webhook
        </Button>
      </div>
    </form>
  );
}
