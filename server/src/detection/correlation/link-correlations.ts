import type { Diagnostic, RuleId } from "@tyto/domain";
import { CORRELATION_TEMPLATE, readSentence } from "../finding/sentence.ts";
import type { Sentence } from "../finding/sentence.ts";
import { entityTypeOf } from "../finding/entities.ts";
import type { ResolvedLogsource } from "../logsource/logsource-map.ts";
import type { SlotTable } from "../match/slot-table.ts";
import type { Verdict } from "../rule-set.ts";
import { didYouMean } from "../sigma/problems.ts";
import type { ReadRule } from "../sigma/read-rule.ts";
import type { CorrelationRule, FieldAlias, ReferenceExpression } from "../sigma/rule.ts";
import { conditionTest } from "./condition-test.ts";
import type { LinkedCondition, MemberExpression } from "./condition-test.ts";
import type { GroupField } from "./group-key.ts";
import { hash32 } from "./hit.ts";
import type { Feed, LinkedCorrelation, Outer } from "./linked-correlation.ts";

const MAX_DEPTH = 8;

/** A rule over single events that correlations may name. */
export interface LinkableRule {
  readonly logsource: ResolvedLogsource;
  readonly verdict: Verdict;
}

export interface LinkSource {
  readonly read: readonly ReadRule[];
  /** Rules by id and by name. */
  readonly byReference: ReadonlyMap<string, ReadRule>;
  /** Those over single events that can run. */
  readonly events: ReadonlyMap<ReadRule, LinkableRule>;
  readonly slots: SlotTable;
  /** Those that were refused already. */
  readonly isRefused: (one: ReadRule) => boolean;
}

export interface Linked {
  readonly correlations: readonly LinkedCorrelation[];
  readonly feeds: ReadonlyMap<ReadRule, readonly Feed[]>;
  /** Rules that only feed others: they raise nothing themselves. */
  readonly silent: ReadonlySet<ReadRule>;
  readonly verdicts: ReadonlyMap<ReadRule, Verdict>;
  readonly diagnostics: readonly Diagnostic[];
}

/** A correlation of which every member can run. */
interface Node {
  readonly one: ReadRule;
  readonly rule: CorrelationRule;
  readonly sentence: Sentence;
  readonly members: readonly ReadRule[];
  /** Indices of members, in the listed order. */
  readonly steps: readonly number[];
  readonly memberOf: ReadonlyMap<string, number>;
  readonly depth: number;
}

/** Ties correlations to the rules that they name, one another included. What cannot be tied is reported; the others go on. */
export function linkCorrelations(source: LinkSource): Linked {
  const resolver = new Resolver(source);
  for (const one of source.read) resolver.nodeOf(one);
  const { nodes, verdicts, diagnostics } = resolver;
  const silenced = new Set<ReadRule>();
  const raised = new Set<ReadRule>();
  for (const { rule, members } of nodes.values()) {
    for (const member of members) (rule.generates ? raised : silenced).add(member);
  }
  const silent = new Set([...silenced].filter((one) => !raised.has(one)));
  const builder = new Builder(source, nodes, silent);
  // Those above first: what they look at must be kept in the hits of those below.
  const ordered = [...nodes.values()].sort((a, b) => b.depth - a.depth);
  for (const node of ordered) builder.build(node);
  const correlations = [...nodes.keys()].flatMap((one) => builder.built.get(one) ?? []);
  return { correlations, feeds: builder.feeds, silent, verdicts, diagnostics };
}

class Resolver {
  readonly #source: LinkSource;
  readonly #path: ReadRule[] = [];
  readonly nodes = new Map<ReadRule, Node>();
  readonly verdicts = new Map<ReadRule, Verdict>();
  readonly diagnostics: Diagnostic[] = [];

  constructor(source: LinkSource) {
    this.#source = source;
  }

  nodeOf(one: ReadRule): Node | undefined {
    if (one.outcome !== "read" || one.rule.kind !== "correlation" || this.#source.isRefused(one))
      return undefined;
    if (this.verdicts.has(one)) return this.nodes.get(one);
    this.#path.push(one);
    const node = this.#resolve(one, one.rule);
    this.#path.pop();
    if (node !== undefined && !this.verdicts.has(one)) {
      this.nodes.set(one, node);
      this.verdicts.set(one, this.#verdictOf(node));
    }
    return this.nodes.get(one);
  }

  #resolve(one: ReadRule, rule: CorrelationRule): Node | undefined {
    const members: ReadRule[] = [];
    const steps: number[] = [];
    const memberOf = new Map<string, number>();
    let depth = 0;
    for (const { reference, at } of rule.rules) {
      const found = this.#find(reference);
      if (found === undefined) {
        const hint = didYouMean(reference, this.#source.byReference.keys());
        return this.#refuse(
          one,
          "unknown-rule",
          `no loaded rule has the id or name "${reference}"`,
          at,
          hint,
        );
      }
      if (this.#path.includes(found)) return this.#refuseCycle(found, at);
      const inner = this.nodeOf(found);
      if (inner === undefined && !this.#source.events.has(found)) {
        // A cycle through this very rule was named already.
        if (this.verdicts.has(one)) return undefined;
        const message = `the rule "${reference}" that it counts was not loaded`;
        return this.#refuse(one, "rejected-rule", message, at);
      }
      depth = Math.max(depth, inner === undefined ? 0 : inner.depth + 1);
      if (!members.includes(found)) members.push(found);
      memberOf.set(reference, members.indexOf(found));
      steps.push(members.indexOf(found));
    }
    if (depth > MAX_DEPTH) {
      const message = `correlations of correlations may be ${MAX_DEPTH} deep`;
      return this.#refuse(one, "chain-too-deep", message, rule.header.at, undefined, "unsupported");
    }
    if (!this.#checkAliases(one, rule, members)) return undefined;
    const { sentence, diagnostics } = readSentence(
      rule.header.sentence ?? CORRELATION_TEMPLATE,
      rule.header.title,
      rule.header.at,
    );
    this.diagnostics.push(...diagnostics);
    if (sentence !== undefined) return { one, rule, sentence, members, steps, memberOf, depth };
    this.verdicts.set(one, { status: "invalid", reason: "the sentence cannot be read" });
    return undefined;
  }

  #find(reference: string): ReadRule | undefined {
    const { byReference } = this.#source;
    return byReference.get(reference) ?? byReference.get(reference.toLowerCase());
  }

  /** Every correlation of the circle is wrong, not only the one that happened to be read first. */
  #refuseCycle(start: ReadRule, at: Diagnostic["at"]): undefined {
    const circle = this.#path.slice(this.#path.indexOf(start));
    const names = [...circle, start]
      .map((one) => one.header?.name ?? one.header?.title ?? one.path)
      .join(" → ");
    for (const one of circle) {
      if (!this.verdicts.has(one)) {
        this.#refuse(one, "correlation-cycle", `correlations name one another in a circle: ${names}`, at);
      }
    }
    return undefined;
  }

  #checkAliases(one: ReadRule, rule: CorrelationRule, members: readonly ReadRule[]): boolean {
    for (const { name, at, fields } of rule.aliases) {
      const named = new Set<ReadRule>();
      for (const { reference, at: place } of fields) {
        const found = this.#find(reference);
        if (found === undefined || !members.includes(found)) {
          const message = `the alias "${name}" has a field for "${reference}", which is not among the correlation's rules`;
          const hint = didYouMean(
            reference,
            rule.rules.map((listed) => listed.reference),
          );
          this.#refuse(one, "unknown-alias-rule", message, place, hint);
          return false;
        }
        named.add(found);
      }
      if (named.size < members.length) {
        const message = `the alias "${name}" names no field for some of the rules: theirs must be called "${name}"`;
        this.diagnostics.push({ severity: "warning", code: "alias-gap", message, at });
      }
    }
    return true;
  }

  #verdictOf({ members }: Node): Verdict {
    for (const member of members) {
      const { reason } = this.#source.events.get(member)?.verdict ?? this.verdicts.get(member) ?? {};
      if (reason !== undefined) return { status: "needs-field", reason };
    }
    return { status: "runnable" };
  }

  #refuse(
    one: ReadRule,
    code: string,
    message: string,
    at: Diagnostic["at"],
    hint?: string,
    status: "invalid" | "unsupported" = "invalid",
  ): undefined {
    this.verdicts.set(one, { status, reason: message });
    this.diagnostics.push({ severity: "error", code, message, at, ...(hint === undefined ? {} : { hint }) });
    return undefined;
  }
}

class Builder {
  readonly #source: LinkSource;
  readonly #nodes: ReadonlyMap<ReadRule, Node>;
  readonly #silent: ReadonlySet<ReadRule>;
  readonly built = new Map<ReadRule, LinkedCorrelation>();
  readonly feeds = new Map<ReadRule, Feed[]>();

  constructor(source: LinkSource, nodes: ReadonlyMap<ReadRule, Node>, silent: ReadonlySet<ReadRule>) {
    this.#source = source;
    this.#nodes = nodes;
    this.#silent = silent;
  }

  build(node: Node): void {
    const { one, rule, sentence } = node;
    const fields = rule.condition.kind === "bounds" ? rule.condition.fields : [];
    const above = [...this.built].filter(([outer]) => this.#nodes.get(outer)?.members.includes(one) === true);
    const outers = above.map(([outer, linked]) => this.#outerOf(one, outer, linked));
    const carried = new Set([
      ...outers.flatMap((outer) => [...outer.groupBy, ...outer.measured]),
      ...above.flatMap(([, linked]) => linked.carried),
    ]);
    const { id, title, level, tags, cause } = rule.header;
    const condition = conditionOf(node);
    const linked: LinkedCorrelation = {
      rule,
      summary: { id, title, level, tags, cause },
      sentence,
      isRaising: !rule.header.isBuildingBlock && !this.#silent.has(one),
      condition,
      test: conditionTest({
        type: rule.type,
        condition,
        members: node.members.length,
        steps: node.steps,
      }),
      groupBy: rule.groupBy.map((name) => groupField(rule.aliases, name)),
      measured: fields.map((name) => groupField(rule.aliases, name)),
      members: node.members.map((member) => ({
        rule: idOf(member),
        reading: this.#readingOf(node, member),
      })),
      steps: node.steps,
      outers,
      depth: node.depth,
      retentionMicros: rule.timespanMicros + Math.max(0, ...above.map(([, outer]) => outer.retentionMicros)),
      named: [...new Set([...sentence.fields, ...above.flatMap(([, outer]) => outer.named)])],
      carried: [...carried],
    };
    this.built.set(one, linked);
    for (const [index, member] of node.members.entries()) this.#feed(node, linked, member, index);
  }

  #outerOf(one: ReadRule, outer: ReadRule, linked: LinkedCorrelation): Outer {
    const node = this.#nodes.get(outer);
    const fieldOf = ({ name }: GroupField): string =>
      node === undefined ? name : this.#fieldOf(node, one, name);
    return {
      rule: linked.summary.id,
      member: node?.members.indexOf(one) ?? 0,
      groupBy: linked.groupBy.map(fieldOf),
      measured: linked.measured.map(fieldOf),
    };
  }

  #feed(node: Node, linked: LinkedCorrelation, member: ReadRule, index: number): void {
    const event = this.#source.events.get(member);
    if (event === undefined) return;
    const slotOf = (field: string): ReturnType<SlotTable["slot"]> =>
      this.#source.slots.slot(event.logsource.candidates(field));
    const feed: Feed = {
      correlation: linked.summary.id,
      member: index,
      groupBy: linked.groupBy.map(({ name }) => slotOf(this.#fieldOf(node, member, name))),
      measured: linked.measured.map(({ name }) => slotOf(this.#fieldOf(node, member, name))),
      carried: linked.carried.map(slotOf),
    };
    this.feeds.set(member, [...(this.feeds.get(member) ?? []), feed]);
  }

  /** What a member calls a name that the correlation groups by or measures. */
  #fieldOf({ rule, members, memberOf }: Node, member: ReadRule, name: string): string {
    const alias = rule.aliases.find((one) => one.name === name);
    const own = alias?.fields.find(({ reference }) => {
      const index = memberOf.get(reference);
      const { byReference } = this.#source;
      const found = byReference.get(reference) ?? byReference.get(reference.toLowerCase());
      return index === undefined ? found === member : members[index] === member;
    });
    return own?.field ?? name;
  }

  #readingOf(node: Node, member: ReadRule): string {
    const { rule } = node;
    const measured = rule.condition.kind === "bounds" ? rule.condition.fields : [];
    const fields = [...rule.groupBy, "|", ...measured].map((name) => this.#fieldOf(node, member, name));
    return hash32(
      [idOf(member), rule.type.startsWith("value_") ? rule.type : "", ...fields].join("\u0000"),
    ).toString(36);
  }
}

function idOf(one: ReadRule): RuleId {
  return one.header?.id ?? (`path:${one.path}` as RuleId);
}

/** An alias names the kind of thing that all of its fields name. */
function groupField(aliases: readonly FieldAlias[], name: string): GroupField {
  const alias = aliases.find((one) => one.name === name);
  const types = new Set((alias?.fields.map(({ field }) => field) ?? [name]).map(entityTypeOf));
  return { name, type: types.size === 1 ? [...types][0] : undefined };
}

function conditionOf({ rule, memberOf }: Node): LinkedCondition {
  if (rule.condition.kind === "bounds") return rule.condition;
  return { kind: "expression", expression: memberExpression(rule.condition.expression, memberOf) };
}

function memberExpression(
  expression: ReferenceExpression,
  memberOf: ReadonlyMap<string, number>,
): MemberExpression {
  switch (expression.kind) {
    case "reference":
      return { kind: "member", member: memberOf.get(expression.reference) ?? 0 };
    case "not":
      return { kind: "not", of: memberExpression(expression.of, memberOf) };
    case "and":
    case "or":
      return { kind: expression.kind, of: expression.of.map((one) => memberExpression(one, memberOf)) };
  }
}
