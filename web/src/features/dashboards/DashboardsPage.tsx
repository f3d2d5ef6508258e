import type { DashboardList } from "@tyto/domain";
import { IconDots } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { useDashboardChanges, useDashboards, useDashboardTexts } from "../../api/index.ts";
import {
  ActionMenu,
  Button,
  buttonClass,
  ErrorNote,
  failureOf,
  formatAmount,
  LogText,
  Page,
  Skeleton,
  Time,
  useToasts,
} from "../../ui/index.ts";
import css from "./Dashboards.module.css";
import { ImportDashboard } from "./ImportDashboard.tsx";
import { NEW_ID } from "./use-dashboard-page.ts";
import { useDuplicate } from "./use-duplicate.ts";

type Item = DashboardList["items"][number];

/** Every dashboard that somebody may see. */
export function DashboardsPage(): ReactNode {
  const { data, error, refetch } = useDashboards();
  const [isImporting, setImporting] = useState(false);
  const own = data?.items.filter(({ isIncluded }) => !isIncluded) ?? [];
  const included = data?.items.filter(({ isIncluded }) => isIncluded) ?? [];
  return (
    <Page
      title="Dashboards"
      layout="full"
      note={data === undefined ? "" : `${own.length} of people · ${included.length} that come with Tyto`}
      actions={
        <>
          <Button onClick={() => setImporting(true)}>Import…</Button>
          <Link
            to="/dashboards/$dashboardId"
            params={{ dashboardId: NEW_ID }}
            className={buttonClass("primary")}
          >
            New dashboard
          </Link>
        </>
      }
    >
      <div className={css["lists"]}>
        {error !== null && data === undefined ? (
          <ErrorNote error={error} onRetry={() => void refetch()} />
        ) : data === undefined ? (
          <Skeleton />
        ) : (
          <>
            <h2>Yours and shared</h2>
            {own.length === 0 ? (
              <p className="muted">
                None yet. Duplicate one of those below, or begin with an empty one; Search can add its result
                to it.
              </p>
            ) : (
              <List items={own} label="Yours and shared" />
            )}
            <h2>Come with Tyto</h2>
            <List items={included} label="Come with Tyto" />
          </>
        )}
      </div>
      {isImporting && <ImportDashboard onClose={() => setImporting(false)} />}
    </Page>
  );
}

function List({ items, label }: { readonly items: readonly Item[]; readonly label: string }): ReactNode {
  return (
    <div className={css["table"]} role="region" tabIndex={0} aria-label={label}>
      <table>
        <thead>
          <tr>
            <th scope="col">Title</th>
            <th scope="col">About</th>
            <th scope="col" className="num">
              Panels
            </th>
            <th scope="col">Of</th>
            <th scope="col">Changed</th>
            <th scope="col">
              <span className="visually-hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {items.map((item) => (
            <tr key={item.id}>
              <th scope="row">
                <Link to="/dashboards/$dashboardId" params={{ dashboardId: item.id }}>
                  <LogText text={item.title} limit={80} isExpandable={false} />
                </Link>
              </th>
              <td className="muted">
                <LogText text={item.description} limit={120} isExpandable={false} />
              </td>
              <td className="num">{item.panels}</td>
              <td className="muted">
                {item.isIncluded ? "Tyto" : item.isOwn ? (item.shared ? "you, shared" : "you") : item.owner}
              </td>
              <td className="muted">
                {item.updatedAt === null ? "–" : <Time value={item.updatedAt} />}
                {!item.isIncluded && !item.isOwn && ` by ${item.updatedBy}`}
              </td>
              <td className="num">
                <ItemMenu item={item} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function ItemMenu({ item }: { readonly item: Item }): ReactNode {
  const { save, remove, restore } = useDashboardChanges();
  const texts = useDashboardTexts();
  const duplicate = useDuplicate();
  const toasts = useToasts();
  const say = (error: unknown) => toasts.show({ tone: "error", message: failureOf(error).message });
  const share = async () => {
    const { dashboard, version, shared } = await texts.one(item.id);
    await save.mutateAsync({ id: item.id, body: { dashboard, version, shared: !shared } });
    toasts.show({ message: shared ? `${item.title} is private again` : `${item.title} is shared` });
  };
  const drop = () =>
    remove.mutate(item.id, {
      onSuccess: () =>
        toasts.show({
          message: `Deleted ${item.title}, ${formatAmount(item.panels, "panel")}`,
          action: { label: "Undo", run: () => restore.mutate(item.id, { onError: say }) },
        }),
      onError: say,
    });
  return (
    <ActionMenu
      label={`What can be done with ${item.title}`}
      trigger={(trigger) => (
        <button type="button" {...trigger} className={css["dots"]} aria-label={`Menu of ${item.title}`}>
          <IconDots size={14} aria-hidden="true" />
        </button>
      )}
      actions={[
        {
          label: item.isIncluded ? "Duplicate to edit" : "Duplicate",
          run: () => void texts.one(item.id).then(({ dashboard }) => duplicate(dashboard), say),
        },
        item.isOwn && {
          label: item.shared ? "Make private" : "Share",
          run: () => void share().catch(say),
        },
        item.isOwn && { label: "Delete", run: drop },
      ]}
    />
  );
}
