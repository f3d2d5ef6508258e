import type { ExceptionBody, ExceptionScope } from "@tyto/domain";
import type { ReactNode } from "react";
import { useExceptionChanges } from "../../api/index.ts";
import {
  Button,
  Dialog,
  DialogFoot,
  ErrorNote,
  failureOf,
  Field,
  Select,
  Skeleton,
  TextArea,
  TextInput,
  useToasts,
} from "../../ui/index.ts";
import { ExceptionImpact } from "./ExceptionImpact.tsx";
import css from "./Exceptions.module.css";
import { TEST_NAMES, TESTS } from "./exception-words.ts";
import {
  type ExceptionForm,
  type ExceptionStart,
  type FormLine,
  titleOf,
  useExceptionForm,
} from "./use-exception-form.ts";

interface ExceptionDialogProps {
  readonly start: ExceptionStart;
  readonly onDone: () => void;
}

/** What is expected, from whom it is kept, for how long, and what that would have hidden. */
export function ExceptionDialog({ start, onDone }: ExceptionDialogProps): ReactNode {
  const { form, change, body, proposal } = useExceptionForm(start);
  const save = useSave(start, onDone);
  const isWaiting = proposal.isLoading && form.lines.length === 0;
  return (
    <Dialog
      title={start.kind === "new" ? "Make an exception" : "Change the exception"}
      shape="wide"
      onClose={onDone}
    >
      <form
        className={css["form"]}
        onSubmit={(event) => {
          event.preventDefault();
          if (body !== undefined) save.run(body);
        }}
      >
        {proposal.error !== null && form.lines.length === 0 && <ErrorNote error={proposal.error} />}
        {isWaiting ? <Skeleton lines={4} /> : <Conditions form={form} onChange={change} />}
        <Scope form={form} onChange={change} rules={proposal.data?.rules ?? []} />
        <div className={css["two"]}>
          <Field label="Name">
            {(control) => (
              <TextInput
                {...control}
                maxLength={160}
                value={form.title ?? titleOf(form.lines.filter(({ isChosen }) => isChosen))}
                onChange={(event) => change({ title: event.target.value })}
              />
            )}
          </Field>
          <Expiry days={form.days} onChange={(days) => change({ days })} />
        </div>
        <Field label={form.days === null ? "Reason (needed, as it never ends)" : "Reason"}>
          {(control) => (
            <TextArea
              {...control}
              rows={2}
              maxLength={2_000}
              value={form.reason}
              onChange={(event) => change({ reason: event.target.value })}
            />
          )}
        </Field>
        <ExceptionImpact body={body} />
        {save.problem !== undefined && (
          <p role="alert" className={css["problem"]}>
            {save.problem}
          </p>
        )}
        <DialogFoot>
          <Button onClick={onDone}>Cancel</Button>
          <Button type="submit" tone="primary" disabled={body === undefined || save.isPending}>
            {start.kind === "new" ? "Create exception" : "Save"}
          </Button>
        </DialogFoot>
      </form>
    </Dialog>
  );
}

function useSave(start: ExceptionStart, onDone: () => void) {
  const { create, change, end } = useExceptionChanges();
  const toasts = useToasts();
  const error = create.error ?? change.error;
  const run = (body: ExceptionBody) => {
    if (start.kind === "edit") {
      const { id, version } = start.exception;
      change.mutate({ id, body: { ...body, version } }, { onSuccess: onDone });
      return;
    }
    create.mutate(body, {
      onSuccess: ({ id }) => {
        onDone();
        toasts.show({
          message: "Exception made. It is in force from now on.",
          action: { label: "Undo", run: () => end.mutate(id) },
        });
      },
    });
  };
  return {
    run,
    isPending: create.isPending || change.isPending,
    problem: error === null ? undefined : failureOf(error).message,
  };
}

interface PartProps {
  readonly form: ExceptionForm;
  readonly onChange: (change: Partial<ExceptionForm>) => void;
}

function Conditions({ form, onChange }: PartProps): ReactNode {
  const set = (index: number, change: Partial<FormLine>) =>
    onChange({ lines: form.lines.map((line, at) => (at === index ? { ...line, ...change } : line)) });
  return (
    <fieldset className={css["conditions"]}>
      <legend>Events that have all of this</legend>
      {form.lines.map((line, index) => (
        <div key={line.field} className={css["condition"]} data-chosen={line.isChosen}>
          <label>
            <input
              type="checkbox"
              checked={line.isChosen}
              onChange={(event) => set(index, { isChosen: event.target.checked })}
            />
            <span className="mono ellipsis" title={line.field}>
              {line.field}
            </span>
          </label>
          <Select
            aria-label={`How ${line.field} is compared`}
            value={line.how}
            disabled={!line.isChosen}
            onChange={(event) =>
              set(index, { how: TESTS.find((one) => one === event.target.value) ?? "equals" })
            }
          >
            {TESTS.map((how) => (
              <option key={how} value={how}>
                {TEST_NAMES[how]}
              </option>
            ))}
          </Select>
          <TextInput
            isMono
            aria-label={`Value of ${line.field}`}
            maxLength={1_024}
            value={line.value}
            disabled={!line.isChosen}
            onChange={(event) => set(index, { value: event.target.value })}
          />
        </div>
      ))}
      {form.lines.length === 0 && (
        <p className="muted">The alert&apos;s events have nothing in common that an exception could say.</p>
      )}
    </fieldset>
  );
}

interface ScopeProps extends PartProps {
  readonly rules: readonly { readonly id: string; readonly title: string; readonly pack: string }[];
}

function Scope({ form, onChange, rules }: ScopeProps): ReactNode {
  const { scope } = form;
  const packs = [...new Set(rules.map(({ pack }) => pack))].filter((pack) => pack !== "");
  const choices: readonly { readonly scope: ExceptionScope; readonly label: string }[] = [
    ...rules.map(({ id, title }) => ({
      scope: { kind: "rule" as const, rule: id },
      label: `This rule: ${title}`,
    })),
    ...packs.map((pack) => ({ scope: { kind: "pack" as const, pack }, label: `All rules of ${pack}` })),
    { scope: { kind: "all" as const }, label: "All rules" },
  ];
  const current = JSON.stringify(scope);
  const isListed = choices.some((one) => JSON.stringify(one.scope) === current);
  return (
    <Field label="Kept from">
      {(control) => (
        <Select
          {...control}
          value={current ?? ""}
          onChange={(event) => {
            const chosen = choices.find((one) => JSON.stringify(one.scope) === event.target.value);
            if (chosen !== undefined) onChange({ scope: chosen.scope });
          }}
        >
          {scope !== undefined && !isListed && (
            <option value={current}>
              {scope.kind === "rule"
                ? "This rule"
                : scope.kind === "pack"
                  ? `All rules of ${scope.pack}`
                  : "All rules"}
            </option>
          )}
          {choices.map((one) => (
            <option key={one.label} value={JSON.stringify(one.scope)}>
              {one.label}
            </option>
          ))}
        </Select>
      )}
    </Field>
  );
}

const PERIODS = [1, 7, 30, 90, 365] as const;

function Expiry({
  days,
  onChange,
}: {
  readonly days: number | null;
  readonly onChange: (days: number | null) => void;
}): ReactNode {
  const periods =
    days === null || PERIODS.some((one) => one === days) ? PERIODS : [...PERIODS, days].sort((a, b) => a - b);
  return (
    <Field label="Ends">
      {(control) => (
        <Select
          {...control}
          value={days ?? "never"}
          onChange={(event) => onChange(event.target.value === "never" ? null : Number(event.target.value))}
        >
          {periods.map((one) => (
            <option key={one} value={one}>
              {one === 1 ? "in a day" : `in ${one} days`}
            </option>
          ))}
          <option value="never">never</option>
        </Select>
      )}
    </Field>
  );
}
