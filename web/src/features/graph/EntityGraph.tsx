import { IconList, IconSchema } from "@tabler/icons-react";
import { type ReactNode, useMemo, useState } from "react";
import { Button, Empty, formatAmount, formatCount, LogText, Time } from "../../ui/index.ts";
import css from "./EntityGraph.module.css";
import { layoutGraph, NODE } from "./layout.ts";
import type { GraphEdge, GraphNode, RelationGraph } from "./relations.ts";

interface EntityGraphProps {
  readonly graph: RelationGraph;
  readonly onOpen: (node: GraphNode) => void;
}

const SHORT = 18;
/** What fits between two nodes. */
const LABEL = 16;

/** Who did what to what, drawn; and the same as a list, for whoever reads it otherwise. */
export function EntityGraph({ graph, onOpen }: EntityGraphProps): ReactNode {
  const [isList, setList] = useState(false);
  if (graph.edges.length === 0)
    return (
      <Empty title="Nothing to draw">The events name no two things that have to do with each other.</Empty>
    );
  return (
    <>
      <div className={css["tools"]}>
        <span className="muted">
          {formatAmount(graph.nodes.length, "thing")}, {formatAmount(graph.edges.length, "connection")}
        </span>
        <span className="grow" />
        <Button onClick={() => setList(!isList)}>
          {isList ? <IconSchema size={14} aria-hidden="true" /> : <IconList size={14} aria-hidden="true" />}
          {isList ? "Show as graph" : "Show as list"}
        </Button>
      </div>
      {isList ? <EdgeList graph={graph} onOpen={onOpen} /> : <Drawing graph={graph} onOpen={onOpen} />}
    </>
  );
}

function Drawing({ graph, onOpen }: EntityGraphProps): ReactNode {
  const layout = useMemo(() => layoutGraph(graph), [graph]);
  const [chosen, setChosen] = useState<string>();
  const places = new Map(layout.nodes.map((node) => [node.key, node]));
  const isLit = (edge: GraphEdge) => chosen === undefined || edge.from === chosen || edge.to === chosen;
  return (
    <div className={css["canvas"]} tabIndex={0} role="group" aria-label="Graph; the list holds the same">
      <svg width={layout.width} height={layout.height} aria-hidden="true">
        <defs>
          <marker
            id="arrow"
            viewBox="0 0 8 8"
            refX="7"
            refY="4"
            markerWidth="7"
            markerHeight="7"
            orient="auto"
          >
            <path d="M0 0 L8 4 L0 8 z" className={css["head"]} />
          </marker>
        </defs>
        {graph.edges.map((edge, index) => {
          const points = layout.edges[index] ?? [];
          const middle = points[Math.floor(points.length / 2)];
          return (
            <g key={index} className={isLit(edge) ? css["edge"] : `${css["edge"] ?? ""} ${css["dim"] ?? ""}`}>
              <polyline points={points.map(({ x, y }) => `${x},${y}`).join(" ")} markerEnd="url(#arrow)" />
              {middle !== undefined && (
                <text x={middle.x} y={middle.y - 4} textAnchor="middle">
                  {edge.kind.length > LABEL ? `${edge.kind.slice(0, LABEL - 1)}…` : edge.kind}
                  {edge.count > 1 ? ` ×${formatCount(edge.count)}` : ""}
                </text>
              )}
            </g>
          );
        })}
      </svg>
      {graph.nodes.map((node) => {
        const place = places.get(node.key);
        if (place === undefined) return null;
        return (
          <button
            key={node.key}
            type="button"
            className={css["node"]}
            style={{ left: place.x - NODE.width / 2, top: place.y - NODE.height / 2, width: NODE.width }}
            title={node.value}
            onPointerEnter={() => setChosen(node.key)}
            onPointerLeave={() => setChosen(undefined)}
            onFocus={() => setChosen(node.key)}
            onBlur={() => setChosen(undefined)}
            onClick={() => onOpen(node)}
          >
            <span className="muted small">{node.type}</span>
            <span className="mono ellipsis">
              <LogText text={shortened(node.value)} isExpandable={false} />
            </span>
          </button>
        );
      })}
    </div>
  );
}

/** The end of a path says more than its beginning. */
const shortened = (value: string): string => (value.length <= SHORT ? value : `…${value.slice(1 - SHORT)}`);

function EdgeList({ graph, onOpen }: EntityGraphProps): ReactNode {
  const nodes = new Map(graph.nodes.map((node) => [node.key, node]));
  const cell = (key: string): ReactNode => {
    const node = nodes.get(key);
    if (node === undefined) return null;
    return (
      <Button tone="quiet" onClick={() => onOpen(node)}>
        <span className="muted small">{node.type}</span>{" "}
        <LogText text={node.value} limit={60} isExpandable={false} />
      </Button>
    );
  };
  return (
    <div className={css["list"]} tabIndex={0} role="region" aria-label="Connections as a list">
      <table>
        <thead>
          <tr>
            <th scope="col">From</th>
            <th scope="col">What</th>
            <th scope="col">To</th>
            <th scope="col" className="num">
              Times
            </th>
            <th scope="col">First</th>
            <th scope="col">Last</th>
          </tr>
        </thead>
        <tbody>
          {graph.edges.map((edge, index) => (
            <tr key={index}>
              <th scope="row">{cell(edge.from)}</th>
              <td>
                <LogText text={edge.kind} limit={60} isExpandable={false} />
              </td>
              <td>{cell(edge.to)}</td>
              <td className="num">{formatCount(edge.count)}</td>
              <td>
                <Time value={edge.first} as="clock" />
              </td>
              <td>
                <Time value={edge.last} as="clock" />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
