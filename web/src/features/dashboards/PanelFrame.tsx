import type { DashboardPanel } from "@tyto/domain";
import { IconArrowsDiagonal2, IconDots, IconGripVertical } from "@tabler/icons-react";
import { type KeyboardEvent, type PointerEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { usePanelAnswer } from "../../api/index.ts";
import {
  ActionMenu,
  Button,
  describeRange,
  download,
  downloadText,
  failureOf,
  formatBytes,
  formatCount,
  LogText,
  Skeleton,
  useToasts,
  useZone,
} from "../../ui/index.ts";
import css from "./Dashboards.module.css";
import { Markdown } from "./Markdown.tsx";
import { PanelBody } from "./PanelBody.tsx";
import { fileName, panelCsv, pngOf, svgText } from "./panel-export.ts";
import { questionOfPanel } from "./panel-question.ts";
import type { DashboardState } from "./use-dashboard-page.ts";

/** What the grid lets a person do with a panel while they build. */
export interface PanelTools {
  readonly onGrab: (event: PointerEvent<HTMLElement>, what: "move" | "resize") => void;
  readonly onKey: (event: KeyboardEvent<HTMLElement>) => void;
  readonly onEdit: () => void;
  readonly onDuplicate: () => void;
  readonly onRemove: () => void;
}

interface PanelFrameProps {
  readonly panel: DashboardPanel;
  readonly state: DashboardState;
  readonly tools: PanelTools | undefined;
}

/** One panel: its own request, its own failure. It asks once somebody sees it. */
export function PanelFrame({ panel, state, tools }: PanelFrameProps): ReactNode {
  const host = useRef<HTMLElement>(null);
  const body = useRef<HTMLDivElement>(null);
  const isSeen = useSeen(host);
  const [isTable, setTable] = useState(false);
  const question = questionOfPanel(panel, state.now);
  const answer = usePanelAnswer(question, { isSeen, refreshMs: state.refreshMs, run: state.run });
  const { x, y, w, h } = panel.place;
  return (
    <section
      ref={host}
      className={css["panel"]}
      aria-label={panel.title}
      data-panel={panel.id}
      data-stale={answer.isPlaceholderData}
      style={{ gridColumn: `${x + 1} / span ${w}`, gridRow: `${y + 1} / span ${h}` }}
    >
      <header className={css["panelHead"]}>
        {tools !== undefined && (
          <button
            type="button"
            className={css["grip"]}
            aria-label={`Move ${panel.title}: arrows move it, Shift and arrows resize it`}
            onPointerDown={(event) => tools.onGrab(event, "move")}
            onKeyDown={tools.onKey}
          >
            <IconGripVertical size={14} aria-hidden="true" />
          </button>
        )}
        <h2 className="ellipsis" title={panel.description}>
          <LogText text={panel.title} limit={120} isExpandable={false} />
        </h2>
        <PanelNote panel={panel} state={state} answer={answer.data} />
        <span className="grow" />
        <PanelMenu
          panel={panel}
          state={state}
          tools={tools}
          answer={answer.data}
          isTable={isTable}
          onTable={() => setTable(!isTable)}
          svg={() => body.current?.querySelector("svg") ?? undefined}
        />
      </header>
      <div ref={body} className={css["panelBody"]}>
        {panel.kind === "markdown" ? (
          <Markdown text={panel.text} />
        ) : question === undefined ? (
          <p className={css["nothing"]}>This panel asks nothing yet.</p>
        ) : answer.error !== null && !answer.isFetching ? (
          <PanelFault error={answer.error} onRetry={() => void answer.refetch()} />
        ) : answer.data === undefined ? (
          <Skeleton lines={Math.max(1, Math.min(6, h - 1))} />
        ) : (
          <PanelBody
            panel={panel}
            answer={answer.data}
            isTable={isTable}
            filters={state.now.filters}
            onFilter={state.toggleFilters}
            onRange={state.pickTime}
          />
        )}
      </div>
      {tools !== undefined && (
        <span
          className={css["corner"]}
          aria-hidden="true"
          onPointerDown={(event) => tools.onGrab(event, "resize")}
        >
          <IconArrowsDiagonal2 size={12} />
        </span>
      )}
    </section>
  );
}

/** True from the first time that it is on the screen, or nearly. */
function useSeen(host: React.RefObject<HTMLElement | null>): boolean {
  const [isSeen, setSeen] = useState(false);
  useEffect(() => {
    const element = host.current;
    if (element === null || isSeen) return;
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some(({ isIntersecting }) => isIntersecting)) setSeen(true);
      },
      { rootMargin: "120px" },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [host, isSeen]);
  return isSeen;
}

type Answer = ReturnType<typeof usePanelAnswer>["data"];

function PanelNote({
  panel,
  state,
  answer,
}: {
  readonly panel: DashboardPanel;
  readonly state: DashboardState;
  readonly answer: Answer;
}): ReactNode {
  const zone = useZone();
  const own = "time" in panel && panel.time !== undefined ? describeRange(panel.time, zone) : undefined;
  // A limit that was chosen for a list is no loss; a table or a chart over time that was cut is.
  const isCut = answer?.stats.partial === true && panel.kind !== "stat";
  const ignored = state.now.filters.length === 0 ? [] : (answer?.ignoredFilters ?? []);
  return (
    <>
      {own !== undefined && <span className={css["tag"]}>{own}</span>}
      {isCut && (
        <span className={css["tag"]} title={`The first ${formatCount(answer.rows.length)} rows only`}>
          partial
        </span>
      )}
      {ignored.length > 0 && (
        <span className={css["tag"]} title={`Its table has no ${ignored.join(", ")}`}>
          not filtered by {ignored.join(", ")}
        </span>
      )}
    </>
  );
}

function PanelFault({ error, onRetry }: { readonly error: Error; readonly onRetry: () => void }): ReactNode {
  const { message, hint, code } = failureOf(error);
  return (
    <div className={css["fault"]} role="alert">
      <b>{message}</b>
      {hint !== undefined && <span className="muted">{hint}</span>}
      <span>
        <Button onClick={onRetry}>Try again</Button> <span className="mono muted">{code}</span>
      </span>
    </div>
  );
}

interface PanelMenuProps extends PanelFrameProps {
  readonly answer: Answer;
  readonly isTable: boolean;
  readonly onTable: () => void;
  readonly svg: () => SVGSVGElement | undefined;
}

function PanelMenu({ panel, state, tools, answer, isTable, onTable, svg }: PanelMenuProps): ReactNode {
  const toasts = useToasts();
  const isDrawn = panel.kind !== "markdown" && panel.kind !== "table" && panel.kind !== "search";
  const picture = (ending: "svg" | "png") => {
    const drawn = svg();
    if (drawn === undefined) {
      toasts.show({ tone: "error", message: "There is no picture here; CSV has the figures." });
    } else if (ending === "svg") {
      downloadText(fileName(panel.title, ending), "image/svg+xml", svgText(drawn));
    } else {
      pngOf(drawn).then(
        (blob) => download(fileName(panel.title, ending), blob),
        (error: unknown) => toasts.show({ tone: "error", message: failureOf(error).message }),
      );
    }
  };
  const isChart = isDrawn && panel.kind !== "stat";
  return (
    <ActionMenu
      label={`What can be done with ${panel.title}`}
      trigger={(trigger) => (
        <button type="button" {...trigger} className={css["dots"]} aria-label={`Menu of ${panel.title}`}>
          <IconDots size={14} aria-hidden="true" />
        </button>
      )}
      actions={[
        panel.kind !== "markdown" && { label: state.drillLabel(panel), run: () => state.drill(panel) },
        isChart && { label: isTable ? "View as chart" : "View as table", run: onTable },
        answer !== undefined && {
          label: "Save as CSV",
          run: () => downloadText(fileName(panel.title, "csv"), "text/csv", panelCsv(answer)),
        },
        isChart && !isTable && { label: "Save as PNG", run: () => picture("png") },
        isChart && !isTable && { label: "Save as SVG", run: () => picture("svg") },
        tools !== undefined && { label: "Edit…", run: tools.onEdit },
        tools !== undefined && { label: "Duplicate", run: tools.onDuplicate },
        tools !== undefined && { label: "Remove", run: tools.onRemove },
      ]}
      foot={
        answer !== undefined && (
          <p className={css["cost"]}>
            {formatCount(answer.stats.rowsRead)} rows, {formatBytes(answer.stats.bytesRead)} read in{" "}
            {formatCount(Math.round(answer.stats.elapsedMs))} ms
          </p>
        )
      }
    />
  );
}
