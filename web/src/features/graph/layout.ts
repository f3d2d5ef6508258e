import { Graph, layout as runLayout } from "@dagrejs/dagre";
import type { RelationGraph } from "./relations.ts";

export interface PlacedNode {
  readonly key: string;
  readonly x: number;
  readonly y: number;
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly PlacedNode[];
  /** Points of each edge, in the order of the graph's edges. */
  readonly edges: readonly (readonly { readonly x: number; readonly y: number }[])[];
}

export const NODE = { width: 152, height: 40 } as const;

/** From left to right: who acts stands before what they act on. */
export function layoutGraph(graph: RelationGraph): Layout {
  const placed = new Graph({ multigraph: true });
  placed.setGraph({ rankdir: "LR", nodesep: 18, ranksep: 88, marginx: 12, marginy: 12 });
  for (const { key } of graph.nodes) placed.setNode(key, { ...NODE });
  for (const [index, { from, to }] of graph.edges.entries()) placed.setEdge(from, to, {}, String(index));
  runLayout(placed);
  const size = placed.graph() as { readonly width?: number; readonly height?: number };
  return {
    width: size.width ?? 0,
    height: size.height ?? 0,
    nodes: graph.nodes.map(({ key }) => {
      const { x, y } = placed.node(key) as { readonly x: number; readonly y: number };
      return { key, x, y };
    }),
    edges: graph.edges.map(({ from, to }, index) => {
      const edge = placed.edge(from, to, String(index)) as {
        readonly points?: readonly { readonly x: number; readonly y: number }[];
      };
      return edge.points ?? [];
    }),
  };
}
