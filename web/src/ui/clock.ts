import { Store } from "./store.ts";

const TICK_MS = 5_000;

/** The present, in steps: relative times move on together, and rendering stays pure. */
export function startClock(now: () => number): Store<number> {
  const clock = new Store(now());
  setInterval(() => {
    if (document.visibilityState === "visible") clock.set(now());
  }, TICK_MS);
  document.addEventListener("visibilitychange", () => clock.set(now()));
  return clock;
}
