import { IconMinus, IconPlus } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { useSampledFacets } from "../../api/index.ts";
import {
  Button,
  describeRange,
  Empty,
  ErrorNote,
  type GridColumn,
  LogText,
  Select,
  Skeleton,
  useZone,
  VirtualGrid,
} from "../../ui/index.ts";
import { compareFacets, type Difference, windowBefore } from "./compare-facets.ts";
import css from "./SearchPage.module.css";
import type { SearchState } from "./use-search-page.ts";

/** What is different in a time that was brushed with Shift: against the time before it, or against the whole. */
export function Compare({ state }: { readonly state: SearchState }): ReactNode {
  const { cf, ct } = state.search;
  if (cf === undefined || ct === undefined) {
    return (
      <Empty title="Mark a time to compare">
        Hold Shift and drag across bars of the chart above. Here stands what is commoner or rarer in that time
        than before it.
      </Empty>
    );
  }
  return <Differences state={state} chosen={{ from: cf, to: ct }} />;
}

type Against = "before" | "all";

function Differences({
  state,
  chosen,
}: {
  readonly state: SearchState;
  readonly chosen: { readonly from: string; readonly to: string };
}): ReactNode {
  const zone = useZone();
  const [against, setAgainst] = useState<Against>("before");
  const other = against === "before" ? windowBefore(chosen) : state.range;
  const inside = useSampledFacets({ ...state.request, ...chosen }, true);
  const outside = useSampledFacets({ ...state.request, ...other }, true);
  const error = inside.error ?? outside.error;
  if (error !== null) return <ErrorNote error={error} />;
  if (inside.data === undefined || outside.data === undefined) return <Skeleton />;
  const found = compareFacets(inside.data, outside.data);
  return (
    <div className={css["withNote"]}>
      <div className={css["compareHead"]}>
        <b>{describeRange(chosen, zone)}</b>
        <span className="muted">against</span>
        <Select
          aria-label="Compare with"
          value={against}
          onChange={(event) => setAgainst(event.target.value === "all" ? "all" : "before")}
        >
          <option value="before">the same length before</option>
          <option value="all">the whole time</option>
        </Select>
        {(inside.data.isSampled || outside.data.isSampled) && (
          <span className="muted small">Of the newest 2,000 events of each.</span>
        )}
        <span className="grow" />
        <Button
          onClick={() =>
            state.change({ from: chosen.from, to: chosen.to, cf: undefined, ct: undefined, tab: undefined })
          }
        >
          Search this time
        </Button>
      </div>
      {found.length === 0 ? (
        <Empty title="Nothing stands out">The values of all fields are as common in both times.</Empty>
      ) : (
        <VirtualGrid
          label="Differences"
          rows={found}
          rowKey={({ field, value }) => `${field} ${value}`}
          columns={differenceColumns(state)}
          rowHeight={36}
          activeKey={undefined}
          onMove={() => undefined}
          onOpen={({ field, value }) => state.narrow(field, value, "in")}
        />
      )}
    </div>
  );
}

const percent = (share: number) => `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;

function differenceColumns(state: SearchState): readonly GridColumn<Difference>[] {
  const share = (name: "inside" | "outside") => (row: Difference) => (
    <span className={css["share"]}>
      <span data-tone={name} style={{ width: `${Math.min(100, row[name] * 100)}%` }} />
      <span>{percent(row[name])}</span>
    </span>
  );
  return [
    {
      key: "field",
      header: "Field",
      track: "180px",
      cell: ({ field }) => <span className="mono">{field}</span>,
    },
    {
      key: "value",
      header: "Value",
      track: "minmax(160px, 1fr)",
      cell: ({ value }) => (
        <span className={css["cell"]}>
          <LogText text={value} limit={200} isExpandable={false} />
        </span>
      ),
    },
    { key: "inside", header: "In the marked time", track: "150px", cell: share("inside") },
    { key: "outside", header: "In the other", track: "150px", cell: share("outside") },
    {
      key: "difference",
      header: "Difference",
      track: "96px",
      align: "end",
      cell: ({ inside, outside }) => `${inside > outside ? "+" : "−"}${percent(Math.abs(inside - outside))}`,
    },
    {
      key: "tools",
      header: <span className="visually-hidden">Filter</span>,
      track: "76px",
      cell: ({ field, value }) => (
        <span onClick={(event) => event.stopPropagation()}>
          <Button
            tone="quiet"
            iconLabel={`Only ${field} with this value`}
            onClick={() => state.narrow(field, value, "in")}
          >
            <IconPlus size={13} />
          </Button>
          <Button
            tone="quiet"
            iconLabel={`Without this value of ${field}`}
            onClick={() => state.narrow(field, value, "out")}
          >
            <IconMinus size={13} />
          </Button>
        </span>
      ),
    },
  ];
}
