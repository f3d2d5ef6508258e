const COUNT = new Intl.NumberFormat("en");
const COMPACT = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

/** `12,480` */
export function formatCount(value: number): string {
  return COUNT.format(value);
}

/** `12.5K`, for axes and narrow places; exact below 10,000. */
export function formatCompact(value: number): string {
  return Math.abs(value) < 10_000 ? COUNT.format(Math.round(value * 10) / 10) : COMPACT.format(value);
}

/** Events per second: `0`, `0.3`, `42`, `1,250`. */
export function formatRate(perSecond: number): string {
  if (perSecond === 0) return "0";
  if (perSecond < 0.1) return "<0.1";
  return perSecond < 10 ? perSecond.toFixed(1) : COUNT.format(Math.round(perSecond));
}

const BYTE_UNITS = ["B", "KB", "MB", "GB", "TB"] as const;

export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1_000 && unit < BYTE_UNITS.length - 1) {
    value /= 1_000;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${BYTE_UNITS[unit] ?? "B"}`;
}

/** `1 event`, `2 events`. */
export function formatAmount(count: number, singular: string, plural = `${singular}s`): string {
  return `${formatCount(count)} ${count === 1 ? singular : plural}`;
}

/** `true-positive` → `True positive` */
export function humanise(identifier: string): string {
  const words = identifier.replaceAll("-", " ").replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
