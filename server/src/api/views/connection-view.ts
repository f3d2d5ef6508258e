import { formatMicros } from "@tyto/domain";
import type { Connection, Micros } from "@tyto/domain";
import type { LiveConnectionView } from "../dependencies.ts";

/** A connection without its secrets. */
export function connectionView({ connection, status, progress }: LiveConnectionView): Connection {
  return {
    id: connection.id,
    kind: connection.kind,
    name: connection.name,
    pack: connection.pack,
    enabled: connection.enabled,
    settings: JSON.parse(connection.settings) as Connection["settings"],
    secrets: [...connection.secretNames],
    status: {
      state: status.state,
      reason: status.reason,
      hint: status.hint,
      since: formatMicros(status.since),
      nextTryAt: instant(status.nextTryAt),
    },
    counts: { records: progress.records, bytes: progress.bytes, skipped: progress.skipped },
    problems: progress.problems.map(({ at, what, reason }) => ({ at: formatMicros(at), what, reason })),
    lastRecordAt: instant(progress.lastRecordAt),
    createdAt: formatMicros(connection.createdAt),
    createdBy: connection.createdBy,
    updatedAt: formatMicros(connection.updatedAt),
  };
}

function instant(at: Micros | null): string | null {
  return at === null ? null : formatMicros(at);
}
