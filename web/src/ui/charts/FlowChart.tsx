import type { ReactNode } from "react";
import { formatCount } from "../text/format.ts";
import { fitted, visibleText } from "./chart-words.ts";
import { ChartBox, TipLines } from "./ChartBox.tsx";
import css from "./charts.module.css";
import { type Flow, type FlowNode, layFlows } from "./flow-layout.ts";

interface FlowChartProps<F extends Flow> {
  readonly label: string;
  readonly flows: readonly F[];
  readonly onPick: ((flow: F) => void) | undefined;
}

const NODE = 8;

/** How much goes from each name at the left to each at the right. */
export function FlowChart<F extends Flow>({ label, flows, onPick }: FlowChartProps<F>): ReactNode {
  return (
    <ChartBox>
      {({ width, height }, hover) => {
        const { nodes, bands } = layFlows(flows, height - 2);
        const side = Math.min(160, width * 0.24);
        const [x1, x2] = [side + NODE, width - side - NODE];
        const bend = (x2 - x1) / 2;
        const colors = new Map(
          nodes
            .filter((node) => node.side === "source")
            .map((node, at) => [node.name, `var(--series-${(at % 7) + 1})`]),
        );
        const named = nodesWithRoom(nodes, height);
        return (
          <svg width={width} height={height} role="img" aria-label={label} className={css["drawn"]}>
            {bands.map(({ flow, from, to, height: tall }) => (
              <path
                key={`${flow.source}\n${flow.target}`}
                className={`${css["band"] ?? ""} ${onPick === undefined ? "" : (css["pickable"] ?? "")}`}
                fill={colors.get(flow.source) ?? "var(--series-1)"}
                fillOpacity={0.35}
                d={`M${x1} ${from}C${x1 + bend} ${from} ${x2 - bend} ${to} ${x2} ${to}V${to + Math.max(0.75, tall)}C${x2 - bend} ${to + tall} ${x1 + bend} ${from + tall} ${x1} ${from + Math.max(0.75, tall)}Z`}
                onClick={onPick === undefined ? undefined : () => onPick(flow)}
                {...hover(
                  <TipLines
                    head={`${visibleText(flow.source)} → ${visibleText(flow.target)}`}
                    lines={[["", formatCount(flow.value)]]}
                  />,
                )}
              />
            ))}
            {nodes.map((node) => {
              const isSource = node.side === "source";
              return (
                <g
                  key={`${node.side} ${node.name}`}
                  {...hover(
                    <TipLines head={visibleText(node.name)} lines={[["", formatCount(node.value)]]} />,
                  )}
                >
                  <rect
                    x={isSource ? side : width - side - NODE}
                    y={node.y}
                    width={NODE}
                    height={Math.max(1, node.height)}
                    fill={isSource ? (colors.get(node.name) ?? "var(--muted)") : "var(--muted)"}
                  />
                  {named.has(node) ? (
                    <text
                      className={css["name"]}
                      x={isSource ? side - 6 : width - side + 6}
                      y={node.y + node.height / 2 + 4}
                      textAnchor={isSource ? "end" : "start"}
                    >
                      {fitted(node.name, side - 8)}
                    </text>
                  ) : null}
                </g>
              );
            })}
          </svg>
        );
      }}
    </ChartBox>
  );
}

const WORD_PX = 11;

/** The largest stand first, so that what has no room for its name is small. */
function nodesWithRoom(nodes: readonly FlowNode[], height: number): ReadonlySet<FlowNode> {
  const named = new Set<FlowNode>();
  for (const side of ["source", "target"] as const) {
    let free = -Infinity;
    for (const node of nodes.filter((one) => one.side === side)) {
      const middle = node.y + node.height / 2;
      if (middle - free < WORD_PX || middle > height - 5) continue;
      named.add(node);
      free = middle;
    }
  }
  return named;
}
