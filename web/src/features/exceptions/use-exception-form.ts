import type { ExceptionBody, ExceptionCondition, ExceptionScope, RuleExceptionView } from "@tyto/domain";
import { useEffect, useState } from "react";
import { useExceptionProposal } from "../../api/index.ts";

export type ExceptionStart =
  | {
      readonly kind: "new";
      readonly alertId?: string;
      readonly ruleId?: string;
      readonly conditions?: readonly ExceptionCondition[];
    }
  | { readonly kind: "edit"; readonly exception: RuleExceptionView };

/** A pair that is or could be a condition. */
export interface FormLine extends ExceptionCondition {
  readonly isChosen: boolean;
}

export interface ExceptionForm {
  /** Undefined until somebody changed it: then it follows the conditions. */
  readonly title: string | undefined;
  readonly lines: readonly FormLine[];
  readonly scope: ExceptionScope | undefined;
  readonly days: number | null;
  readonly reason: string;
}

const DEFAULT_DAYS = 30;
const DAY_MS = 86_400_000;

/** What the dialog starts with, and what people made of it. */
export function useExceptionForm(start: ExceptionStart) {
  const alertId = start.kind === "new" ? start.alertId : (start.exception.alertId ?? undefined);
  const ruleId = start.kind === "new" ? start.ruleId : undefined;
  const proposal = useExceptionProposal(alertId, ruleId);
  const [form, setForm] = useState<ExceptionForm>(() => firstForm(start));
  const [isFilled, setFilled] = useState(false);
  const { data } = proposal;
  if (data !== undefined && !isFilled) {
    // Once, and only with what nobody has said yet.
    setFilled(true);
    const known = new Set(form.lines.map(({ field }) => field));
    const hasOwn = form.lines.length > 0;
    const added = data.pairs
      .filter(({ field }) => !known.has(field))
      .map((pair, index) => ({ ...pair, isChosen: !hasOwn && index < data.suggested }));
    const [rule] = data.rules;
    setForm({
      ...form,
      lines: [...form.lines, ...added],
      scope: form.scope ?? (rule === undefined ? undefined : { kind: "rule", rule: rule.id }),
    });
  }
  const body = bodyOf(form, alertId);
  const change = (next: Partial<ExceptionForm>) => setForm((before) => ({ ...before, ...next }));
  return { form, change, body, proposal };
}

function firstForm(start: ExceptionStart): ExceptionForm {
  if (start.kind === "new") {
    const { conditions = [], ruleId } = start;
    return {
      title: undefined,
      lines: conditions.map((one) => ({ ...one, isChosen: true })),
      scope: ruleId === undefined ? undefined : { kind: "rule", rule: ruleId },
      days: DEFAULT_DAYS,
      reason: "",
    };
  }
  const { exception } = start;
  const { expiresAt } = exception;
  return {
    title: exception.title,
    lines: exception.conditions.map((one) => ({ ...one, isChosen: true })),
    scope: exception.scope,
    days:
      expiresAt === null
        ? null
        : Math.max(1, Math.ceil((Date.parse(expiresAt) - Date.parse(exception.changedAt)) / DAY_MS)),
    reason: exception.reason,
  };
}

/** Undefined while something is missing. */
export function bodyOf(form: ExceptionForm, alertId: string | undefined): ExceptionBody | undefined {
  const conditions = form.lines.flatMap(({ isChosen, field, how, value }) =>
    isChosen && value.trim() !== "" ? [{ field, how, value }] : [],
  );
  if (conditions.length === 0 || form.scope === undefined) return undefined;
  if (form.days === null && form.reason.trim() === "") return undefined;
  return {
    title: (form.title ?? titleOf(conditions)).slice(0, 160) || titleOf(conditions),
    conditions,
    scope: form.scope,
    reason: form.reason,
    expiresInDays: form.days,
    ...(alertId === undefined ? {} : { alertId }),
  };
}

export function titleOf(conditions: readonly Pick<ExceptionCondition, "value">[]): string {
  return conditions
    .map(({ value }) => value)
    .join(" on ")
    .slice(0, 120);
}

/** The value once it has rested: a preview is not asked for each letter. */
export function useRested<Value>(value: Value, milliseconds: number): Value {
  const [rested, setRested] = useState(value);
  const key = JSON.stringify(value);
  useEffect(() => {
    const timer = setTimeout(() => setRested(JSON.parse(key ?? "null") as Value), milliseconds);
    return () => clearTimeout(timer);
  }, [key, milliseconds]);
  return rested;
}
