import { formatDiagnostic, formatMicros, parseEventId, ruleId, TytoError } from "@tyto/domain";
import type { Event, EventId, ExplainBody, Micros, OriginId } from "@tyto/domain";
import type { RuleDeskPort } from "../api/index.ts";
import {
  createDetectionEngine,
  draftRule,
  explainable,
  explainRule,
  findRule,
  readSigmaEvent,
} from "../detection/index.ts";
import type { RuleReport, RuleSet, SigmaEngine } from "../detection/index.ts";
import type { Engine } from "../storage/index.ts";
import type { LoadedContent } from "./content.ts";
import { tryText } from "./rule-check.ts";

interface DeskParts {
  /** As it is loaded now. */
  readonly content: () => Pick<LoadedContent, "ruleSet" | "detection" | "namespaces">;
  readonly events: Pick<Engine["events"], "byIds">;
  readonly now: () => Micros;
  /** A UUID. */
  readonly newId: () => string;
}

/** An event that is no stored one. */
const ORIGIN = "0000000000000000" as OriginId;
const MAX_DEPTH = 32;

/** Explains loaded rules by the running engine's state, and rules that come with the question by that of an engine of their own. */
export function createRuleDesk(parts: DeskParts): RuleDeskPort {
  return {
    draft: (filter, author) => {
      const date = formatMicros(parts.now()).slice(0, 10);
      const { yaml, leftOut } = draftRule(filter, { id: parts.newId(), date, author });
      return { yaml, leftOut: [...leftOut] };
    },
    explain: async (question) => {
      const event = await eventOf(question, parts);
      const { ruleSet, rule, engine } =
        question.yaml === undefined
          ? loaded(question.ruleId ?? "", parts)
          : given({ ...question, yaml: question.yaml }, event, parts);
      const stateOf: SigmaEngine["inspect"] = (id) => engine.inspect(id);
      const explanation = explainRule({ ruleSet, rule: rule.id, event, stateOf });
      if (explanation === undefined) throw new TytoError("not-found", "The rule does not run");
      return explanation;
    },
    test: (id) => {
      const { ruleSet } = parts.content();
      const report = ruleSet.report.find((one) => one.id === id);
      if (report === undefined) throw unknownRule(ruleSet, id);
      const { results, diagnostics } = ruleSet.test(ruleId(id)) ?? { results: [], diagnostics: [] };
      const failed = results.filter(({ failure }) => failure !== undefined).length;
      return {
        passed: results.length - failed,
        failed,
        cases: results.map(({ case: { name }, failure }) => ({
          name,
          passed: failure === undefined,
          failure: failure ?? null,
        })),
        problems: diagnostics.map(formatDiagnostic),
      };
    },
  };
}

interface Chosen {
  readonly ruleSet: RuleSet;
  readonly rule: RuleReport;
  readonly engine: SigmaEngine;
}

function loaded(id: string, { content }: DeskParts): Chosen {
  const { ruleSet, detection } = content();
  const rule = ruleSet.report.find((one) => one.id === id);
  if (rule === undefined) throw unknownRule(ruleSet, id);
  return { ruleSet, rule: running(rule), engine: detection };
}

/** Of several documents the correlation is meant, which counts the others; of several of those, the last. */
function given(
  { yaml, ruleId: id }: ExplainBody & { readonly yaml: string },
  event: Event,
  { content, now }: DeskParts,
): Chosen {
  const { ruleSet, report, diagnostics } = tryText({ yaml }, content());
  const wrong = diagnostics.find(({ severity }) => severity === "error");
  if (wrong !== undefined) throw new TytoError("bad-request", formatDiagnostic(wrong));
  const rule =
    id === undefined
      ? (report.findLast(({ kind }) => kind === "correlation") ?? report.at(-1))
      : report.find((one) => one.id === id);
  if (rule === undefined) throw unknownRule(ruleSet, id ?? "");
  const engine = createDetectionEngine(ruleSet);
  engine.process([event], now());
  return { ruleSet, rule: running(rule), engine };
}

function running(rule: RuleReport): RuleReport {
  const found = explainable(rule);
  if (found.kind === "found") return found.rule;
  throw new TytoError(
    "bad-request",
    sentence(found.message),
    found.hint === undefined ? {} : { hint: found.hint },
  );
}

function unknownRule({ report }: RuleSet, id: string): TytoError {
  const found = findRule(report, id);
  const hint = found.kind === "unknown" ? found.hint : `its id is ${reportId(report, id)}`;
  return new TytoError("not-found", "There is no such rule", hint === undefined ? {} : { hint });
}

/** Somebody has named a rule by its title or path, where its id is asked for. */
function reportId(report: readonly RuleReport[], word: string): string {
  const found = findRule(report, word);
  return found.kind === "found" ? found.rule.id : word;
}

async function eventOf({ event, pack }: ExplainBody, { events, now }: DeskParts): Promise<Event> {
  if (typeof event === "string") {
    const [stored] = parseEventId(event) === undefined ? [] : await events.byIds([event as EventId]);
    if (stored !== undefined) return { ...stored, timeOrigin: "event" };
    const hint = "It may have left with its retention, or not be searchable yet: try again in a few seconds.";
    throw new TytoError("not-found", "There is no such event", { hint });
  }
  if (isDeeperThan(event, MAX_DEPTH)) {
    throw new TytoError("bad-request", `The event's fields are nested deeper than ${MAX_DEPTH}`);
  }
  const place = { origin: ORIGIN, ordinal: 0, pack: pack ?? "", now: now() };
  const read = readSigmaEvent({ text: JSON.stringify(event), ...place });
  if (read === undefined) throw new TytoError("bad-request", "The event's fields are no object");
  return read;
}

function isDeeperThan(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return depth === 0 || Object.values(value).some((inner) => isDeeperThan(inner, depth - 1));
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
