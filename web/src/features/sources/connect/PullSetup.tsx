import type { Connection, ConnectionBody, ConnectionKindList } from "@tyto/domain";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useRef, useState } from "react";
import {
  useConnectionKinds,
  useConnections,
  useCreateConnection,
  useTestSettings,
} from "../../../api/index.ts";
import { Button, ErrorNote, failureOf, Field, LogText, Skeleton, TextInput } from "../../../ui/index.ts";
import css from "./Connect.module.css";
import { ConnectionState } from "./ConnectionState.tsx";
import { FirstEvent } from "./FirstEvent.tsx";
import { type Entries, fieldsOf, type FieldSpec, readEntries } from "./schema-form.ts";
import { SchemaFields } from "./SchemaFields.tsx";
import { Step } from "./Step.tsx";
import { TestResult } from "./TestResult.tsx";
import type { PullWay } from "./way.ts";

type Kind = ConnectionKindList["items"][number];

/** Sets up what Tyto fetches by itself. */
export function PullSetup({ way }: { readonly way: PullWay }): ReactNode {
  const kinds = useConnectionKinds();
  const [made, setMade] = useState<Connection>();
  if (kinds.error !== null) return <ErrorNote error={kinds.error} onRetry={() => void kinds.refetch()} />;
  if (kinds.data === undefined) return <Skeleton />;
  const kind = kinds.data.items.find((one) => one.kind === way.connection);
  if (kind === undefined) return <p className="muted">This server does not offer it.</p>;
  return (
    <>
      {kind.unavailable !== null && (
        <p className={`${css["reach"] ?? ""} ${css["reachNote"] ?? ""}`}>{kind.unavailable}</p>
      )}
      <ol className={css["steps"]}>
        <Step title="Prepare it">
          <ul className={css["checks"]}>
            {way.steps.map((step) => (
              <li key={step}>{step}</li>
            ))}
          </ul>
          <Needs needs={kind.needs} />
        </Step>
        <Step title={made === undefined ? "Set the connection up" : "The connection is set up"}>
          {made === undefined ? <PullForm way={way} kind={kind} onMade={setMade} /> : <Made made={made} />}
        </Step>
        {made !== undefined && (
          <Step title="See it arrive">
            <FirstEvent
              awaited={{ inputs: way.inputs, name: made.name }}
              checks={["The connection's state says why it fails: see Connections", ...way.checks]}
            />
          </Step>
        )}
      </ol>
    </>
  );
}

/** How it is doing, as soon as it says so. */
function Made({ made }: { readonly made: Connection }): ReactNode {
  const { data } = useConnections();
  const connection = data?.items.find(({ id }) => id === made.id) ?? made;
  return (
    <div role="status">
      <p>
        <b>
          <LogText text={connection.name} limit={64} isExpandable={false} />
        </b>
        {": "}
        <ConnectionState connection={connection} />
      </p>
      <p>
        <Link to="/sources" search={{ tab: "connections" }}>
          All connections
        </Link>
      </p>
    </div>
  );
}

function Needs({ needs }: { readonly needs: readonly string[] }): ReactNode {
  if (needs.length === 0) return null;
  return (
    <>
      <p className="muted small">Rights that the credentials need</p>
      <ul className={css["needs"]}>
        {needs.map((need) => (
          <li key={need}>{need}</li>
        ))}
      </ul>
    </>
  );
}

interface PullFormProps {
  readonly way: PullWay;
  readonly kind: Kind;
  readonly onMade: (made: Connection) => void;
}

function PullForm({ way, kind, onMade }: PullFormProps): ReactNode {
  const form = usePullForm(way, kind);
  const element = useRef<HTMLFormElement>(null);
  /** What is wrong may be out of sight: the first such field is gone to, once it is marked. */
  const use = (run: (body: ConnectionBody) => void) => {
    const body = form.body();
    if (body !== undefined) return run(body);
    requestAnimationFrame(() =>
      element.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus(),
    );
  };
  const test = useTestSettings();
  const create = useCreateConnection();
  const error = test.error ?? create.error;
  const isBusy = test.isPending || create.isPending;
  const usual = (fields: readonly FieldSpec[]) => fields.filter((field) => field.isRequired);
  const further = (fields: readonly FieldSpec[]) => fields.filter((field) => !field.isRequired);
  const settings = { entries: form.settings, onChange: form.setSetting, isSecret: false } as const;
  const secrets = { entries: form.secrets, onChange: form.setSecret, isSecret: true } as const;
  const problems = form.shown;
  const more = [...further(form.settingFields), ...further(form.secretFields)];
  return (
    <form
      ref={element}
      className={css["form"]}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        use((body) => create.mutate(body, { onSuccess: onMade }));
      }}
    >
      <Field label="Name" hint="Of the connection, and of its sources." problem={problems["name"]}>
        {(control) => (
          <TextInput
            {...control}
            maxLength={64}
            value={form.name}
            onChange={(event) => form.setName(event.target.value)}
          />
        )}
      </Field>
      <SchemaFields {...settings} fields={usual(form.settingFields)} problems={problems} />
      <SchemaFields {...secrets} fields={usual(form.secretFields)} problems={problems} />
      {more.length > 0 && (
        <details
          className={css["further"]}
          open={more.some(({ name }) => problems[name] !== undefined) || undefined}
        >
          <summary>Further settings</summary>
          <div className={css["form"]}>
            <Field
              label="Pack (optional)"
              hint="That reads its records, such as aws-cloudtrail. Default: as recognised."
            >
              {(control) => (
                <TextInput
                  {...control}
                  maxLength={128}
                  value={form.pack}
                  onChange={(event) => form.setPack(event.target.value)}
                />
              )}
            </Field>
            <SchemaFields {...secrets} fields={further(form.secretFields)} problems={problems} />
            <SchemaFields {...settings} fields={further(form.settingFields)} problems={problems} />
          </div>
        </details>
      )}
      {error !== null && (
        <p role="alert" className={css["bad"]}>
          {failureOf(error).message} {failureOf(error).hint}
        </p>
      )}
      {test.data !== undefined && <TestResult test={test.data} />}
      <div className={css["actions"]}>
        <Button type="submit" tone="primary" disabled={isBusy || kind.unavailable !== null}>
          Connect
        </Button>
        <Button
          disabled={isBusy || kind.unavailable !== null}
          onClick={() => use((body) => test.mutate(body))}
        >
          {test.isPending ? "Asking…" : "Test"}
        </Button>
      </div>
    </form>
  );
}

/** What was entered, and what is wrong with it once it was to be used. */
function usePullForm(way: PullWay, kind: Kind) {
  const [name, setName] = useState<string>(way.key);
  const [pack, setPack] = useState("");
  const [settings, setSettings] = useState<Entries>({});
  const [secrets, setSecrets] = useState<Entries>({});
  const [wasTried, setTried] = useState(false);
  const settingFields = fieldsOf(kind.settings);
  const secretFields = fieldsOf(kind.secret);
  const readSettings = readEntries(settingFields, settings);
  const readSecrets = readEntries(secretFields, secrets);
  const problems: Readonly<Record<string, string>> = {
    ...readSettings.problems,
    ...readSecrets.problems,
    ...(name.trim() === "" ? { name: "This is needed" } : {}),
  };
  return {
    name,
    setName,
    pack,
    setPack,
    settings,
    secrets,
    settingFields,
    secretFields,
    shown: wasTried ? problems : {},
    setSetting: (field: string, entry: string) => setSettings((before) => ({ ...before, [field]: entry })),
    setSecret: (field: string, entry: string) => setSecrets((before) => ({ ...before, [field]: entry })),
    /** Undefined while something is wrong; the form then says what. */
    body: () => {
      setTried(true);
      if (Object.keys(problems).length > 0) return undefined;
      return {
        kind: kind.kind,
        name: name.trim(),
        settings: readSettings.values,
        ...(secretFields.length === 0 ? {} : { secret: readSecrets.values }),
        ...(pack.trim() === "" ? {} : { pack: pack.trim() }),
      };
    },
  };
}
