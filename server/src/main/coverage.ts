import { DEFAULT_TENANT, formatMicros, micros, MICROS_PER_DAY } from "@tyto/domain";
import type { Coverage, CoverageRule, Micros } from "@tyto/domain";
import type { CoveragePort } from "../api/index.ts";
import { arrivingLogsources, attackOf, attackTable, logsourcesOf, packsReading } from "../detection/index.ts";
import type { ArrivingLogsources, RuleReport } from "../detection/index.ts";
import type { ControlStore, Engine } from "../storage/index.ts";
import type { LoadedContent } from "./content.ts";

type Content = Pick<LoadedContent, "ruleSet" | "packs">;

export interface CoverageParts {
  /** Asked each time: rules are reloaded. */
  readonly content: () => Content;
  readonly control: Pick<ControlStore, "alerts" | "sources">;
  readonly engine: Pick<Engine, "queries" | "events">;
  readonly now: () => Micros;
}

/** The look over stored events is good for so long. */
const KEPT_MICROS = 5 * 60 * 1_000_000;
const ALERT_DAYS = 30;
const MAX_RULES = 100_000;

interface Look {
  readonly content: Content;
  readonly days: number;
  readonly at: Micros;
  readonly arriving: ArrivingLogsources;
}

export function createCoverage(parts: CoverageParts): CoveragePort {
  let last: Look | undefined;
  return {
    async report(days, search) {
      const content = parts.content();
      const now = parts.now();
      const isFresh = last?.content === content && last.days === days && now - last.at < KEPT_MICROS;
      const look =
        last !== undefined && isFresh
          ? last
          : { content, days, at: now, arriving: await lookAt(content, days, parts, search) };
      last = look;
      return coverageOf(look, parts);
    },
  };
}

function lookAt(
  { ruleSet }: Content,
  days: number,
  { engine, now }: CoverageParts,
  search: Parameters<CoveragePort["report"]>[1],
): Promise<ArrivingLogsources> {
  const logsources = [...new Set(ruleSet.eventRules.map(({ logsource }) => logsource))];
  const to = now();
  const range = { from: micros(to - days * MICROS_PER_DAY), to };
  return arrivingLogsources(logsources, range, { ...engine, tenant: DEFAULT_TENANT, now, ...search });
}

async function coverageOf(look: Look, { control, now }: CoverageParts): Promise<Coverage> {
  const since = micros(now() - ALERT_DAYS * MICROS_PER_DAY);
  const [groups, sources] = await Promise.all([
    control.alerts.groups({ from: since }, "rule", MAX_RULES),
    control.sources(),
  ]);
  const alerts = new Map(groups.map(({ value, count }) => [value, count]));
  const { version, tactics, techniques } = attackTable();
  return {
    attackVersion: version,
    at: formatMicros(look.at),
    days: look.days,
    isExact: look.arriving.isExact,
    tactics: tactics.map((tactic) => ({ ...tactic })),
    techniques: techniques.map((technique) => ({ ...technique, tactics: [...technique.tactics] })),
    rules: look.content.ruleSet.report
      .filter((rule) => rule.kind !== "filter" && attackOf(rule.tags).techniques.length > 0)
      .filter((rule) => rule.isRaising || !runs(rule))
      .map((rule) => ruleOf(rule, look, alerts.get(rule.id) ?? 0)),
    sources: sources.map(({ id, name }) => ({ id, name })),
  };
}

/** What feeds correlations only raises nothing itself: they are covered by the correlation's own tags. */
function runs({ status }: RuleReport): boolean {
  return status === "runnable" || status === "needs-field";
}

function ruleOf(rule: RuleReport, { content, arriving }: Look, alerts: number): CoverageRule {
  const { logsources, needsAll } = logsourcesOf(content.ruleSet, rule.id);
  const here = logsources.map((logsource) => [...(arriving.sources.get(logsource)?.keys() ?? [])]);
  const isArriving = needsAll ? here.every((ids) => ids.length > 0) : here.some((ids) => ids.length > 0);
  return {
    id: rule.id,
    title: rule.title,
    level: rule.level ?? "informational",
    pack: rule.path.split("/")[0] ?? "",
    tags: [...rule.tags],
    techniques: [...attackOf(rule.tags).techniques],
    tactics: [...attackOf(rule.tags).tactics],
    isEnabled: rule.isRaising,
    reason: rule.reason ?? null,
    telemetry:
      rule.status === "needs-field"
        ? "impossible"
        : logsources.length > 0 && isArriving
          ? "arriving"
          : "silent",
    isTested: rule.cases.passed > 0 && rule.cases.failed === 0,
    alerts,
    logsources: logsources.map(({ logsource }) => inWords(logsource)),
    sources: [...new Set(here.flat())],
    packs: [...new Set(logsources.flatMap((logsource) => packsReading(logsource, content.packs)))],
  };
}

function inWords(logsource: {
  readonly product?: string;
  readonly category?: string;
  readonly service?: string;
}): string {
  const parts = (["product", "category", "service"] as const).flatMap((part) => {
    const name = logsource[part];
    return name === undefined ? [] : [`${part} ${name}`];
  });
  return parts.length === 0 ? "any event" : parts.join(", ");
}
