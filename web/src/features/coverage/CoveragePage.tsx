import type { Coverage, CoverageCell } from "@tyto/domain";
import { coverageCells, unknownTechniques } from "@tyto/domain";
import { getRouteApi, Link } from "@tanstack/react-router";
import { type ReactNode, useMemo } from "react";
import { useCoverage } from "../../api/index.ts";
import {
  Button,
  Empty,
  ErrorNote,
  formatCount,
  Page,
  Skeleton,
  SplitView,
  Time,
  useCommands,
} from "../../ui/index.ts";
import { columnsOf, countStates, shownCells } from "./cells.ts";
import css from "./Coverage.module.css";
import { CoverageList } from "./CoverageList.tsx";
import { CoverageMatrix } from "./CoverageMatrix.tsx";
import { CoverageFilters, CoverageLegend, ExportMenu } from "./CoverageTools.tsx";
import { coverageFilterOf, type CoverageSearch } from "./coverage-url.ts";
import { TechniquePanel } from "./TechniquePanel.tsx";

const route = getRouteApi("/coverage");

/** What the rules cover of ATT&CK: enabled, with telemetry arriving, and tested. */
export function CoveragePage(): ReactNode {
  const search = route.useSearch();
  const { data, error, refetch } = useCoverage(Number(search.days ?? "7"));
  return data !== undefined ? (
    <Loaded coverage={data} />
  ) : (
    <Page title="Coverage" layout="full" note={<Link to="/rules">Rules</Link>}>
      {error !== null ? <ErrorNote error={error} onRetry={() => void refetch()} /> : <Skeleton />}
    </Page>
  );
}

function Loaded({ coverage }: { readonly coverage: Coverage }): ReactNode {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { tag, source, pack, level, enabled } = search;
  const cells = useMemo(
    () => coverageCells(coverage, coverageFilterOf({ tag, source, pack, level, enabled })),
    [coverage, tag, source, pack, level, enabled],
  );
  const change = (next: Partial<CoverageSearch>) =>
    void navigate({ search: (before) => ({ ...before, ...next }), replace: true });
  const open = (cell: CoverageCell) => change({ technique: cell.id });
  const dismiss = () => change({ technique: undefined });
  const shown = shownCells(cells, search);
  const columns = columnsOf(coverage, shown);
  const counts = countStates(cells);
  const total = counts.covered + counts.arriving + counts.enabled + counts.none;
  const chosen = cells.find(({ id }) => id === search.technique);
  const isList = search.view === "list";
  useCommands([
    { id: "escape", label: "Close the panel", group: "This page", keys: ["Escape"], run: dismiss, isQuiet: true },
  ]);
  return (
    <Page
      title="Coverage"
      layout="full"
      note={
        <>
          {formatCount(counts.covered)} of {formatCount(total)} techniques covered · ATT&amp;CK{" "}
          {coverage.attackVersion} · looked <Time value={coverage.at} /> ·{" "}
          <Link to="/rules" search={{}}>
            Rules
          </Link>
        </>
      }
      actions={
        <>
          <Button aria-pressed={isList} onClick={() => change({ view: isList ? undefined : "list" })}>
            {isList ? "Matrix" : "List"}
          </Button>
          <ExportMenu coverage={coverage} cells={cells} columns={columns} />
        </>
      }
    >
      <div className={css["page"]}>
        <div>
          <CoverageFilters coverage={coverage} search={search} onChange={change} />
          <CoverageLegend counts={counts} search={search} onChange={change} />
          <Doubts coverage={coverage} />
        </div>
        <SplitView
          panelLabel="Technique"
          isOpen={chosen !== undefined}
          panel={
            chosen !== undefined && (
              <TechniquePanel
                cell={chosen}
                subs={cells.filter(({ parent }) => parent === chosen.id)}
                coverage={coverage}
                onOpen={open}
                onDismiss={dismiss}
              />
            )
          }
        >
          {shown.length === 0 ? (
            <Empty title="No technique fits">Other words or filters may find some.</Empty>
          ) : isList ? (
            <CoverageList cells={shown} chosen={search.technique} onOpen={open} onDismiss={dismiss} />
          ) : (
            <CoverageMatrix columns={columns} chosen={search.technique} onOpen={open} />
          )}
        </SplitView>
      </div>
    </Page>
  );
}

/** What the picture leaves out. */
function Doubts({ coverage }: { readonly coverage: Coverage }): ReactNode {
  const unknown = unknownTechniques(coverage);
  return (
    <>
      {!coverage.isExact && (
        <p className={css["doubt"]} role="status">
          Looking over {coverage.days} days took too long: telemetry of the older days may be missing here.
        </p>
      )}
      {unknown.length > 0 && (
        <p className={css["doubt"]}>
          Rules name {unknown.slice(0, 12).join(", ")}, which ATT&amp;CK {coverage.attackVersion} does not have.
        </p>
      )}
    </>
  );
}
