import { formatInstant, type Zone } from "./instant.ts";

/** As the URL has it: relative (`-24h`, `now`) stays relative, absolute is RFC 3339 in UTC. */
export interface TimeRange {
  readonly from: string;
  readonly to: string;
}

export interface ResolvedRange {
  readonly fromMs: number;
  readonly toMs: number;
}

const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
type Unit = keyof typeof UNIT_MS;
const UNIT_NAMES: Readonly<Record<Unit, string>> = { s: "second", m: "minute", h: "hour", d: "day" };

const RELATIVE = /^-(\d{1,6})([smhd])$/;
const isUnit = (text: string | undefined): text is Unit => text !== undefined && text in UNIT_MS;

export const RANGE_PRESETS: readonly TimeRange[] = [
  "-15m",
  "-1h",
  "-6h",
  "-24h",
  "-3d",
  "-7d",
  "-30d",
  "-90d",
  "-365d",
].map((from) => ({ from, to: "now" }));

/** Milliseconds since 1970; `undefined` when the text is no instant. */
export function resolveInstant(text: string, now: number): number | undefined {
  if (text === "now") return now;
  const relative = RELATIVE.exec(text);
  if (relative !== null) {
    const unit = relative[2];
    return isUnit(unit) ? now - Number(relative[1]) * UNIT_MS[unit] : undefined;
  }
  if (!/^\d{4}-\d{2}-\d{2}T/.test(text)) return undefined;
  const millis = Date.parse(text);
  return Number.isNaN(millis) ? undefined : millis;
}

/** `undefined` when either end is no instant or the end lies before the start. */
export function resolveRange(range: TimeRange, now: number): ResolvedRange | undefined {
  const fromMs = resolveInstant(range.from, now);
  const toMs = resolveInstant(range.to, now);
  return fromMs === undefined || toMs === undefined || toMs <= fromMs ? undefined : { fromMs, toMs };
}

/** `Last 24 hours`, or both ends. */
export function describeRange(range: TimeRange, zone: Zone): string {
  const relative = RELATIVE.exec(range.from);
  if (relative !== null && range.to === "now") {
    const unit = relative[2];
    if (isUnit(unit)) return `Last ${nameAmount(Number(relative[1]), unit)}`;
  }
  return `${describeEnd(range.from, zone)} – ${describeEnd(range.to, zone)}`;
}

function nameAmount(amount: number, unit: Unit): string {
  return amount === 1 ? UNIT_NAMES[unit] : `${amount} ${UNIT_NAMES[unit]}s`;
}

function describeEnd(text: string, zone: Zone): string {
  if (text === "now") return "now";
  const relative = RELATIVE.exec(text);
  const unit = relative?.[2];
  if (relative !== null && isUnit(unit)) {
    const amount = Number(relative[1]);
    return `${amount} ${UNIT_NAMES[unit]}${amount === 1 ? "" : "s"} ago`;
  }
  const millis = Date.parse(text);
  return Number.isNaN(millis) ? text : formatInstant(millis, zone);
}

export function absoluteRange({ fromMs, toMs }: ResolvedRange): TimeRange {
  return { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() };
}

/** The window of the same width just before (-1) or after (1); always absolute. */
export function shiftRange(range: TimeRange, direction: -1 | 1, now: number): TimeRange | undefined {
  const resolved = resolveRange(range, now);
  if (resolved === undefined) return undefined;
  const width = resolved.toMs - resolved.fromMs;
  return absoluteRange({
    fromMs: resolved.fromMs + direction * width,
    toMs: resolved.toMs + direction * width,
  });
}

/** What a person types into the picker: `-3h`, `now`, `2026-11-20`, `2026-11-20 09:41`, or RFC 3339. */
export function parseTypedInstant(typed: string, zone: Zone): string | undefined {
  const text = typed.trim();
  if (text === "now" || RELATIVE.test(text)) return text;
  const local = /^(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?))?$/.exec(text);
  const written =
    local === null ? text : `${local[1] ?? ""}T${local[2] ?? "00:00"}${zone === "utc" ? "Z" : ""}`;
  if (!/^\d{4}-\d{2}-\d{2}T/.test(written)) return undefined;
  const millis = Date.parse(written);
  return Number.isNaN(millis) ? undefined : new Date(millis).toISOString();
}

/** What a pick on a chart of `bucketMs` wide bars means; the end is exclusive. */
export function brushedRange(startMs: number, endMs: number, bucketMs: number): TimeRange {
  const [first, last] = startMs <= endMs ? [startMs, endMs] : [endMs, startMs];
  return absoluteRange({ fromMs: first, toMs: last + bucketMs });
}
