import type { SavedSearch, SavedSearchBody } from "@tyto/domain";
import { type ReactNode, useState } from "react";
import { useDeleteSearch, useSaveSearch } from "../../api/index.ts";
import {
  Button,
  Dialog,
  DialogFoot,
  failureOf,
  Field,
  Select,
  TextInput,
  useToasts,
} from "../../ui/index.ts";
import css from "./SearchTools.module.css";
import type { SearchState } from "./use-search-page.ts";

const EVERY = [
  [5, "5 minutes"],
  [15, "15 minutes"],
  [60, "hour"],
  [360, "6 hours"],
  [1_440, "day"],
] as const;

interface SaveSearchDialogProps {
  readonly state: SearchState;
  /** The one to change; else the search that is shown becomes a new one. */
  readonly saved: SavedSearch | undefined;
  readonly onClose: () => void;
}

/** A name for a search, whether others see it, and whether it runs by itself. */
export function SaveSearchDialog({ state, saved, onClose }: SaveSearchDialogProps): ReactNode {
  const save = useSaveSearch();
  const remove = useDeleteSearch();
  const toasts = useToasts();
  const [name, setName] = useState(saved?.name ?? "");
  const [isShared, setShared] = useState(saved?.shared ?? false);
  const [isScheduled, setScheduled] = useState(saved?.schedule?.enabled ?? false);
  const [every, setEvery] = useState(saved?.schedule?.everyMinutes ?? 15);
  const [threshold, setThreshold] = useState(
    String(saved?.schedule?.threshold ?? (saved === undefined ? 1 : "")),
  );
  const question = saved ?? {
    mode: state.mode,
    query: state.query,
    from: state.range.from,
    to: state.range.to,
    columns: [...state.columns],
  };
  const body: SavedSearchBody = {
    name: name.trim(),
    shared: isShared,
    mode: question.mode,
    query: question.query,
    from: question.from,
    to: question.to,
    columns: [...question.columns],
    schedule:
      isScheduled || saved?.schedule != null
        ? {
            everyMinutes: every,
            threshold: threshold === "" ? null : Number(threshold),
            enabled: isScheduled,
          }
        : null,
  };
  const done = (message: string) => {
    toasts.show({ message });
    onClose();
  };

  return (
    <Dialog title={saved === undefined ? "Save this search" : "Change the saved search"} onClose={onClose}>
      <form
        className={css["form"]}
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate({ id: saved?.id, body }, { onSuccess: () => done(`Saved “${body.name}”`) });
        }}
      >
        <Field label="Name" problem={save.error === null ? undefined : failureOf(save.error).message}>
          {(control) => (
            <TextInput
              {...control}
              required
              maxLength={120}
              value={name}
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Field>
        <label className={css["check"]}>
          <input type="checkbox" checked={isShared} onChange={(event) => setShared(event.target.checked)} />
          Everyone who logs in here may see and run it
        </label>
        <label className={css["check"]}>
          <input
            type="checkbox"
            checked={isScheduled}
            onChange={(event) => setScheduled(event.target.checked)}
          />
          It runs by itself
        </label>
        {isScheduled && (
          <div className={css["pair"]}>
            <Field label="Every">
              {(control) => (
                <Select {...control} value={every} onChange={(event) => setEvery(Number(event.target.value))}>
                  {EVERY.map(([minutes, label]) => (
                    <option key={minutes} value={minutes}>
                      {label}
                    </option>
                  ))}
                  {!EVERY.some(([minutes]) => minutes === every) && (
                    <option value={every}>{every} minutes</option>
                  )}
                </Select>
              )}
            </Field>
            <Field
              label="Tell from so many rows on"
              hint="By the ways of Tyto’s own alarms; empty for never."
            >
              {(control) => (
                <TextInput
                  {...control}
                  type="number"
                  min={1}
                  value={threshold}
                  onChange={(event) => setThreshold(event.target.value)}
                />
              )}
            </Field>
          </div>
        )}
        <DialogFoot>
          {saved !== undefined && (
            <Button
              tone="danger"
              onClick={() => remove.mutate(saved.id, { onSuccess: () => done(`Deleted “${saved.name}”`) })}
            >
              Delete
            </Button>
          )}
          <span className="grow" />
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" tone="primary" disabled={save.isPending}>
            Save
          </Button>
        </DialogFoot>
      </form>
    </Dialog>
  );
}
