import type { ReactNode } from "react";
import { LogText } from "../../../ui/index.ts";
import { type DiffLine, diffLines } from "./line-diff.ts";
import css from "./Editor.module.css";

interface TextDiffProps {
  readonly label: string;
  readonly before: string;
  readonly after: string;
}

const SIGNS: Readonly<Record<DiffLine["kind"], readonly [string, string]>> = {
  same: [" ", ""],
  gone: ["−", "Taken out: "],
  new: ["+", "Put in: "],
};
/** Lines around a change that say where it is. */
const CONTEXT = 3;

/** What is different between two texts, line by line; long stretches without a difference are left out. */
export function TextDiff({ label, before, after }: TextDiffProps): ReactNode {
  const lines = diffLines(before, after);
  const isNear = (at: number) =>
    lines.slice(Math.max(0, at - CONTEXT), at + CONTEXT + 1).some(({ kind }) => kind !== "same");
  if (lines.every(({ kind }) => kind === "same")) return <p className="muted">There is no difference.</p>;
  return (
    <pre className={css["diff"]} tabIndex={0} aria-label={label}>
      {lines.map((line, at) => {
        if (!isNear(at))
          return isNear(at - 1) ? (
            <span key={at} className={css["skipped"]}>
              ⋯{"\n"}
            </span>
          ) : null;
        const [sign, spoken] = SIGNS[line.kind];
        return (
          <span key={at} className={css[line.kind]}>
            <span aria-hidden="true">{sign} </span>
            <span className="visually-hidden">{spoken}</span>
            <LogText text={line.text} limit={2_000} />
            {"\n"}
          </span>
        );
      })}
    </pre>
  );
}
