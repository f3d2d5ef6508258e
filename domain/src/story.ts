import type { AlertId } from "./ids.ts";

/** Entities of more alerts than this link nothing: a proxy's address is in every story and tells none. */
const MOST_ALERTS_OF_A_LINK = 40;

export interface LinkedAlert {
  readonly id: AlertId;
  /** What it is about. */
  readonly entities: readonly string[];
}

/** Alerts that tell one story: connected by what they are about. The largest story first; each alert is in exactly one. */
export function stories(alerts: readonly LinkedAlert[]): readonly (readonly AlertId[])[] {
  const holders = new Map<string, AlertId[]>();
  for (const { id, entities } of alerts) {
    for (const entity of entities) holders.set(entity, [...(holders.get(entity) ?? []), id]);
  }
  const root = new Map<AlertId, AlertId>(alerts.map(({ id }) => [id, id]));
  const rootOf = (id: AlertId): AlertId => {
    let at = id;
    for (let next = root.get(at) ?? at; next !== at; next = root.get(at) ?? at) at = next;
    root.set(id, at);
    return at;
  };
  for (const ids of holders.values()) {
    const [first, ...others] = ids;
    if (first === undefined || ids.length > MOST_ALERTS_OF_A_LINK) continue;
    for (const other of others) root.set(rootOf(other), rootOf(first));
  }
  const groups = new Map<AlertId, AlertId[]>();
  for (const { id } of alerts) groups.set(rootOf(id), [...(groups.get(rootOf(id)) ?? []), id]);
  return [...groups.values()].sort((a, b) => b.length - a.length);
}
