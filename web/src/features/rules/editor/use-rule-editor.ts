import type { OwnRule, RuleCheck } from "@tyto/domain";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { ApiError, type RuleTexts, useRuleChanges, useRuleCheck } from "../../../api/index.ts";
import { failureOf, useToasts } from "../../../ui/index.ts";
import { parseEditorSearch } from "./editor-url.ts";

/** The server is asked when the typing pauses. */
const QUIET_MS = 400;

/** Somebody else has saved; or the server asks before it enables. */
export type EditorQuestion =
  | { readonly kind: "none" }
  | { readonly kind: "conflict"; readonly newer: OwnRule }
  | { readonly kind: "enable"; readonly message: string; readonly version: number; readonly id: string };

export interface RuleEditor {
  readonly texts: RuleTexts;
  readonly edit: (change: Partial<RuleTexts>) => void;
  /** As it is on the server; undefined while it was never saved. */
  readonly saved: OwnRule | undefined;
  readonly isDirty: boolean;
  readonly isSaving: boolean;
  readonly check: RuleCheck | undefined;
  readonly checkError: Error | null;
  /** Whether `check` is about what is written now. */
  readonly isChecked: boolean;
  readonly question: EditorQuestion;
  readonly dismiss: () => void;
  /** @param basedOn in place of the version that was opened: on top of somebody else's. */
  readonly save: (basedOn?: number) => Promise<OwnRule | undefined>;
  readonly enable: (comment?: string) => Promise<void>;
  readonly disable: () => Promise<void>;
  /** Leaves one's own text for the given one. */
  readonly take: (rule: OwnRule) => void;
}

/** What is being written, what is saved of it, and what the server thinks of it. */
export function useRuleEditor(start: {
  readonly texts: RuleTexts;
  readonly saved: OwnRule | undefined;
  /** Got its id. */
  readonly onBorn: (id: string) => void;
}): RuleEditor {
  const [texts, setTexts] = useState(start.texts);
  const [saved, setSaved] = useState(start.saved);
  const [question, setQuestion] = useState<EditorQuestion>({ kind: "none" });
  const settled = useSettled(texts, QUIET_MS);
  const check = useRuleCheck(settled, saved?.id ?? null);
  const changes = useRuleChanges();
  const toasts = useToasts();
  const navigate = useNavigate();
  const base = saved?.latest ?? start.texts;
  const isDirty = texts.yaml !== base.yaml || texts.cases !== base.cases;

  const say = (error: unknown) => toasts.show({ tone: "error", message: failureOf(error).message });
  const take = (rule: OwnRule) => {
    setSaved(rule);
    setTexts({ yaml: rule.latest.yaml, cases: rule.latest.cases });
    setQuestion({ kind: "none" });
  };
  const save = async (basedOn?: number): Promise<OwnRule | undefined> => {
    if (saved !== undefined && !isDirty) return saved;
    try {
      const body = { ...texts, comment: "" };
      const rule =
        saved === undefined
          ? await changes.create.mutateAsync(body)
          : await changes.save.mutateAsync({
              id: saved.id,
              ...body,
              basedOn: basedOn ?? saved.latest.number,
            });
      take(rule);
      toasts.show({ message: `Saved as version ${rule.latest.number}` });
      if (saved === undefined) {
        start.onBorn(rule.id);
        void navigate({
          to: "/rules/edit/$ruleId",
          params: { ruleId: rule.id },
          search: ({ view, side }) => parseEditorSearch({ view, side }),
          replace: true,
          ignoreBlocker: true,
        });
      }
      return rule;
    } catch (error) {
      if (saved !== undefined && error instanceof ApiError && error.code === "conflict") {
        const newer = await changes.fetch.mutateAsync(saved.id).catch(() => undefined);
        if (newer !== undefined) setQuestion({ kind: "conflict", newer });
        else say(error);
      } else say(error);
      return undefined;
    }
  };
  const run = async (
    rule: OwnRule,
    to: { readonly enabled: boolean; comment: string; confirm?: boolean },
  ) => {
    try {
      const { number } = rule.latest;
      const row = await changes.switch.mutateAsync({ id: rule.id, version: number, ...to });
      setSaved({ ...rule, running: row.own?.running ?? null });
      setQuestion({ kind: "none" });
      toasts.show({ message: to.enabled ? `Version ${number} runs` : "The rule is off" });
    } catch (error) {
      if (error instanceof ApiError && error.code === "confirmation-needed")
        setQuestion({ kind: "enable", message: error.message, version: rule.latest.number, id: rule.id });
      else say(error);
    }
  };
  return {
    texts,
    edit: (change) => setTexts((before) => ({ ...before, ...change })),
    saved,
    isDirty,
    isSaving: changes.create.isPending || changes.save.isPending || changes.switch.isPending,
    check: check.data,
    checkError: check.error,
    isChecked: settled === texts && !check.isPlaceholderData && check.data !== undefined,
    question,
    dismiss: () => setQuestion({ kind: "none" }),
    save,
    enable: async (comment) => {
      const rule = await save();
      if (rule !== undefined)
        await run(rule, {
          enabled: true,
          comment: comment ?? "",
          ...(comment === undefined ? {} : { confirm: true }),
        });
    },
    disable: async () => {
      if (saved !== undefined) await run(saved, { enabled: false, comment: "" });
    },
    take,
  };
}

/** The value once it has stood still. */
function useSettled<T>(value: T, quietMs: number): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), quietMs);
    return () => clearTimeout(timer);
  }, [value, quietMs]);
  return settled;
}
