import type { EventBody } from "@tyto/domain";
import { textOfValue } from "../events/field-values.ts";

/** A process with what it started, as far as events say. */
export interface ProcessNode {
  readonly key: string;
  readonly name: string;
  readonly commandLine: string;
  /** Absent for one that is known only as somebody's parent. */
  readonly event: EventBody | undefined;
  readonly isEvidence: boolean;
  readonly children: readonly ProcessNode[];
}

const LEVELS = 3;

interface Found {
  readonly key: string;
  readonly parent: string | undefined;
  readonly name: string;
  readonly commandLine: string;
  readonly event: EventBody | undefined;
}

/** Trees around the evidence: three levels up, three down. Parents that no event started are shown by the name their children give. */
export function processTrees(
  events: readonly EventBody[],
  evidence: ReadonlySet<string>,
): readonly ProcessNode[] {
  const found = new Map<string, Found>();
  for (const event of events) {
    const key = keyOf(event, "process");
    if (key === undefined) continue;
    const parent = keyOf(event, "process.parent");
    const known = found.get(key);
    if (known?.event === undefined || evidence.has(event.id)) {
      const { name, commandLine } = wordsOf(event, "process");
      found.set(key, { key, parent, name, commandLine, event });
    }
    if (parent !== undefined && !found.has(parent))
      found.set(parent, {
        key: parent,
        parent: undefined,
        ...wordsOf(event, "process.parent"),
        event: undefined,
      });
  }
  const children = new Map<string, Found[]>();
  for (const one of found.values()) {
    if (one.parent !== undefined && one.parent !== one.key)
      children.set(one.parent, [...(children.get(one.parent) ?? []), one]);
  }
  const isEvidence = ({ event }: Found): boolean => event !== undefined && evidence.has(event.id);
  const node = (one: Found, depth: number, seen: ReadonlySet<string>): ProcessNode => ({
    ...one,
    isEvidence: isEvidence(one),
    children:
      depth === 0 || seen.has(one.key)
        ? []
        : (children.get(one.key) ?? []).map((child) =>
            node(child, isEvidence(child) ? LEVELS : depth - 1, new Set([...seen, one.key])),
          ),
  });
  const roots = new Set<Found>();
  for (const one of found.values()) {
    if (!isEvidence(one)) continue;
    let root = one;
    for (let level = 0; level < LEVELS; level++) {
      const parent = root.parent === undefined ? undefined : found.get(root.parent);
      if (parent === undefined || parent === root) break;
      root = parent;
    }
    roots.add(root);
  }
  return [...roots].map((root) => node(root, 2 * LEVELS, new Set()));
}

/** By the sender's own identity of the process, else by host and number. */
function keyOf({ fields }: EventBody, of: "process" | "process.parent"): string | undefined {
  const id = textOfValue(fields[`${of}.entity_id`]);
  if (id !== "") return id;
  const pid = textOfValue(fields[`${of}.pid`]);
  return pid === "" ? undefined : `${textOfValue(fields["host.name"])} ${pid}`;
}

function wordsOf({ fields }: EventBody, of: "process" | "process.parent") {
  const name = textOfValue(fields[`${of}.name`]) || textOfValue(fields[`${of}.executable`]);
  const pid = textOfValue(fields[`${of}.pid`]);
  return { name: name || `process ${pid}`, commandLine: textOfValue(fields[`${of}.command_line`]) };
}
