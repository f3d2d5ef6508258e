import type { Dashboard, DashboardPanel, PanelKind, SearchReply } from "@tyto/domain";
import { useNavigate } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { useDashboardChanges, useDashboards, useDashboardTexts } from "../../api/index.ts";
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
import { chartOf } from "../search/auto-chart.ts";
import css from "./Dashboards.module.css";
import { freePlace, newPanelId } from "./layout.ts";
import { EMPTY_DASHBOARD } from "./use-dashboard-page.ts";

interface AddToDashboardProps {
  readonly reply: SearchReply;
  readonly onClose: () => void;
}

const KINDS: readonly (readonly [PanelKind, string])[] = [
  ["stat", "Figure"],
  ["time", "Over time"],
  ["bar", "Bars by name"],
  ["table", "Table"],
  ["heatmap", "Heatmap"],
  ["sankey", "Flows (Sankey)"],
  ["map", "World map"],
];

/** The way that the Chart tab would draw it. */
function usualKind(reply: SearchReply): PanelKind {
  const { kind } = chartOf(reply);
  if (kind === "line") return "time";
  return kind === "none" ? "table" : kind;
}

const SIZES = { stat: { w: 3, h: 3 }, other: { w: 6, h: 7 } } as const;

/** A search's query as a panel: of a new dashboard, or of one that is there. The search's words travel as KQL. */
export function AddToDashboard({ reply, onClose }: AddToDashboardProps): ReactNode {
  const { data } = useDashboards();
  const { create, save } = useDashboardChanges();
  const texts = useDashboardTexts();
  const toasts = useToasts();
  const navigate = useNavigate();
  const [title, setTitle] = useState("");
  const [target, setTarget] = useState("");
  const [name, setName] = useState("");
  const [kind, setKind] = useState<PanelKind>(usualKind(reply));
  const mine = data?.items.filter(({ isIncluded }) => !isIncluded) ?? [];

  const withPanel = (dashboard: Dashboard): Dashboard => {
    const { panels } = dashboard;
    const place = freePlace(panels, kind === "stat" ? SIZES.stat : SIZES.other);
    const panel = { id: newPanelId(title, panels), title, kind, place, query: reply.kql } as DashboardPanel;
    return { ...dashboard, panels: [...panels, panel] };
  };
  const add = async () => {
    const view =
      target === ""
        ? await create.mutateAsync({
            dashboard: withPanel({ ...EMPTY_DASHBOARD, title: name.trim() || "New dashboard" }),
            shared: false,
          })
        : await texts
            .one(target)
            .then(({ dashboard, version, shared }) =>
              save.mutateAsync({ id: target, body: { dashboard: withPanel(dashboard), version, shared } }),
            );
    onClose();
    toasts.show({
      message: `Added to ${view.dashboard.title}`,
      action: {
        label: "Open",
        run: () => void navigate({ to: "/dashboards/$dashboardId", params: { dashboardId: view.id } }),
      },
    });
  };
  return (
    <Dialog title="Add to a dashboard" onClose={onClose}>
      <div className={css["editor"]}>
        <Field label="Title of the panel">
          {(control) => (
            <TextInput
              {...control}
              value={title}
              maxLength={120}
              onChange={(event) => setTitle(event.target.value)}
            />
          )}
        </Field>
        <Field label="Shown as">
          {(control) => (
            <Select
              {...control}
              value={kind}
              onChange={(event) => setKind(KINDS.find(([one]) => one === event.target.value)?.[0] ?? "table")}
            >
              {KINDS.map(([one, text]) => (
                <option key={one} value={one}>
                  {text}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Field label="Dashboard">
          {(control) => (
            <Select {...control} value={target} onChange={(event) => setTarget(event.target.value)}>
              <option value="">A new one</option>
              {mine.map((one) => (
                <option key={one.id} value={one.id}>
                  {one.title}
                </option>
              ))}
            </Select>
          )}
        </Field>
        {target === "" && (
          <Field label="Its name">
            {(control) => (
              <TextInput
                {...control}
                value={name}
                maxLength={120}
                placeholder="New dashboard"
                onChange={(event) => setName(event.target.value)}
              />
            )}
          </Field>
        )}
      </div>
      <DialogFoot>
        <Button onClick={onClose}>Cancel</Button>
        <Button
          tone="primary"
          disabled={title.trim() === "" || create.isPending || save.isPending}
          onClick={() =>
            void add().catch((error: unknown) =>
              toasts.show({ tone: "error", message: failureOf(error).message }),
            )
          }
        >
          Add
        </Button>
      </DialogFoot>
    </Dialog>
  );
}
