import type { Connection, ConnectionState } from "@tyto/domain";

/** How a state is said and which colour its mark has; the word alone says it all. */
export const STATE_WORDS: Readonly<
  Record<ConnectionState, { readonly word: string; readonly mark: string }>
> = {
  running: { word: "Running", mark: "good" },
  waiting: { word: "Waiting", mark: "calm" },
  failing: { word: "Failing", mark: "bad" },
  paused: { word: "Paused", mark: "off" },
};

/** Why it is in its state and what to do; empty when there is nothing to say. */
export function reasonOf({ status: { reason, hint } }: Pick<Connection, "status">): string {
  return [reason, hint].filter((part) => part !== null && part !== "").join(" · ");
}

/** Days to fetch again, or undefined for what is no such number. */
export function readDays(entry: string): number | undefined {
  const days = Number(entry);
  return /^\d{1,3}$/.test(entry.trim()) && days >= 1 && days <= 365 ? days : undefined;
}
