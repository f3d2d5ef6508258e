export interface Flow {
  readonly source: string;
  readonly target: string;
  readonly value: number;
}

export interface FlowNode {
  readonly name: string;
  readonly side: "source" | "target";
  readonly value: number;
  readonly y: number;
  readonly height: number;
}

export interface FlowBand<F extends Flow> {
  readonly flow: F;
  /** Upper edges at both sides. */
  readonly from: number;
  readonly to: number;
  readonly height: number;
}

export interface FlowLayout<F extends Flow> {
  readonly nodes: readonly FlowNode[];
  readonly bands: readonly FlowBand<F>[];
}

const GAP = 6;

/** Two columns of names, the largest first, and bands between them: one scale for all, so that heights compare. */
export function layFlows<F extends Flow>(flows: readonly F[], height: number): FlowLayout<F> {
  const sums = { source: sumsBy(flows, "source"), target: sumsBy(flows, "target") };
  const total = flows.reduce((sum, { value }) => sum + value, 0);
  const most = Math.max(sums.source.length, sums.target.length, 1);
  const gap = Math.min(GAP, height / (most * 2));
  const scale = total <= 0 ? 0 : Math.max(0, height - gap * (most - 1)) / total;
  const nodes = [
    ...column(sums.source, "source", { scale, gap }),
    ...column(sums.target, "target", { scale, gap }),
  ];
  const used = new Map<FlowNode, number>();
  const take = (side: FlowNode["side"], name: string, tall: number): number => {
    const node = nodes.find((one) => one.side === side && one.name === name);
    if (node === undefined) return 0;
    const before = used.get(node) ?? 0;
    used.set(node, before + tall);
    return node.y + before;
  };
  const order = new Map(sums.target.map(([name], at) => [name, at]));
  const bands = [...flows]
    .sort((a, b) => (order.get(a.target) ?? 0) - (order.get(b.target) ?? 0))
    .map((flow) => {
      const tall = flow.value * scale;
      return {
        flow,
        from: take("source", flow.source, tall),
        to: take("target", flow.target, tall),
        height: tall,
      };
    });
  return { nodes, bands };
}

function sumsBy(flows: readonly Flow[], side: "source" | "target"): readonly (readonly [string, number])[] {
  const sums = new Map<string, number>();
  for (const flow of flows) sums.set(flow[side], (sums.get(flow[side]) ?? 0) + flow.value);
  return [...sums].sort((a, b) => b[1] - a[1]);
}

function column(
  sums: readonly (readonly [string, number])[],
  side: FlowNode["side"],
  { scale, gap }: { readonly scale: number; readonly gap: number },
): readonly FlowNode[] {
  let y = 0;
  return sums.map(([name, value]) => {
    const node: FlowNode = { name, side, value, y, height: value * scale };
    y += node.height + gap;
    return node;
  });
}
