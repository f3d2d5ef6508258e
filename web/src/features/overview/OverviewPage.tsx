import type { Overview, Threats } from "@tyto/domain";
import { IconPlayerPause, IconPlayerPlay } from "@tabler/icons-react";
import { getRouteApi } from "@tanstack/react-router";
import { type ReactNode, useEffect, useState } from "react";
import { useOverview, useThreats } from "../../api/index.ts";
import { Button, ErrorNote, humanise, Page, Select, Skeleton, useCommands } from "../../ui/index.ts";
import { DemoProgress, FirstSteps } from "./FirstSteps.tsx";
import { HealthCard } from "./HealthCard.tsx";
import css from "./Overview.module.css";
import {
  CARDS_OF,
  OVERVIEW_ROLES,
  type OverviewCard,
  type OverviewSearch,
  rememberedRole,
  rememberRole,
} from "./overview-url.ts";
import { CriticalAssets, NewestAlerts, Sources, Throughput } from "./StateCards.tsx";
import { EntitiesAtRisk, MyQueue, OpenAlerts, ResponseTimes, Tactics } from "./ThreatCards.tsx";

const route = getRouteApi("/");
const REFRESH_MS = 30_000;
/** While the demo is replayed, or the first steps are taken, one watches. */
const QUICK_MS = 5_000;

/** The first page: is there something to do, and does everything arrive? Every number leads to what it counts. */
export function OverviewPage(): ReactNode {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const [isPaused, setPaused] = useState(false);
  const [isFirst, setFirst] = useState(true);
  const everyMs = isPaused ? false : isFirst ? QUICK_MS : REFRESH_MS;
  const overview = useOverview(everyMs);
  const threats = useThreats(everyMs);
  const role = search.role ?? rememberedRole();
  const isKiosk = search.kiosk === "on";
  const change = (next: OverviewSearch) =>
    void navigate({ search: (before) => ({ ...before, ...next }), replace: true });
  const isBegun = overview.data !== undefined && !isBeginning(overview.data);
  if (isBegun === isFirst && overview.data !== undefined) setFirst(!isBegun);
  useKiosk(isKiosk);
  useCommands([
    {
      id: "kiosk",
      label: isKiosk ? "Leave the kiosk" : "Kiosk: the overview alone on the screen",
      group: "This page",
      run: () => change({ kiosk: isKiosk ? undefined : "on" }),
    },
    {
      id: "escape",
      label: "Leave the kiosk",
      group: "This page",
      keys: ["Escape"],
      run: () => change({ kiosk: undefined }),
      isQuiet: true,
    },
  ]);
  const error = overview.error ?? threats.error;
  return (
    <Page
      title="Overview"
      note={isPaused ? "Paused" : ""}
      actions={
        <>
          <span className={css["role"]}>
            <Select
              aria-label="Seen by"
              value={role}
              onChange={(event) => {
                const next = OVERVIEW_ROLES.find((one) => one === event.target.value) ?? "all";
                rememberRole(next);
                change({ role: next });
              }}
            >
              <option value="all">All cards</option>
              {OVERVIEW_ROLES.map((one) => (
                <option key={one} value={one}>
                  {humanise(one)}
                </option>
              ))}
            </Select>
          </span>
          <Button
            iconLabel={isPaused ? "Refresh every 30 seconds again" : "Pause refreshing"}
            aria-pressed={isPaused}
            onClick={() => setPaused(!isPaused)}
          >
            {isPaused ? <IconPlayerPlay size={15} /> : <IconPlayerPause size={15} />}
          </Button>
          {isKiosk && <Button onClick={() => change({ kiosk: undefined })}>Leave kiosk</Button>}
        </>
      }
    >
      {overview.data !== undefined && threats.data !== undefined ? (
        <Content overview={overview.data} threats={threats.data} cards={CARDS_OF[role]} everyMs={everyMs} />
      ) : error !== null ? (
        <ErrorNote
          error={error}
          onRetry={() => {
            void overview.refetch();
            void threats.refetch();
          }}
        />
      ) : (
        <Skeleton />
      )}
    </Page>
  );
}

function isBeginning({ checklist, demo }: Overview): boolean {
  return checklist.some(({ isDone }) => !isDone) || demo?.isDone === false;
}

/** What surrounds the page goes by the stylesheet. */
function useKiosk(isKiosk: boolean): void {
  useEffect(() => {
    if (!isKiosk) return undefined;
    document.documentElement.dataset["kiosk"] = "on";
    return () => {
      delete document.documentElement.dataset["kiosk"];
    };
  }, [isKiosk]);
}

interface ContentProps {
  readonly overview: Overview;
  readonly threats: Threats;
  readonly cards: readonly OverviewCard[];
  readonly everyMs: number | false;
}

function Content({ overview, threats, cards, everyMs }: ContentProps): ReactNode {
  return (
    <div className={css["grid"]}>
      {overview.checklist.some((step) => !step.isDone) && <FirstSteps overview={overview} />}
      {overview.demo !== null && !overview.demo.isDone && <DemoProgress demo={overview.demo} />}
      {cards.map((card) => (
        <Card key={card} card={card} overview={overview} threats={threats} everyMs={everyMs} />
      ))}
    </div>
  );
}

function Card({
  card,
  overview,
  threats,
  everyMs,
}: Omit<ContentProps, "cards"> & { readonly card: OverviewCard }): ReactNode {
  switch (card) {
    case "threats":
      return <OpenAlerts threats={threats} />;
    case "response":
      return <ResponseTimes threats={threats} />;
    case "mine":
      return <MyQueue threats={threats} />;
    case "entities":
      return <EntitiesAtRisk threats={threats} />;
    case "tactics":
      return <Tactics threats={threats} />;
    case "assets":
      return overview.criticalAssetCount > 0 ? <CriticalAssets overview={overview} /> : null;
    case "newest":
      return <NewestAlerts alerts={overview.newestAlerts} />;
    case "flow":
      return <Throughput overview={overview} />;
    case "health":
      return <HealthCard everyMs={everyMs} queued={overview.queued} />;
    case "sources":
      return <Sources overview={overview} />;
  }
}
