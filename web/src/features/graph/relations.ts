import type { EventBody } from "@tyto/domain";
import { textOfValue } from "../events/field-values.ts";

export interface GraphNode {
  readonly key: string;
  readonly type: string;
  readonly value: string;
  /** How many are folded into it; 1 for a single one. */
  readonly members: number;
}

export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  readonly kind: string;
  readonly count: number;
  readonly first: string;
  readonly last: string;
}

export interface RelationGraph {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

export const MAX_NODES = 300;
/** Things of one kind that only one other is connected with: so many stay themselves. */
const KEPT_OF_CLUSTER = 5;

interface Thing {
  readonly type: string;
  readonly value: string;
}

/** What the events say about who did what to what: things as nodes, what happened between them as counted, timed edges. */
export function relationGraph(events: readonly EventBody[]): RelationGraph {
  const nodes = new Map<string, GraphNode>();
  const edges = new Map<string, GraphEdge>();
  const keyOf = ({ type, value }: Thing): string => {
    const key = `${type} ${type === "user" || type === "host" ? value.toLowerCase() : value}`;
    if (!nodes.has(key)) nodes.set(key, { key, type, value, members: 1 });
    return key;
  };
  for (const event of events) {
    for (const { from, to, kind } of relationsOf(event)) {
      const ends = { from: keyOf(from), to: keyOf(to) };
      if (ends.from === ends.to) continue;
      const key = `${ends.from}\n${ends.to}\n${kind}`;
      const known = edges.get(key);
      edges.set(key, {
        ...ends,
        kind,
        count: (known?.count ?? 0) + 1,
        first: known === undefined || event.timestamp < known.first ? event.timestamp : known.first,
        last: known === undefined || event.timestamp > known.last ? event.timestamp : known.last,
      });
    }
  }
  return clustered({ nodes: [...nodes.values()], edges: [...edges.values()] });
}

/** Who, from where, on what, with what, to what: as far as the event says. */
function relationsOf({ fields }: EventBody): readonly { from: Thing; to: Thing; kind: string }[] {
  const thing = (type: string, ...names: readonly string[]): Thing | undefined => {
    const value = names.map((name) => textOfValue(fields[name])).find((text) => text !== "");
    return value === undefined ? undefined : { type, value };
  };
  const user = thing("user", "user.name", "source.user.name");
  const target = thing("user", "user.target.name", "user.effective.name");
  const host = thing("host", "host.name", "host.hostname", "observer.name");
  const source = thing("ip", "source.ip", "client.ip");
  const destination = thing("ip", "destination.ip", "server.ip");
  const process = thing("process", "process.name", "process.executable");
  const parent = thing("process", "process.parent.name", "process.parent.executable");
  const file = thing("file", "file.path", "file.name");
  const domain = thing("domain", "dns.question.name", "url.domain", "destination.domain");
  const verb = verbOf(fields);
  const service = thing("service", "service.name");
  const links: readonly (readonly [Thing | undefined, Thing | undefined, string])[] = [
    [source, user ?? host ?? destination, user === undefined ? verb : "as"],
    [user, host ?? service ?? destination, verb],
    [user, target, verb],
    [parent, process, "started"],
    [host, process, "ran"],
    [process ?? user ?? host, file, verb],
    [process ?? host ?? source, domain, "asked for"],
    [host, destination, "connected to"],
  ];
  return links.flatMap(([from, to, kind]) =>
    from === undefined || to === undefined ? [] : [{ from, to, kind }],
  );
}

function verbOf(fields: EventBody["fields"]): string {
  const categories = textOfValue(fields["event.category"]);
  const outcome = textOfValue(fields["event.outcome"]);
  if (categories.includes("authentication"))
    return outcome === "failure"
      ? "failed to log in"
      : outcome === "success"
        ? "logged in"
        : "tried to log in";
  const action = textOfValue(fields["event.action"]);
  return action === "" ? "acted on" : action.slice(0, 40);
}

/** Above the limit, things of one kind that hang on one other thing alone become one node that says how many they are. */
export function clustered(graph: RelationGraph, most = MAX_NODES): RelationGraph {
  if (graph.nodes.length <= most) return graph;
  const neighbours = new Map<string, Set<string>>();
  for (const { from, to } of graph.edges) {
    neighbours.set(from, (neighbours.get(from) ?? new Set()).add(to));
    neighbours.set(to, (neighbours.get(to) ?? new Set()).add(from));
  }
  const groups = new Map<string, GraphNode[]>();
  for (const node of graph.nodes) {
    const [only, ...others] = neighbours.get(node.key) ?? [];
    const group =
      only !== undefined && others.length === 0 ? `${node.type} at ${only}` : `${node.type} of many`;
    groups.set(group, [...(groups.get(group) ?? []), node]);
  }
  const into = new Map<string, string>();
  const nodes: GraphNode[] = [];
  // The biggest groups first, until what is left fits.
  let total = graph.nodes.length;
  for (const [group, members] of [...groups].sort(([, a], [, b]) => b.length - a.length)) {
    const canFold = total > most && members.length > KEPT_OF_CLUSTER;
    if (!canFold) {
      nodes.push(...members);
      continue;
    }
    const key = `cluster ${group}`;
    const [first] = members;
    nodes.push({
      key,
      type: first?.type ?? "",
      value: `${members.length} × ${first?.type ?? ""}`,
      members: members.length,
    });
    for (const member of members) into.set(member.key, key);
    total -= members.length - 1;
  }
  return { nodes, edges: folded(graph.edges, into) };
}

function folded(edges: readonly GraphEdge[], into: ReadonlyMap<string, string>): readonly GraphEdge[] {
  const merged = new Map<string, GraphEdge>();
  for (const edge of edges) {
    const from = into.get(edge.from) ?? edge.from;
    const to = into.get(edge.to) ?? edge.to;
    if (from === to) continue;
    const key = `${from}\n${to}\n${edge.kind}`;
    const known = merged.get(key);
    merged.set(
      key,
      known === undefined
        ? { ...edge, from, to }
        : {
            ...known,
            count: known.count + edge.count,
            first: edge.first < known.first ? edge.first : known.first,
            last: edge.last > known.last ? edge.last : known.last,
          },
    );
  }
  return [...merged.values()];
}
