import type { RuleBody, RuleChange, RuleReload } from "@tyto/domain";

/** What became of the rules. A document that lost its id by being broken is still the one that stood in its file. */
export function ruleChanges(before: readonly RuleBody[], after: readonly RuleBody[]): RuleReload {
  const known = new Map(before.map((rule) => [rule.id, rule]));
  const present = new Set(after.map(({ id }) => id));
  const gone = before.filter(({ id }) => !present.has(id));
  const broken = new Set<RuleBody>();
  const added: RuleChange[] = [];
  const changed: RuleChange[] = [];
  const invalid: RuleChange[] = [];
  for (const rule of after) {
    const formers = known.has(rule.id)
      ? [known.get(rule.id)]
      : gone.filter(({ path }) => !runs(rule) && path === rule.path);
    const former = formers.find((one) => one !== undefined && runs(one)) ?? formers[0];
    if (former !== undefined && runs(former) && !runs(rule)) {
      for (const one of formers) if (one !== undefined) broken.add(one);
      invalid.push(changeOf(rule));
    } else if (former === undefined) added.push(changeOf(rule));
    else if (isOther(former, rule)) changed.push(changeOf(rule));
  }
  const removed = gone.filter((rule) => !broken.has(rule)).map(changeOf);
  return { running: after.filter(runs).length, added, removed, changed, invalid };
}

function runs({ status }: RuleBody): boolean {
  return status === "runnable" || status === "needs-field";
}

function isOther(before: RuleBody, after: RuleBody): boolean {
  return before.yaml !== after.yaml || before.status !== after.status || before.path !== after.path;
}

function changeOf({ id, title, path, reason }: RuleBody): RuleChange {
  return { id, title, path, reason };
}
