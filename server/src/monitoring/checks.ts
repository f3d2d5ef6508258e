import type { Micros } from "@tyto/domain";
import type { Check, Condition } from "./alarm.ts";

/** What the checks look at, as of the moment they ask. */
export interface CheckPorts {
  readonly engine: () => {
    readonly status: "ok" | "starting" | "down";
    readonly reason?: string;
    readonly restarts: number;
  };
  readonly isStalled: () => boolean;
  readonly queued: () => number;
  /** Of the disk under the data directory. */
  readonly disk: () => Promise<{ readonly freeBytes: number; readonly totalBytes: number }>;
  /** Datagrams that the system dropped since the start; `null` where it does not say. */
  readonly datagramsLost: () => Promise<number | null>;
  /** Records that inputs dropped since the start, by input and reason. */
  readonly recordsDropped: () => readonly {
    readonly input: string;
    readonly reason: string;
    readonly count: number;
  }[];
  readonly totals: () => Totals;
  /** Parts that the engine does not read, since it could not: its own words why. */
  readonly setAside: () => Promise<
    readonly { readonly table: string; readonly part: string; readonly reason: string }[]
  >;
  /** Records that were missing in the engine and were stored again since the start. */
  readonly restored: () => number;
  readonly switchedOff: () => readonly { readonly pack: string; readonly reason: string }[];
}

/** All sources together. */
export interface Totals {
  readonly received: number;
  readonly stored: number;
  readonly filtered: number;
  readonly quarantined: number;
  readonly queued: number;
}

const GIBIBYTE = 1024 ** 3;
/** Beside the journal's own limit, at which it takes no more: early enough to do something. */
const LOW_SHARE = 0.1;
const LOW_BYTES = 10 * GIBIBYTE;
const QUARANTINE_WINDOW = 10 * 60 * 1_000_000;
const QUARANTINE_SHARE = 0.01;
const QUARANTINE_LEAST = 100;

/** The checks that need no memory of single sources. */
export function createChecks(ports: CheckPorts): readonly Check[] {
  return [
    () => engineDown(ports),
    () => stalled(ports),
    () => diskLow(ports),
    datagramsLost(ports),
    recordsDropped(ports),
    quarantineGrows(ports),
    () => packsOff(ports),
    () => unbalanced(ports),
    () => setAside(ports),
  ];
}

function engineDown({ engine }: CheckPorts): readonly Condition[] {
  const { status, reason, restarts } = engine();
  if (status !== "down") return [];
  return [
    {
      kind: "engine-down",
      message: `The event engine is down${reason === undefined ? "" : `: ${reason}`}; ${restarts} restarts so far`,
      hint: "The journal keeps what comes in. Look at the log of module engine, and run tyto doctor.",
    },
  ];
}

function stalled({ isStalled, queued }: CheckPorts): readonly Condition[] {
  if (!isStalled()) return [];
  return [
    {
      kind: "pipeline-stalled",
      message: `The pipeline waits for its stores; ${queued()} records are in the journal and not searchable yet`,
      hint: "Nothing is lost. Look at the log of module pipeline: disk, engine and relational store are what it waits for.",
    },
  ];
}

async function diskLow({ disk }: CheckPorts): Promise<readonly Condition[]> {
  const { freeBytes, totalBytes } = await disk();
  if (freeBytes >= Math.min(LOW_BYTES, LOW_SHARE * totalBytes)) return [];
  const gib = (bytes: number): string => `${(bytes / GIBIBYTE).toFixed(1)} GiB`;
  return [
    {
      kind: "disk-low",
      message: `${gib(freeBytes)} of ${gib(totalBytes)} are free where Tyto keeps its data`,
      hint: "Make room or shorten the retention: below 2 GiB (or 5 %) nothing more is taken, and senders must wait.",
    },
  ];
}

function datagramsLost({ datagramsLost: lost }: CheckPorts): Check {
  let before: number | undefined;
  return async () => {
    const count = await lost();
    const grown = count === null || before === undefined ? 0 : count - before;
    before = count ?? before;
    if (grown <= 0) return [];
    return [
      {
        kind: "datagrams-lost",
        message: `The system dropped ${grown} syslog datagrams just now, ${count ?? grown} since the start: UDP has no way to ask for them again`,
        hint: "Send over TCP, TLS or RELP, or raise net.core.rmem_max.",
      },
    ];
  };
}

function recordsDropped({ recordsDropped: dropped }: CheckPorts): Check {
  const before = new Map<string, number>();
  return () =>
    dropped().flatMap(({ input, reason, count }): readonly Condition[] => {
      const key = `${input} ${reason}`;
      const grown = count - (before.get(key) ?? 0);
      before.set(key, count);
      if (grown <= 0) return [];
      return [
        {
          kind: "records-dropped",
          subject: key,
          message: `${input} dropped ${grown} records just now (${reason.replaceAll("_", " ")}), ${count} since the start`,
          hint: "None of them was acknowledged. See what the pipeline waits for; senders over TCP and HTTP wait and lose nothing.",
        },
      ];
    });
}

/** By what was booked over the last minutes: a single broken line is no alarm. */
function quarantineGrows({ totals }: CheckPorts): Check {
  let window: { readonly at: Micros; readonly totals: Totals }[] = [];
  return (now) => {
    const current = totals();
    window = [...window.filter(({ at }) => now - at <= QUARANTINE_WINDOW), { at: now, totals: current }];
    const first = window[0]?.totals ?? current;
    const quarantined = current.quarantined - first.quarantined;
    const received = current.received - first.received;
    if (quarantined < QUARANTINE_LEAST || quarantined < received * QUARANTINE_SHARE) return [];
    return [
      {
        kind: "quarantine-grows",
        message: `${quarantined} of ${received} records of the last ten minutes went to quarantine`,
        hint: "Sources, Quarantine says why. They are kept, and can be put through again when the reason is gone.",
      },
    ];
  };
}

function packsOff({ switchedOff }: CheckPorts): readonly Condition[] {
  return switchedOff().map(({ pack, reason }) => ({
    kind: "pack-switched-off",
    subject: pack,
    message: `The pack ${pack} is switched off: ${reason}`,
    hint: "Its lines are stored as they came. Mend the pack, reload (tyto reload), and parse them again.",
    fields: { "tyto_server.pack": pack },
  }));
}

/** An engine that is away has its own alarm. */
async function setAside({ engine, setAside: parts, restored }: CheckPorts): Promise<readonly Condition[]> {
  if (engine().status !== "ok") return [];
  const found = await parts();
  const [first] = found;
  if (first === undefined) return [];
  return [
    {
      kind: "parts-set-aside",
      message: `The event engine has set ${found.length} parts aside that it could not read, such as ${first.part} of ${first.table} (${first.reason}); ${restored()} records were stored again since the start`,
      hint: "Check the disk. What the journal still held is back; run tyto ledger to compare. Then delete the folders in detached/ below engine/data; never attach them again, since their events would be there twice.",
    },
  ];
}

function unbalanced({ totals }: CheckPorts): readonly Condition[] {
  const { received, stored, filtered, quarantined, queued } = totals();
  const accounted = stored + filtered + quarantined + queued;
  if (received === accounted) return [];
  return [
    {
      kind: "books-unbalanced",
      message: `${received} records were received and ${accounted} are accounted for`,
      hint: "This must not happen. Keep the data directory as it is, run tyto ledger and report it.",
    },
  ];
}
