import type { Filter, FilterBody, FilterPreview, Source } from "@tyto/domain";
import { type ReactNode, useState } from "react";
import {
  useCreateFilter,
  useFilterPreview,
  useFilters,
  useMaskAll,
  useMasking,
  useRemoveFilter,
  useSwitchFilter,
} from "../../api/index.ts";
import {
  Button,
  Empty,
  ErrorNote,
  Field,
  formatAmount,
  formatBytes,
  formatCount,
  LogText,
  Select,
  Skeleton,
  TextInput,
} from "../../ui/index.ts";
import {
  blindnessOf,
  certaintyOf,
  EMPTY_FILTER,
  filterOf,
  shareOf,
  type FilterForm,
} from "./filter-words.ts";
import { MaskedCounts } from "./SourceSettings.tsx";
import css from "./Sources.module.css";

/** What is left out or masked before it is stored. */
export function Filters({ sources }: { readonly sources: readonly Source[] }): ReactNode {
  const { data, error, refetch } = useFilters();
  if (error !== null) return <ErrorNote error={error} onRetry={() => void refetch()} />;
  if (data === undefined) return <Skeleton />;
  return (
    <div className={css["filters"]}>
      <MaskingBar />
      <NewFilter sources={sources} />
      {data.items.length === 0 ? (
        <Empty title="Nothing is left out">
          A filter leaves events out before they are stored. It is tried on what is stored first, so that you
          see how much would go and which rules would go blind.
        </Empty>
      ) : (
        data.items.map((filter) => <FilterRow key={filter.id} filter={filter} />)
      )}
    </div>
  );
}

function MaskingBar(): ReactNode {
  const { data } = useMasking();
  const maskAll = useMaskAll();
  if (data === undefined) return null;
  return (
    <section className={css["setting"]} aria-label="Masking of secrets">
      <div className="grow">
        <b>Secrets {data.all ? "are masked" : "are kept as they come"}</b>
        <p className="small">
          Private keys, card numbers, tokens and passwords, before anything is written. What is masked cannot
          be had back. A source may have a setting of its own
          {data.sources.length > 0 && ` (${formatAmount(data.sources.length, "source")} has)`}.
        </p>
        <MaskedCounts counts={data.counts} />
      </div>
      <Button needs="filters.change" disabled={maskAll.isPending} onClick={() => maskAll.mutate(!data.all)}>
        {data.all ? "Keep them from now on" : "Mask them from now on"}
      </Button>
    </section>
  );
}

function NewFilter({ sources }: { readonly sources: readonly Source[] }): ReactNode {
  const [form, setForm] = useState<FilterForm>(EMPTY_FILTER);
  const preview = useFilterPreview();
  const create = useCreateFilter();
  const body = filterOf(form);
  const isWhole = !("problem" in body);
  const set = (change: Partial<FilterForm>): void => {
    preview.reset();
    setForm({ ...form, ...change });
  };
  const error = preview.error ?? create.error;
  return (
    <form
      className={css["filterForm"]}
      aria-label="A new filter"
      onSubmit={(event) => {
        event.preventDefault();
        if (isWhole) preview.mutate({ filter: body, from: "-7d" });
      }}
    >
      <Field label="Events that meet" hint={'On normalised fields, such as url.path == "/healthz"'}>
        {(control) => (
          <TextInput
            {...control}
            isMono
            maxLength={4_000}
            value={form.condition}
            onChange={({ target }) => set({ condition: target.value })}
          />
        )}
      </Field>
      <Field label="Of">
        {(control) => (
          <Select {...control} value={form.source} onChange={({ target }) => set({ source: target.value })}>
            <option value="">All sources</option>
            {sources.map(({ id, name }) => (
              <option key={id} value={id}>
                {name.slice(0, 100)}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <Field label="Keep one in" hint="Empty: none is kept">
        {(control) => (
          <TextInput
            {...control}
            inputMode="numeric"
            value={form.keepOneIn}
            onChange={({ target }) => set({ keepOneIn: target.value })}
          />
        )}
      </Field>
      <Field label="Name">
        {(control) => (
          <TextInput
            {...control}
            maxLength={100}
            value={form.name}
            onChange={({ target }) => set({ name: target.value })}
          />
        )}
      </Field>
      <div className={css["actions"]}>
        <Button type="submit" disabled={!isWhole || preview.isPending}>
          {preview.isPending ? "Looking at seven days…" : "Preview"}
        </Button>
        <Button
          needs="filters.change"
          tone="primary"
          disabled={!isWhole || preview.data === undefined || create.isPending}
          onClick={() => {
            if (isWhole) create.mutate(body, { onSuccess: () => set(EMPTY_FILTER) });
          }}
        >
          Make it, switched off
        </Button>
        {error !== null && (
          <span className={css["bad"]} role="alert">
            {error.message}
          </span>
        )}
      </div>
      {preview.data !== undefined && <Preview preview={preview.data} />}
    </form>
  );
}

function Preview({ preview }: { readonly preview: FilterPreview }): ReactNode {
  const { events, bytes, dropped, rules } = preview;
  return (
    <div className={css["preview"]} role="status">
      <p>
        Of the last seven days{" "}
        <b>
          {formatAmount(dropped.events, "event")} ({shareOf(dropped.events, events)})
        </b>{" "}
        and {formatBytes(dropped.bytes)} ({shareOf(dropped.bytes, bytes)}) would not have been stored.{" "}
        {certaintyOf(preview)}
      </p>
      {rules.length === 0 ? (
        <p className={css["good"]}>No rule that is on would have seen less.</p>
      ) : (
        <>
          <p className={css["bad"]}>
            {formatAmount(rules.length, "rule")} would go blind, in part or wholly:
          </p>
          <ul className={css["blind"]}>
            {rules.map((rule) => (
              <li key={rule.id}>
                <b>
                  <LogText text={rule.title} limit={200} isExpandable={false} />
                </b>{" "}
                <span className="muted">
                  {rule.level}: {blindnessOf(rule)}
                  {rule.feeds.length > 0 && `; counted by ${rule.feeds.join(", ")}`}
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}

function FilterRow({ filter }: { readonly filter: Filter }): ReactNode {
  const preview = useFilterPreview();
  const change = useSwitchFilter();
  const remove = useRemoveFilter();
  const { id, name, source, condition, keepOneIn } = filter;
  const body: FilterBody = { name, source, condition, keepOneIn };
  const needsConfirmation = preview.data !== undefined && preview.data.rules.length > 0;
  const error = preview.error ?? change.error ?? remove.error;
  const switchTo = (enabled: boolean): void =>
    change.mutate(
      { id, enabled, ...(needsConfirmation ? { confirm: true } : {}) },
      { onSuccess: preview.reset },
    );
  return (
    <section className={css["filter"]} aria-label={name}>
      <div className={css["bar"]}>
        <b>
          <LogText text={name} limit={100} isExpandable={false} />
        </b>
        <span className={filter.enabled ? css["good"] : "muted"}>{filter.enabled ? "on" : "off"}</span>
        <span className="muted">
          {filter.sourceName ?? "all sources"},{" "}
          {keepOneIn === null ? "none kept" : `one in ${keepOneIn} kept`}
        </span>
        <span className="grow" />
        <span>
          {formatCount(filter.filtered.events)} left out, {formatBytes(filter.filtered.bytes)}
        </span>
        {filter.enabled ? (
          <Button needs="filters.change" disabled={change.isPending} onClick={() => switchTo(false)}>
            Switch off
          </Button>
        ) : preview.data === undefined ? (
          <Button disabled={preview.isPending} onClick={() => preview.mutate({ filter: body, from: "-7d" })}>
            {preview.isPending ? "Looking at seven days…" : "Switch on…"}
          </Button>
        ) : (
          <Button
            needs="filters.change"
            tone="primary"
            disabled={change.isPending}
            onClick={() => switchTo(true)}
          >
            {needsConfirmation ? "Switch on all the same" : "Switch on"}
          </Button>
        )}
        <Button needs="filters.change" disabled={remove.isPending} onClick={() => remove.mutate(id)}>
          Remove
        </Button>
      </div>
      <code>
        <LogText text={condition} limit={400} />
      </code>
      {filter.problem !== null && <p className={css["bad"]}>It does not run: {filter.problem}</p>}
      {filter.enabled && filter.blinds.length > 0 && (
        <p className="small">
          {formatAmount(filter.blinds.length, "rule")} had matched what it leaves out when {filter.changedBy}{" "}
          switched it on.
        </p>
      )}
      {error !== null && (
        <p className={css["bad"]} role="alert">
          {error.message}
        </p>
      )}
      {preview.data !== undefined && !filter.enabled && <Preview preview={preview.data} />}
    </section>
  );
}
