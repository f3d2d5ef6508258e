import type { FacetList } from "@tyto/domain";
import { IconMinus, IconPin, IconPinFilled, IconPlus } from "@tabler/icons-react";
import { type ReactNode, useMemo, useState } from "react";
import { useExactFacet, useSampledFacets, useSources } from "../../api/index.ts";
import { Button, formatCount, LogText, Skeleton, TextInput } from "../../ui/index.ts";
import css from "./Facets.module.css";
import { facetNames } from "./facet-names.ts";
import type { SearchState } from "./use-search-page.ts";

type Facet = FacetList["items"][number];

const OPEN_AT_FIRST = 4;
const SHOWN_VALUES = 6;

/** The fields of what was found: their names at once, then the values of the newest rows, then of all on demand. */
export function Facets({ state }: { readonly state: SearchState }): ReactNode {
  const { shape, pins, request, result } = state;
  const [words, setWords] = useState("");
  // The first rows come first: facets are asked when the person has something to read.
  const sampled = useSampledFacets(request, result.data !== undefined);
  const extra = pins.filter((name) => !(sampled.data?.items ?? []).some(({ field }) => field === name));
  const pinned = useSampledFacets(request, sampled.data !== undefined && extra.length > 0, extra);
  const known = [...(sampled.data?.items ?? []), ...(extra.length > 0 ? (pinned.data?.items ?? []) : [])];
  const names = facetNames({ filled: shape?.filled ?? [], facets: known, pins, words });
  return (
    <aside className={css["facets"]} aria-label="Fields">
      <div className={css["head"]}>
        <TextInput
          aria-label="Find a field"
          placeholder="Fields"
          value={words}
          onChange={(event) => setWords(event.target.value)}
        />
        {sampled.data?.isSampled === true && (
          <span
            className={css["sampled"]}
            title="Counted over the newest rows only; open a field to count all"
          >
            newest {formatCount(sampled.data.rows)}
          </span>
        )}
      </div>
      {names.length === 0 && result.isFetching && <Skeleton lines={6} />}
      <ul>
        {names.map((name, at) => (
          <FacetItem
            key={name}
            state={state}
            name={name}
            facet={known.find(({ field }) => field === name)}
            rows={sampled.data?.rows ?? 0}
            isSampled={sampled.data?.isSampled ?? true}
            isOpenAtFirst={pins.includes(name) || at < OPEN_AT_FIRST}
          />
        ))}
      </ul>
    </aside>
  );
}

interface FacetItemProps {
  readonly state: SearchState;
  readonly name: string;
  readonly facet: Facet | undefined;
  /** That were sampled. */
  readonly rows: number;
  readonly isSampled: boolean;
  readonly isOpenAtFirst: boolean;
}

function FacetItem({ state, name, facet, rows, isSampled, isOpenAtFirst }: FacetItemProps): ReactNode {
  const [isOpen, setOpen] = useState(isOpenAtFirst);
  const [isExact, setExact] = useState(false);
  const [isWhole, setWhole] = useState(false);
  const exact = useExactFacet(state.request, name, isOpen && isExact);
  const counted = exact.data?.items[0];
  const shown = counted ?? facet;
  const total = counted === undefined ? rows : counted.rows;
  const isPinned = state.pins.includes(name);
  const sources = useSourceNames();
  const values = shown?.values ?? [];
  return (
    <li className={css["facet"]}>
      <div className={css["name"]}>
        <button type="button" aria-expanded={isOpen} className={css["open"]} onClick={() => setOpen(!isOpen)}>
          <span className={css["chevron"]} aria-hidden="true">
            {isOpen ? "▾" : "▸"}
          </span>
          <span className="mono ellipsis">{name}</span>
          {shown !== undefined && <span className={css["distinct"]}>{formatCount(shown.distinct)}</span>}
        </button>
        <Button
          tone="quiet"
          iconLabel={isPinned ? `Unpin ${name}` : `Pin ${name}`}
          aria-pressed={isPinned}
          onClick={() => state.togglePin(name)}
        >
          {isPinned ? <IconPinFilled size={12} /> : <IconPin size={12} />}
        </Button>
      </div>
      {isOpen && (
        <>
          <ul>
            {values.slice(0, isWhole ? values.length : SHOWN_VALUES).map(({ value, count }) => (
              <FacetValue
                key={value}
                field={name}
                value={value}
                label={name === "source" ? (sources?.get(value) ?? value) : value}
                count={count}
                share={total === 0 ? 0 : count / total}
                onFilter={state.narrow}
              />
            ))}
          </ul>
          <div className={css["foot"]}>
            {values.length > SHOWN_VALUES && (
              <button type="button" className="link" onClick={() => setWhole(!isWhole)}>
                {isWhole ? "Fewer" : `${values.length - SHOWN_VALUES} more`}
              </button>
            )}
            {isSampled && counted === undefined && shown !== undefined && (
              <button
                type="button"
                className="link"
                disabled={exact.isFetching}
                onClick={() => setExact(true)}
              >
                {exact.isFetching ? "Counting…" : "Count all"}
              </button>
            )}
            {exact.error !== null && <span className="muted">{exact.error.message}</span>}
          </div>
        </>
      )}
    </li>
  );
}

/** Names of sources by id. */
function useSourceNames(): ReadonlyMap<string, string> | undefined {
  const { data } = useSources();
  return useMemo(
    () => (data === undefined ? undefined : new Map(data.items.map((one) => [one.id, one.name]))),
    [data],
  );
}

interface FacetValueProps {
  readonly field: string;
  readonly value: string;
  /** The value as people know it: a source's name for its id. */
  readonly label: string;
  readonly count: number;
  readonly share: number;
  readonly onFilter: SearchState["narrow"];
}

function FacetValue({ field, value, label, count, share, onFilter }: FacetValueProps): ReactNode {
  return (
    <li className={css["value"]}>
      <span
        className={css["bar"]}
        style={{ width: `${Math.round(Math.min(1, share) * 100)}%` }}
        aria-hidden="true"
      />
      <button
        type="button"
        className={css["text"]}
        title={`Only ${field} with this value`}
        onClick={() => onFilter(field, value, "in")}
      >
        <LogText text={label} limit={60} isExpandable={false} />
      </button>
      <span className={css["count"]}>{formatCount(count)}</span>
      <span className={css["tools"]}>
        <Button
          tone="quiet"
          iconLabel={`Only ${field}: ${value.slice(0, 60)}`}
          onClick={() => onFilter(field, value, "in")}
        >
          <IconPlus size={12} />
        </Button>
        <Button
          tone="quiet"
          iconLabel={`Without ${field}: ${value.slice(0, 60)}`}
          onClick={() => onFilter(field, value, "out")}
        >
          <IconMinus size={12} />
        </Button>
      </span>
    </li>
  );
}
