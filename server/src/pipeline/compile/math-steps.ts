import { parseRfc3339 } from "@tyto/domain";
import type { MathOperator, Operation, Unit } from "../../content/index.ts";
import type { Draft, RunStep } from "../draft.ts";
import { compileWrite } from "../values.ts";

type OperationOf<Kind extends Operation["kind"]> = Extract<Operation, { kind: Kind }>;

const CALCULATE: Readonly<Record<MathOperator, (a: number, b: number) => number>> = {
  sum: (a, b) => a + b,
  difference: (a, b) => a - b,
  product: (a, b) => a * b,
  quotient: (a, b) => a / b,
};

/** Writes nothing when an operand is missing or no number, or when the result is none. */
export function compileMath(operation: OperationOf<"math">): RunStep {
  const calculate = CALCULATE[operation.operator];
  const { operands } = operation;
  const write = compileWrite(operation.into);
  // 0.1 seconds times a thousand million is no whole number of nanoseconds in floating point.
  const isWhole = operation.into.type === "long";
  return (draft) => {
    let result: number | undefined;
    for (const operand of operands) {
      const value = typeof operand === "number" ? operand : numberOf(draft, operand.field);
      if (value === undefined) return "next";
      result = result === undefined ? value : calculate(result, value);
    }
    if (result !== undefined && Number.isFinite(result)) write(draft, isWhole ? Math.round(result) : result);
    return "next";
  };
}

function numberOf(draft: Draft, field: string): number | undefined {
  const value = draft.textOf(field);
  if (value === undefined || value.trim() === "") return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}

/** Durations become nanoseconds (ECS, `event.duration`), sizes become bytes. */
const FACTORS: Readonly<Record<Unit, number>> = {
  ns: 1,
  us: 1e3,
  ms: 1e6,
  s: 1e9,
  min: 60e9,
  h: 3600e9,
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
};

const AMOUNT = /^([+-]?\d{1,15}(?:\.\d{1,20})?) ?([A-Za-z]{0,3})$/;

/** Reads `250`, `1.5 MB`, `30s`; the unit in the text goes before the one of the step. */
export function compileUnit(operation: OperationOf<"unit">): RunStep {
  const { field, unit } = operation;
  const write = compileWrite(operation.into);
  return (draft) => {
    const m = AMOUNT.exec(draft.textOf(field) ?? "");
    if (m === null) return "next";
    const written = m[2] ?? "";
    const chosen = written === "" ? unit : unitOf(written);
    if (chosen !== null && chosen !== undefined) write(draft, Math.round(Number(m[1]) * FACTORS[chosen]));
    else draft.flagUnconverted(operation.into.name);
    return "next";
  };
}

function unitOf(text: string): Unit | undefined {
  const units = Object.keys(FACTORS) as Unit[];
  return (
    units.find((unit) => unit === text) ?? units.find((unit) => unit.toLowerCase() === text.toLowerCase())
  );
}

/** Nanoseconds between two date fields. */
export function compileDuration(operation: OperationOf<"duration">): RunStep {
  const write = compileWrite(operation.into);
  return (draft) => {
    const from = parseRfc3339(draft.textOf(operation.from) ?? "");
    const to = parseRfc3339(draft.textOf(operation.to) ?? "");
    if (from !== undefined && to !== undefined && to >= from) write(draft, (to - from) * 1_000);
    return "next";
  };
}
