import { formatMicros, invariant } from "@tyto/domain";
import type { ReparseJob, ReplayJob } from "@tyto/domain";
import type { ParseJob } from "../dependencies.ts";

const SHOWN_FIELDS = 50;
const SHOWN_PACKS = 200;

export function reparseView(job: ParseJob): ReparseJob {
  invariant(job.kind === "reparse", "a reparse was asked for");
  const { from, to, pack, sources, isDryRun } = job.question;
  const { packs, fields, ...counts } = job.report;
  return {
    ...jobView(job),
    from: formatMicros(from),
    to: formatMicros(to),
    pack: pack ?? null,
    sources: sources === undefined ? null : [...sources],
    dryRun: isDryRun,
    report: {
      ...counts,
      packs: Object.entries(packs)
        .map(([name, report]) => ({ pack: name, ...report }))
        .sort((a, b) => b.changed - a.changed || b.lookedAt - a.lookedAt)
        .slice(0, SHOWN_PACKS),
      fields: Object.entries(fields)
        .map(([field, events]) => ({ field, events }))
        .sort((a, b) => b.events - a.events)
        .slice(0, SHOWN_FIELDS),
    },
  };
}

export function replayView(job: ParseJob): ReplayJob {
  invariant(job.kind === "replay", "a replay was asked for");
  return { ...jobView(job), report: { ...job.report } };
}

function jobView({ id, state, createdAt, createdBy, total, problem }: ParseJob) {
  return { id, state, createdAt: formatMicros(createdAt), createdBy, total, problem };
}
