import { formatDuration } from "../../ui/index.ts";

/** Senders buffer for seconds, and clocks that are kept agree as well. */
const UNREMARKABLE_MS = 5_000;

/** @param delayMs receipt less the events' own time; negative when the source's clock runs ahead. */
export function clockInWords(delayMs: number | null): string {
  if (delayMs === null) return "–";
  if (Math.abs(delayMs) < UNREMARKABLE_MS) return "in time";
  const size = formatDuration(Math.abs(delayMs));
  return delayMs > 0 ? `${size} behind` : `${size} ahead`;
}
