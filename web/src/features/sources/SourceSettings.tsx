import type { Source, SourcePriority } from "@tyto/domain";
import { SOURCE_PRIORITIES } from "@tyto/domain";
import type { ReactNode } from "react";
import { useMasking, useSourceMasking, useSourcePriority } from "../../api/index.ts";
import { Field, formatCount, humanise, Select } from "../../ui/index.ts";
import css from "./Sources.module.css";

/** How a source's records are taken in: what is read first, and whether secrets are masked. */
export function SourceSettings({ source }: { readonly source: Source }): ReactNode {
  const priority = useSourcePriority(source.id);
  const masking = useSourceMasking(source.id);
  const all = useMasking();
  const own = all.data?.sources.find(({ id }) => id === source.id);
  const choice = own === undefined ? "default" : own.masked ? "on" : "off";
  const problem = priority.error ?? masking.error;
  return (
    <div className={css["settings"]}>
      <Field label="Priority" hint="Of records from now on: what is high is read before what is low.">
        {(control) => (
          <Select
            {...control}
            value={source.priority}
            disabled={priority.isPending}
            onChange={({ target }) => priority.mutate(target.value as SourcePriority)}
          >
            {SOURCE_PRIORITIES.map((one) => (
              <option key={one} value={one}>
                {humanise(one)}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <Field label="Secrets" hint="What is masked before it is written cannot be had back.">
        {(control) => (
          <Select
            {...control}
            value={choice}
            disabled={masking.isPending || all.data === undefined}
            onChange={({ target }) => masking.mutate(MASKED[target.value] ?? null)}
          >
            <option value="default">
              As all sources ({all.data?.all === true ? "masked" : "kept as they come"})
            </option>
            <option value="on">Masked</option>
            <option value="off">Kept as they come</option>
          </Select>
        )}
      </Field>
      <MaskedCounts counts={source.masked} />
      {problem !== null && (
        <p className={css["bad"]} role="alert">
          {problem.message}
        </p>
      )}
    </div>
  );
}

const MASKED: Readonly<Record<string, boolean | null>> = { default: null, on: true, off: false };

/** Nothing, when nothing was masked. */
export function MaskedCounts({ counts }: { readonly counts: Readonly<Record<string, number>> }): ReactNode {
  const known = Object.entries(counts).filter(([, count]) => count > 0);
  if (known.length === 0) return null;
  return (
    <p className="small">
      Masked so far: {known.map(([kind, count]) => `${formatCount(count)} ${humanise(kind)}`).join(", ")}
    </p>
  );
}
