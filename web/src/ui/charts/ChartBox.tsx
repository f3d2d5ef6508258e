import { type PointerEvent, type ReactNode, useLayoutEffect, useRef, useState } from "react";
import css from "./charts.module.css";

export interface ChartSize {
  readonly width: number;
  readonly height: number;
}

/** Puts on a mark that has something to say under the pointer. */
export type Hover = (content: ReactNode) => {
  readonly onPointerMove: (event: PointerEvent<SVGElement>) => void;
  readonly onPointerLeave: () => void;
};

interface ChartBoxProps {
  readonly children: (size: ChartSize, hover: Hover) => ReactNode;
}

interface Tip {
  readonly x: number;
  readonly y: number;
  readonly content: ReactNode;
}

/** A picture as large as its place, with what stands under the pointer. */
export function ChartBox({ children }: ChartBoxProps): ReactNode {
  const host = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState<ChartSize>();
  const [tip, setTip] = useState<Tip>();
  useLayoutEffect(() => {
    const element = host.current;
    if (element === null) return;
    const measure = () =>
      setSize({ width: Math.floor(element.clientWidth), height: Math.floor(element.clientHeight) });
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const hover: Hover = (content) => ({
    onPointerMove: (event) => {
      const box = host.current?.getBoundingClientRect();
      if (box !== undefined) setTip({ x: event.clientX - box.left, y: event.clientY - box.top, content });
    },
    onPointerLeave: () => setTip(undefined),
  });
  const isRight = tip !== undefined && size !== undefined && tip.x > size.width / 2;
  const isLow = tip !== undefined && size !== undefined && tip.y > size.height / 2;
  return (
    <div ref={host} className={css["box"]}>
      {size !== undefined && size.width > 20 && size.height > 20 && children(size, hover)}
      {tip !== undefined && size !== undefined && (
        <div
          className={css["boxTip"]}
          role="presentation"
          style={{
            ...(isRight ? { right: size.width - tip.x + 12 } : { left: tip.x + 12 }),
            ...(isLow ? { bottom: size.height - tip.y + 8 } : { top: tip.y + 8 }),
          }}
        >
          {tip.content}
        </div>
      )}
    </div>
  );
}

export function TipLines({
  head,
  lines,
}: {
  readonly head: string;
  readonly lines: readonly (readonly [string, string])[];
}): ReactNode {
  return (
    <div className={css["tip"]}>
      <b className="mono">{head}</b>
      {lines.map(([name, value]) => (
        <span key={name} className={css["tipLine"]}>
          <span className="muted">{name}</span>
          <span className="num">{value}</span>
        </span>
      ))}
    </div>
  );
}

/** Class names of the charts, for pictures that a page draws itself. */
export function chartClass(name: "drawn" | "land" | "pickable" | "word" | "name"): string {
  return css[name] ?? "";
}
