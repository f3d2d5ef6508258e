/** Events that say the same, one after the other. */
export interface Run<Event> {
  readonly first: Event;
  readonly events: readonly Event[];
}

/** Folds neighbours with the same summary, so that forty failed logins take one line. */
export function foldRuns<Event extends { readonly summary: string }>(
  events: readonly Event[],
): readonly Run<Event>[] {
  const runs: { first: Event; events: Event[] }[] = [];
  for (const event of events) {
    const last = runs.at(-1);
    if (last !== undefined && last.first.summary === event.summary) last.events.push(event);
    else runs.push({ first: event, events: [event] });
  }
  return runs;
}
