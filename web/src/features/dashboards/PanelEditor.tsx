import { DASHBOARD_LIMITS, PANEL_KINDS, type DashboardPanel, type PanelKind } from "@tyto/domain";
import { lazy, type ReactNode, Suspense, useState } from "react";
import { usePanelAnswer, useSavedSearches } from "../../api/index.ts";
import {
  Button,
  Dialog,
  DialogFoot,
  ErrorNote,
  Field,
  Select,
  Skeleton,
  TextArea,
  TextInput,
} from "../../ui/index.ts";
import css from "./Dashboards.module.css";
import { freePlace, newPanelId } from "./layout.ts";
import { Markdown } from "./Markdown.tsx";
import { PanelBody } from "./PanelBody.tsx";
import { questionOfPanel } from "./panel-question.ts";
import { ownFields, withKind } from "./panel-kinds.ts";
import type { DashboardState } from "./use-dashboard-page.ts";

const KqlEditor = lazy(() => import("../search/KqlEditor.tsx"));

export function newPanel(panels: readonly DashboardPanel[]): DashboardPanel {
  return {
    id: "",
    kind: "time",
    title: "New panel",
    place: freePlace(panels, { w: 6, h: 6 }),
    query: "Events\n| summarize events = count() by bin(timestamp, 1h)",
  };
}

const KIND_NAMES: Readonly<Record<PanelKind, string>> = {
  stat: "Figure",
  time: "Over time",
  bar: "Bars by name",
  table: "Table",
  heatmap: "Heatmap",
  map: "World map",
  sankey: "Flows (Sankey)",
  markdown: "Text",
  search: "Saved search",
};

const TIMES = ["-1h", "-24h", "-7d", "-30d"] as const;

interface PanelEditorProps {
  readonly state: DashboardState;
  readonly panel: DashboardPanel;
  readonly onClose: () => void;
}

/** A panel's words, query and look, with what it shows now. Nothing of it is in the dashboard before it is taken over. */
export function PanelEditor({ state, panel, onClose }: PanelEditorProps): ReactNode {
  const [draft, setDraft] = useState(panel);
  const [shown, setShown] = useState(panel);
  const isSound = draft.title.trim() !== "" && (!("query" in draft) || draft.query.trim() !== "");
  const take = () => {
    const panels = state.dashboard?.panels ?? [];
    state.draft.put(draft.id === "" ? { ...draft, id: newPanelId(draft.title, panels) } : draft);
    onClose();
  };
  return (
    <Dialog title={panel.id === "" ? "Add panel" : "Edit panel"} shape="wide" onClose={onClose}>
      <div className={css["editor"]}>
        <div className={css["fields"]}>
          <Field label="Title">
            {(control) => (
              <TextInput
                {...control}
                value={draft.title}
                maxLength={120}
                onChange={(event) => setDraft({ ...draft, title: event.target.value })}
              />
            )}
          </Field>
          <Field label="Shown as">
            {(control) => (
              <Select
                {...control}
                value={draft.kind}
                onChange={(event) => {
                  const kind = PANEL_KINDS.find((one) => one === event.target.value);
                  if (kind === undefined) return;
                  const next = withKind(draft, kind);
                  setDraft(next);
                  setShown(next);
                }}
              >
                {PANEL_KINDS.map((kind) => (
                  <option key={kind} value={kind}>
                    {KIND_NAMES[kind]}
                  </option>
                ))}
              </Select>
            )}
          </Field>
          {"time" in draft || "query" in draft || draft.kind === "search" ? (
            <Field label="Time">
              {(control) => (
                <Select
                  {...control}
                  value={"time" in draft ? (draft.time?.from ?? "") : ""}
                  onChange={(event) => setDraft(withTime(draft, event.target.value))}
                >
                  <option value="">The dashboard's</option>
                  {[
                    ...new Set([
                      ...TIMES,
                      ...("time" in draft && draft.time !== undefined ? [draft.time.from] : []),
                    ]),
                  ].map((from) => (
                    <option key={from} value={from}>
                      {from} to now
                    </option>
                  ))}
                </Select>
              )}
            </Field>
          ) : null}
          {ownFields(draft).map(({ name, label, value, choices }) => (
            <Field key={name} label={label}>
              {(control) =>
                choices === undefined ? (
                  <TextInput
                    {...control}
                    value={value}
                    placeholder="the first that fits"
                    maxLength={200}
                    onChange={(event) => setDraft(withOwn(draft, name, event.target.value))}
                  />
                ) : (
                  <Select
                    {...control}
                    value={value}
                    onChange={(event) => setDraft(withOwn(draft, name, event.target.value))}
                  >
                    {choices.map(([key, text]) => (
                      <option key={key} value={key}>
                        {text}
                      </option>
                    ))}
                  </Select>
                )
              }
            </Field>
          ))}
        </div>
        {draft.kind === "markdown" ? (
          <Field label="Text" hint="Headings, lists, **bold**, *italics*, `code`. No HTML, no links.">
            {(control) => (
              <TextArea
                {...control}
                rows={8}
                value={draft.text}
                maxLength={DASHBOARD_LIMITS.markdownCharacters}
                onChange={(event) => {
                  setDraft({ ...draft, text: event.target.value });
                  setShown({ ...draft, text: event.target.value });
                }}
              />
            )}
          </Field>
        ) : draft.kind === "search" ? (
          <SavedChoice
            value={draft.savedSearch}
            onChange={(savedSearch) => {
              setDraft({ ...draft, savedSearch });
              setShown({ ...draft, savedSearch });
            }}
          />
        ) : (
          <Suspense fallback={<Skeleton lines={3} />}>
            <KqlEditor
              value={draft.query}
              variables={(state.dashboard?.variables ?? []).map((variable) => ({
                name: `_${variable.name}`,
                isList: variable.kind !== "text" && variable.multi === true,
              }))}
              onEdit={(query) => setDraft({ ...draft, query })}
              onRun={() => setShown(draft)}
            />
          </Suspense>
        )}
        {draft.kind !== "markdown" && draft.kind !== "search" && (
          <div className={css["previewHead"]}>
            <Button onClick={() => setShown(draft)}>Preview</Button>
            <span className="muted small">
              {(state.dashboard?.variables.length ?? 0) === 0
                ? "With the dashboard's time."
                : `With the dashboard's time and its variables: ${(state.dashboard?.variables ?? []).map(({ name }) => `_${name}`).join(", ")}.`}
            </span>
          </div>
        )}
        <div className={css["preview"]}>
          <Preview state={state} panel={shown} />
        </div>
      </div>
      <DialogFoot>
        <Button onClick={onClose}>Cancel</Button>
        <Button tone="primary" disabled={!isSound} onClick={take}>
          {panel.id === "" ? "Add" : "Apply"}
        </Button>
      </DialogFoot>
    </Dialog>
  );
}

function withTime(panel: DashboardPanel, from: string): DashboardPanel {
  if (panel.kind === "markdown") return panel;
  const { time: _time, ...rest } = panel;
  return from === "" ? rest : { ...rest, time: { from, to: "now" } };
}

/** Own settings are optional: an empty one is left out. */
function withOwn(panel: DashboardPanel, name: string, value: string): DashboardPanel {
  const rest = Object.fromEntries(Object.entries(panel).filter(([key]) => key !== name)) as DashboardPanel;
  if (value === "") return rest;
  return { ...rest, [name]: name === "compare" ? true : value };
}

function Preview({
  state,
  panel,
}: {
  readonly state: DashboardState;
  readonly panel: DashboardPanel;
}): ReactNode {
  const question = questionOfPanel({ ...panel, id: panel.id === "" ? "preview" : panel.id }, state.now);
  const isAsking = question !== undefined && (panel.kind !== "search" || panel.savedSearch !== "");
  const answer = usePanelAnswer(isAsking ? question : undefined, {
    isSeen: true,
    refreshMs: 0,
    run: state.run,
  });
  if (panel.kind === "markdown") return <Markdown text={panel.text} />;
  if (!isAsking) return <p className={css["nothing"]}>Nothing to show yet.</p>;
  if (answer.error !== null && !answer.isFetching) return <ErrorNote error={answer.error} />;
  if (answer.data === undefined) return <Skeleton lines={3} />;
  return (
    <PanelBody
      panel={panel}
      answer={answer.data}
      isTable={false}
      filters={state.now.filters}
      onFilter={() => undefined}
      onRange={() => undefined}
    />
  );
}

function SavedChoice({
  value,
  onChange,
}: {
  readonly value: string;
  readonly onChange: (id: string) => void;
}): ReactNode {
  const { data } = useSavedSearches();
  return (
    <Field label="Saved search" hint="Who looks at the dashboard sees it only when it is shared with them.">
      {(control) => (
        <Select {...control} value={value} onChange={(event) => onChange(event.target.value)}>
          <option value="">{data?.items.length === 0 ? "There are none yet" : "Choose one"}</option>
          {(data?.items ?? []).map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </Select>
      )}
    </Field>
  );
}
