import { assertNever } from "@tyto/domain";
import type { Fallback, Operation, Step } from "../../content/index.ts";
import type { RunStep } from "../draft.ts";
import { compileColumns } from "./column-steps.ts";
import { compileCondition } from "./condition.ts";
import {
  compileCsv,
  compileDissect,
  compileInner,
  compileJson,
  compileKeyValue,
  compileMatch,
  compileStructured,
  compileSyslog,
  compileXml,
} from "./decode-steps.ts";
import { compileDate } from "./date-step.ts";
import { compileCef, compileLabels, compileLeef } from "./device-steps.ts";
import {
  compileAdopt,
  compileAppend,
  compileConvert,
  compileCopy,
  compileDropValues,
  compileKeep,
  compileLookup,
  compileMove,
  compileRemove,
  compileSet,
} from "./field-steps.ts";
import { compileEach, compileEntries } from "./list-steps.ts";
import { compileDuration, compileMath, compileUnit } from "./math-steps.ts";
import type { CompileContext } from "./parser-table.ts";
import { compileUnlist } from "./unlist-step.ts";
import { compileJoin, compileReplace, compileSlice, compileSplit, compileText } from "./text-steps.ts";

const NOTHING: RunStep = () => "next";

/** Steps in order, until one leaves the parser. */
export function compileSteps(steps: readonly Step[], context: CompileContext): RunStep {
  const runs = steps.map((step) => compileStep(step, context));
  const [first, second] = runs;
  if (first === undefined) return NOTHING;
  if (second === undefined) return first;
  return (draft) => {
    for (const run of runs) {
      const signal = run(draft);
      if (signal !== "next") return signal;
    }
    return "next";
  };
}

function compileStep(step: Step, context: CompileContext): RunStep {
  const run = compileOperation(step.operation, context);
  if (step.when === null) return run;
  const test = compileCondition(step.when);
  return (draft) => (test(draft) ? run(draft) : "next");
}

function compileOperation(operation: Operation, context: CompileContext): RunStep {
  const fallback = (given: Fallback): RunStep =>
    given.kind === "ignore" ? NOTHING : compileSteps(given.steps, context);
  switch (operation.kind) {
    case "set":
      return compileSet(operation);
    case "append":
      return compileAppend(operation);
    case "move":
      return compileMove(operation);
    case "copy":
      return compileCopy(operation);
    case "adopt":
      return compileAdopt(operation.namespace);
    case "convert":
      return compileConvert(operation);
    case "lookup":
      return compileLookup(operation, context.pack.tables.get(operation.table), fallback(operation.fallback));
    case "remove":
      return compileRemove(operation.fields);
    case "keep":
      return compileKeep(operation.fields);
    case "dropValues":
      return compileDropValues(operation);
    case "text":
      return compileText(operation);
    case "replace":
      return compileReplace(operation);
    case "split":
      return compileSplit(operation);
    case "join":
      return compileJoin(operation);
    case "slice":
      return compileSlice(operation);
    case "math":
      return compileMath(operation);
    case "unit":
      return compileUnit(operation);
    case "duration":
      return compileDuration(operation);
    case "date":
      return compileDate(operation, fallback(operation.fallback));
    case "json":
      return compileJson(operation, fallback(operation.fallback));
    case "inner":
      return compileInner(operation, fallback(operation.fallback));
    case "xml":
      return compileXml(operation, fallback(operation.fallback));
    case "syslog":
      return compileSyslog(operation, fallback(operation.fallback));
    case "structured":
      return compileStructured(operation, fallback(operation.fallback));
    case "cef":
      return compileCef(operation, fallback(operation.fallback));
    case "leef":
      return compileLeef(operation, fallback(operation.fallback));
    case "labels":
      return compileLabels(operation);
    case "kv":
      return compileKeyValue(operation, fallback(operation.fallback));
    case "csv":
      return compileCsv(operation, fallback(operation.fallback));
    case "columns":
      return compileColumns(operation, fallback(operation.fallback));
    case "dissect":
      return compileDissect(operation, fallback(operation.fallback));
    case "match":
      return compileMatch(
        operation,
        operation.patterns.map((pattern) => compileSteps(pattern.steps, context)),
        fallback(operation.fallback),
      );
    case "unlist":
      return compileUnlist(operation);
    case "each":
      return compileEach(operation, compileSteps(operation.steps, context));
    case "entries":
      return compileEntries(operation, fallback(operation.fallback));
    case "do":
      return compileSteps(operation.steps, context);
    case "first":
      return compileFirst(operation.branches, context);
    case "use":
      return compileUse(operation, context);
    case "drop":
      return () => "drop";
    case "fail": {
      const { reason } = operation;
      return (draft) => draft.fail("pack-rejected", reason);
    }
    case "reject":
      return () => "reject";
    default:
      return assertNever(operation);
  }
}

/** The first branch whose condition holds runs; the others do not. */
function compileFirst(branches: readonly Step[], context: CompileContext): RunStep {
  const compiled = branches.map((branch) => ({
    test: branch.when === null ? () => true : compileCondition(branch.when),
    run: compileOperation(branch.operation, context),
  }));
  return (draft) => {
    for (const branch of compiled) if (branch.test(draft)) return branch.run(draft);
    return "next";
  };
}

function compileUse(operation: Extract<Operation, { kind: "use" }>, context: CompileContext): RunStep {
  const { from, reference } = operation;
  const { pack } = context;
  // Known now, though its own steps may be compiled later: parsers may use each other.
  const run =
    reference.kind === "parser"
      ? runOther(context, reference.pack ?? pack.id, reference.parser)
      : context.recognise;
  return (draft) => {
    if (from !== null && from !== "message") {
      const text = draft.fields.get(from);
      if (text === undefined) return "next";
      draft.fields.delete(from);
      draft.fields.set("message", text);
    }
    return run(draft);
  };
}

function runOther(context: CompileContext, pack: string, name: string): RunStep {
  const reason = `there is no parser ${pack}/${name}`;
  return context.parser(pack, name)?.run ?? ((draft) => draft.fail("pack-failed", reason));
}
