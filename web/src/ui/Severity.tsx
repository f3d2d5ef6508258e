import type { Level } from "@tyto/domain";
import type { ReactNode } from "react";
import css from "./Severity.module.css";
import { humanise } from "./text/format.ts";

const KNOWN: ReadonlySet<string> = new Set<Level>(["informational", "low", "medium", "high", "critical"]);

/** Shape, colour and word together; a level that nobody knows is only its word. */
export function Severity({ level }: { readonly level: string }): ReactNode {
  if (!KNOWN.has(level)) return <span className="muted">{level}</span>;
  return <span className={`${css["severity"] ?? ""} ${css[level] ?? ""}`}>{humanise(level)}</span>;
}
