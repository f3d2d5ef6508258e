import type { AlertFinding, AlertStep } from "@tyto/domain";

const VERBS: Readonly<Record<string, string>> = {
  acknowledge: "acknowledged it",
  assign: "assigned it",
  close: "closed it",
  reopen: "reopened it",
  note: "noted",
  tag: "changed its tags",
  reweighed: "weighed it again, after the register of assets changed:",
  opened: "opened it for",
  joined: "added",
  amended: "saw more of",
  superseded: "merged a finding into",
  retracted: "took back, after late data,",
  withdrawn: "closed it: late data withdrew",
  returned: "opened it again: later data brought back",
  absorbed: "took in the alert",
  "absorbed-into": "moved it into the alert",
};

/** What somebody did, after their name. */
export function stepVerb({ kind, detail }: AlertStep): string {
  if (kind === "assign") return detail === "" ? "gave it back to nobody" : "assigned it to";
  return VERBS[kind] ?? kind;
}

const FINDING_STEPS: ReadonlySet<string> = new Set([
  ...["opened", "joined", "amended", "superseded"],
  ...["retracted", "withdrawn", "returned"],
]);

/** What it was done with: a finding by its rule and group instead of its key; anything else as recorded. */
export function stepDetail({ kind, detail }: AlertStep, findings: readonly AlertFinding[]): string {
  if (!FINDING_STEPS.has(kind)) return detail;
  const finding = findings.find(
    ({ key }) => detail === key || detail.endsWith(` into ${key}`) || detail.startsWith(`${key} (`),
  );
  if (finding === undefined) return detail;
  const group = finding.group.map((entity) => entity.value).join(", ");
  return group === "" ? finding.rule.title : `${finding.rule.title}: ${group}`;
}
