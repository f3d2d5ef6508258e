import { formatMicros, isBalanced } from "@tyto/domain";
import type { Source } from "@tyto/domain";
import type { LiveAccount, SourceRecord } from "../../storage/index.ts";

const NO_RATE: readonly number[] = Array<number>(30).fill(0);

/** A source with its account; one that is registered and has sent nothing yet has an empty one. */
export function sourceView(
  source: SourceRecord,
  account: LiveAccount | undefined,
  { zone, priority, isMasked, masked }: Pick<Source, "zone" | "priority" | "isMasked" | "masked">,
): Source {
  return {
    id: source.id,
    name: source.name,
    input: source.input,
    pack: account?.packs[0] ?? null,
    received: account?.received ?? 0,
    stored: account?.stored ?? 0,
    filtered: account?.filtered ?? 0,
    quarantined: account?.quarantined ?? 0,
    queued: account?.queued ?? 0,
    unknown: account?.unknown ?? 0,
    isBalanced: account === undefined || isBalanced(account),
    firstSeenAt: formatMicros(source.firstSeenAt),
    lastEventAt:
      account === undefined || account.lastEventAt === null ? null : formatMicros(account.lastEventAt),
    clockDelayMs: clockDelay(source, account),
    zone,
    priority,
    isMasked,
    masked,
    rate: [...(account?.rate ?? NO_RATE)],
  };
}

/** Files, objects, APIs with their back-fills and the demo tell of any day; their delay says nothing about a clock. */
const OF_ANY_DAY: ReadonlySet<SourceRecord["input"]> = new Set(["file", "s3", "poll", "demo"]);

function clockDelay({ input }: SourceRecord, account: LiveAccount | undefined): number | null {
  const delay = account?.delay ?? null;
  return delay === null || OF_ANY_DAY.has(input) ? null : Math.round(delay / 1_000);
}
