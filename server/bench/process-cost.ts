import { readdirSync, readFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";

/** What one process of a tree uses, as Linux's /proc says. */
export interface ProcessCost {
  readonly pid: number;
  readonly command: string;
  /** User and system time since the process started. */
  readonly cpuMs: number;
  /** Proportional set size: shared pages count by their share. */
  readonly pssBytes: number;
}

const TICK_MS = 10;

/** The process and all its descendants. Empty where there is no /proc. */
export function processTree(root: number): readonly ProcessCost[] {
  const children = new Map<number, number[]>();
  for (const name of pids()) {
    const stat = read(`/proc/${name}/stat`);
    const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
    children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const tree = [root];
  for (const pid of tree) tree.push(...(children.get(pid) ?? []));
  return tree.map(costOf).filter((cost) => cost.command !== "");
}

function costOf(pid: number): ProcessCost {
  const stat = read(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const pss = /^Pss:\s+(\d+) kB/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? "0";
  return {
    pid,
    command: read(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim(),
    cpuMs: (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * TICK_MS,
    pssBytes: Number(pss) * 1024,
  };
}

function pids(): readonly string[] {
  try {
    return readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/** What a figure was measured on, for the line below it. */
export function machine(): string {
  const model = cpus()[0]?.model.trim() ?? "unknown processor";
  const gibibytes = Math.round(totalmem() / 1024 ** 3);
  return `${cpus().length} × ${model}, ${gibibytes} GB, Node ${process.versions.node}, ${process.platform}-${process.arch}`;
}
