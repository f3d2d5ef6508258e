import { FIELDS, type OwnRule } from "@tyto/domain";
import { getRouteApi, Link } from "@tanstack/react-router";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { type RuleTexts, useOwnRule, useRuleDraft, useRuleSource } from "../../../api/index.ts";
import { Button, ErrorNote, Page, Skeleton, SplitView, Tabs, useCommands } from "../../../ui/index.ts";
import { BacktestSide } from "./BacktestSide.tsx";
import { CasesSide } from "./CasesSide.tsx";
import { CheckSide } from "./CheckSide.tsx";
import { EditorDialogs } from "./EditorDialogs.tsx";
import css from "./Editor.module.css";
import type { EditorSearch, Side } from "./editor-url.ts";
import { ExplainSide } from "./ExplainSide.tsx";
import { HistorySide } from "./HistorySide.tsx";
import { RuleFormView } from "./RuleFormView.tsx";
import { duplicateOf, emptyRule, newRuleId } from "./sigma-words.ts";
import { type RuleEditor, useRuleEditor } from "./use-rule-editor.ts";
import { YamlEditor, type YamlEditorHandle } from "./YamlEditor.tsx";

const route = getRouteApi("/rules/edit/$ruleId");
export const NEW_RULE = "new";

interface Start {
  readonly texts: RuleTexts;
  readonly saved: OwnRule | undefined;
  /** What of a search the draft does not say. */
  readonly leftOut: readonly string[];
}

/** A rule is written, tried and switched on. */
export function RuleEditorPage(): ReactNode {
  const { ruleId } = route.useParams();
  const [born, setBorn] = useState<string>();
  // A rule that got its id while it was written is still being written.
  const key = ruleId === born ? NEW_RULE : ruleId;
  const { start, error, retry } = useStart(key);
  const [opened, setOpened] = useState<{ readonly key: string; readonly start: Start }>();
  if (start !== undefined && opened?.key !== key) setOpened({ key, start });
  if (opened?.key === key) return <Editor key={key} start={opened.start} onBorn={setBorn} />;
  return (
    <Page title="Rule" layout="full">
      {error === null ? <Skeleton /> : <ErrorNote error={error} onRetry={retry} />}
    </Page>
  );
}

/** Where the writing begins: at a rule, at a copy of one, at a search, or at next to nothing. */
function useStart(key: string): {
  readonly start: Start | undefined;
  readonly error: Error | null;
  readonly retry: () => void;
} {
  const { from, mode, q } = route.useSearch();
  const isNew = key === NEW_RULE;
  const own = useOwnRule(isNew ? null : key);
  const source = useRuleSource(isNew ? (from ?? null) : null);
  const { mutate, ...draft } = useRuleDraft();
  const isOfSearch = isNew && mode !== undefined;
  const query = q ?? "";
  useEffect(() => {
    if (isOfSearch) mutate({ mode, query });
  }, [mutate, isOfSearch, mode, query]);

  const retry = () => void (isNew ? source.refetch() : own.refetch());
  const at = (texts: RuleTexts | undefined, saved?: OwnRule, leftOut: readonly string[] = []) =>
    texts === undefined ? undefined : { texts, saved, leftOut };
  if (!isNew) {
    const { data, error } = own;
    const texts = data && { yaml: data.latest.yaml, cases: data.latest.cases };
    return { start: at(texts, data), error, retry };
  }
  if (from !== undefined) {
    const { data, error } = source;
    const copy = data && { yaml: duplicateOf(data.yaml, newRuleId), cases: data.cases };
    return { start: at(copy), error, retry };
  }
  if (isOfSearch) {
    const { data, error } = draft;
    return {
      start: at(data && { yaml: data.yaml, cases: "" }, undefined, data?.leftOut),
      error,
      retry: () => mutate({ mode, query }),
    };
  }
  return { start: at({ yaml: emptyRule(newRuleId()), cases: "" }), error: null, retry };
}

interface EditorProps {
  readonly start: Start;
  readonly onBorn: (id: string) => void;
}

function Editor({ start, onBorn }: EditorProps): ReactNode {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const editor = useRuleEditor({ ...start, onBorn });
  const yamlEditor = useRef<YamlEditorHandle>(null);
  const { view = "form", side = "check" } = search;
  const change = (next: EditorSearch) =>
    void navigate({ search: (before) => ({ ...before, ...next }), replace: true });
  const fields = [
    ...new Set([...(editor.check?.reads.flatMap(({ known }) => known) ?? []), ...FIELDS.keys()]),
  ];
  const showYaml = () => change({ view: "yaml" });
  useCommands([
    {
      id: "save-rule",
      label: "Save the rule",
      group: "This page",
      keys: ["Mod+s"],
      isForTyping: true,
      run: () => void editor.save(),
    },
    { id: "show-yaml", label: "Show the rule's YAML", group: "This page", run: showYaml },
    {
      id: "show-form",
      label: "Show the rule as a form",
      group: "This page",
      run: () => change({ view: "form" }),
    },
  ]);
  const title = editor.check?.main?.title ?? editor.saved?.title ?? "New rule";
  return (
    <Page
      title={title === "" ? "Untitled rule" : title}
      layout="full"
      note={<EditorNote editor={editor} />}
      actions={<EditorActions editor={editor} />}
    >
      <div className={css["page"]}>
        <SplitView
          panelLabel="Trying the rule"
          isOpen
          panel={
            <div className={css["side"]}>
              <Tabs
                label="Trying the rule"
                className={css["sideTabs"]}
                value={side}
                onChange={(next) => change({ side: next })}
                tabs={sideTabs(editor)}
              />
              <div className={css["sideScroll"]}>
                <SidePart
                  side={side}
                  editor={editor}
                  event={search.event ?? ""}
                  onEvent={(event) => change({ event })}
                  onGoTo={(line, column) => {
                    showYaml();
                    // The editor is there one frame after it is asked for.
                    requestAnimationFrame(() =>
                      requestAnimationFrame(() => yamlEditor.current?.goTo(line, column)),
                    );
                  }}
                />
              </div>
            </div>
          }
        >
          <div className={css["main"]}>
            <div className={css["mainHead"]}>
              <Tabs
                label="How the rule is shown"
                value={view}
                onChange={(next) => change({ view: next })}
                tabs={[
                  { key: "form", label: "Form" },
                  { key: "yaml", label: "YAML" },
                ]}
              />
            </div>
            {start.leftOut.length > 0 && editor.saved === undefined && (
              <p className={css["note"]}>Not taken over from the search: {start.leftOut.join("; ")}</p>
            )}
            {view === "form" ? (
              <RuleFormView
                yaml={editor.texts.yaml}
                onEdit={(yaml) => editor.edit({ yaml })}
                onShowYaml={showYaml}
                fields={fields}
              />
            ) : (
              <YamlEditor
                handle={yamlEditor}
                label="The rule in YAML"
                value={editor.texts.yaml}
                onEdit={(yaml) => editor.edit({ yaml })}
                problems={editor.isChecked ? (editor.check?.problems ?? []) : []}
                fields={fields}
              />
            )}
          </div>
        </SplitView>
      </div>
      <EditorDialogs editor={editor} onBacktest={() => change({ side: "backtest" })} />
    </Page>
  );
}

function sideTabs({ check, saved }: RuleEditor) {
  const problems = check?.problems.length ?? 0;
  return [
    { key: "check" as const, label: "Check", count: problems === 0 ? undefined : problems },
    { key: "cases" as const, label: "Cases", count: check?.cases.length },
    { key: "backtest" as const, label: "Backtest" },
    { key: "explain" as const, label: "Explain" },
    ...(saved === undefined
      ? []
      : [{ key: "history" as const, label: "History", count: saved.latest.number }]),
  ];
}

interface SidePartProps {
  readonly side: Side;
  readonly editor: RuleEditor;
  readonly event: string;
  readonly onEvent: (event: string) => void;
  readonly onGoTo: (line: number, column: number) => void;
}

function SidePart({ side, editor, event, onEvent, onGoTo }: SidePartProps): ReactNode {
  const { texts, check, saved } = editor;
  const onCases = (cases: string) => editor.edit({ cases });
  switch (side) {
    case "check":
      return (
        <CheckSide
          check={check}
          error={editor.checkError}
          isChecked={editor.isChecked}
          onGoTo={({ line, column }) => onGoTo(line, column)}
        />
      );
    case "cases":
      return <CasesSide cases={texts.cases} check={check} onEdit={onCases} />;
    case "backtest":
      return <BacktestSide yaml={texts.yaml} cases={texts.cases} onCases={onCases} />;
    case "explain":
      return <ExplainSide yaml={texts.yaml} event={event} onEvent={onEvent} />;
    case "history":
      return saved === undefined ? (
        <p className={css["sideBody"]}>It was never saved.</p>
      ) : (
        <HistorySide rule={saved} yaml={texts.yaml} isDirty={editor.isDirty} onTake={editor.take} />
      );
  }
}

function EditorNote({ editor: { saved, isDirty } }: { readonly editor: RuleEditor }): ReactNode {
  if (saved === undefined) return "not saved yet";
  const { number } = saved.latest;
  const runs =
    saved.running === null ? "off" : saved.running === number ? "runs" : `version ${saved.running} runs`;
  return `version ${number} · ${runs}${isDirty ? " · changed" : ""}`;
}

function EditorActions({ editor }: { readonly editor: RuleEditor }): ReactNode {
  const { saved, isDirty, isSaving, check } = editor;
  const needsSaving = saved === undefined || isDirty;
  const isRunning = saved?.running !== null && saved !== undefined;
  const isCurrent = isRunning && saved.running === saved.latest.number && !isDirty;
  return (
    <>
      <Link to="/rules" search={{}} className="muted">
        All rules
      </Link>
      {isRunning && (
        <Button disabled={isSaving} onClick={() => void editor.disable()}>
          Disable
        </Button>
      )}
      <Button disabled={!needsSaving || isSaving} onClick={() => void editor.save()}>
        Save
      </Button>
      {!isCurrent && (
        <Button
          tone="primary"
          disabled={isSaving || check === undefined || check.refusal !== null}
          title={check?.refusal ?? undefined}
          onClick={() => void editor.enable()}
        >
          {needsSaving ? "Save and enable" : isRunning ? "Run this version" : "Enable"}
        </Button>
      )}
    </>
  );
}
