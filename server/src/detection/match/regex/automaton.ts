import { assertNever } from "@tyto/domain";
import type { CharSet } from "./char-set.ts";
import type { RegexNode } from "./syntax.ts";

/** Instructions that repetitions may be unrolled to. */
const MAX_INSTRUCTIONS = 5_000;
/** What states may hold together before they are forgotten and made anew: memory is bounded, and time stays linear. */
const MAX_HELD = 1_000_000;

type Instruction =
  | { readonly kind: "chars"; readonly set: CharSet; next: number }
  | { readonly kind: "split"; next: number; other: number }
  | { readonly kind: "start"; next: number }
  | { readonly kind: "end"; next: number }
  | { readonly kind: "match" };

/**
 * Tells whether an expression occurs in a text, in time linear in it: sets of positions in the expression are states, made when
 * they are first reached (Thompson 1968, "Regular expression search algorithm"; lazily, as in RE2). Works on UTF-16 units.
 */
export class Automaton {
  readonly #program: readonly Instruction[];
  readonly #classes: UnitClasses;
  readonly #start: number;
  readonly #isAnchored: boolean;
  readonly #states = new Map<string, State>();
  #held = 0;
  #first: State;

  private constructor(program: readonly Instruction[], start: number, isAnchored: boolean) {
    this.#program = program;
    this.#start = start;
    this.#isAnchored = isAnchored;
    this.#classes = new UnitClasses(program.flatMap((one) => (one.kind === "chars" ? [one.set] : [])));
    this.#first = this.#stateOf(this.#closure([start], true));
  }

  /** `undefined` when its repetitions come to too much. */
  static of(node: RegexNode): Automaton | undefined {
    const program = new Assembler().assemble(node);
    if (program === undefined) return undefined;
    return new Automaton(program.instructions, program.start, beginsAtStart(node));
  }

  /** `undefined` for a text with characters beyond the basic plane: half of one is no character. */
  occursIn(text: string): boolean | undefined {
    const ascii = this.#classes.ascii;
    let state = this.#first;
    if (state.isMatch) return true;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      if (unit >= 0xd800 && unit <= 0xdfff) return undefined;
      const kind = (unit < 128 ? ascii[unit] : this.#classes.search(unit)) ?? 0;
      state = state.next[kind] ?? this.#step(state, kind);
      if (state.isSettled) return state.isMatch;
    }
    return state.isMatchAtEnd;
  }

  #step(state: State, kind: number): State {
    const sample = this.#classes.sample(kind);
    const moved: number[] = [];
    for (const index of state.positions) {
      const instruction = this.#program[index];
      if (instruction?.kind === "chars" && holds(instruction.set, sample)) moved.push(instruction.next);
    }
    if (!this.#isAnchored) moved.push(this.#start);
    const next = this.#stateOf(this.#closure(moved, false));
    if (this.#held > MAX_HELD) this.#forget(next);
    state.next[kind] = next;
    return next;
  }

  #forget(kept: State): void {
    this.#states.clear();
    this.#held = kept.positions.length;
    for (let kind = 0; kind < kept.next.length; kind++) kept.next[kind] = undefined;
    this.#states.set(kept.key, kept);
    this.#first = this.#stateOf(this.#closure([this.#start], true));
  }

  /** Everything that is reached without reading a character. */
  #closure(from: readonly number[], isAtStart: boolean): ReadonlySet<number> {
    const reached = new Set<number>();
    const open = [...from];
    for (let index = open.pop(); index !== undefined; index = open.pop()) {
      if (reached.has(index)) continue;
      reached.add(index);
      const instruction = this.#program[index];
      if (instruction?.kind === "split") open.push(instruction.next, instruction.other);
      else if (instruction?.kind === "start" && isAtStart) open.push(instruction.next);
    }
    return reached;
  }

  #stateOf(reached: ReadonlySet<number>): State {
    const positions = [...reached]
      .filter((index) => this.#program[index]?.kind === "chars" || this.#program[index]?.kind === "end")
      .sort((a, b) => a - b);
    const isMatch = [...reached].some((index) => this.#program[index]?.kind === "match");
    const key = `${isMatch ? "!" : ""}${positions.join(",")}`;
    const known = this.#states.get(key);
    if (known !== undefined) return known;
    const state: State = {
      key,
      positions,
      isMatch,
      isMatchAtEnd: isMatch || this.#matchesAtEnd(positions),
      isSettled: isMatch || positions.length === 0,
      next: new Array<State | undefined>(this.#classes.count).fill(undefined),
    };
    this.#held += positions.length + this.#classes.count;
    this.#states.set(key, state);
    return state;
  }

  #matchesAtEnd(positions: readonly number[]): boolean {
    const reached = new Set<number>();
    const open = positions.flatMap((index) => {
      const instruction = this.#program[index];
      return instruction?.kind === "end" ? [instruction.next] : [];
    });
    for (let index = open.pop(); index !== undefined; index = open.pop()) {
      if (reached.has(index)) continue;
      reached.add(index);
      const instruction = this.#program[index];
      if (instruction?.kind === "match") return true;
      if (instruction?.kind === "split") open.push(instruction.next, instruction.other);
      else if (instruction?.kind === "end") open.push(instruction.next);
    }
    return false;
  }
}

interface State {
  readonly key: string;
  /** Instructions that wait for a character, or for the end. */
  readonly positions: readonly number[];
  readonly isMatch: boolean;
  readonly isMatchAtEnd: boolean;
  /** What follows changes nothing: it matches already, or never will. */
  readonly isSettled: boolean;
  /** By class of the next unit; filled as they are asked for. */
  readonly next: (State | undefined)[];
}

function holds(set: CharSet, unit: number): boolean {
  return set.some(([first, last]) => first <= unit && unit <= last);
}

/** The expression can match only from the text's start on. */
function beginsAtStart(node: RegexNode): boolean {
  switch (node.kind) {
    case "start":
      return true;
    case "sequence":
      return node.of[0] !== undefined && beginsAtStart(node.of[0]);
    case "choice":
      return node.of.every(beginsAtStart);
    case "chars":
    case "repeat":
    case "end":
      return false;
    default:
      return assertNever(node);
  }
}

/** Units that no set of the expression tells apart are one class: states need one successor for each. */
class UnitClasses {
  readonly count: number;
  /** Of the first 128 units. */
  readonly ascii: Uint16Array;
  /** First unit of each class' range, ascending; class numbers repeat where sets agree. */
  readonly #starts: readonly number[];

  constructor(sets: readonly CharSet[]) {
    const starts = new Set([0]);
    for (const [first, last] of sets.flat()) {
      starts.add(first);
      starts.add(last + 1);
    }
    this.#starts = [...starts].sort((a, b) => a - b).filter((start) => start <= 0xffff);
    this.count = this.#starts.length;
    this.ascii = Uint16Array.from({ length: 128 }, (_, unit) => this.search(unit));
  }

  sample(kind: number): number {
    return this.#starts[kind] ?? 0;
  }

  /** The class of any unit. */
  search(unit: number): number {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((this.#starts[middle] ?? 0) <= unit) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

class TooLong extends Error {}

/** Turns an expression into instructions, from its end to its beginning. */
class Assembler {
  readonly #instructions: Instruction[] = [];

  assemble(
    node: RegexNode,
  ): { readonly instructions: readonly Instruction[]; readonly start: number } | undefined {
    try {
      const match = this.#add({ kind: "match" });
      return { start: this.#emit(node, match), instructions: this.#instructions };
    } catch (cause) {
      if (cause instanceof TooLong) return undefined;
      throw cause;
    }
  }

  /** @returns where to begin so that the node is read and then `next` goes on */
  #emit(node: RegexNode, next: number): number {
    switch (node.kind) {
      case "chars":
        return this.#add({ kind: "chars", set: node.set, next });
      case "start":
      case "end":
        return this.#add({ kind: node.kind, next });
      case "sequence":
        return node.of.reduceRight((after, part) => this.#emit(part, after), next);
      case "choice":
        return node.of
          .map((branch) => this.#emit(branch, next))
          .reduceRight((other, branch) => this.#add({ kind: "split", next: branch, other }));
      case "repeat":
        return this.#repeat(node, next);
      default:
        return assertNever(node);
    }
  }

  #repeat({ of, least, most }: Extract<RegexNode, { kind: "repeat" }>, next: number): number {
    let start = next;
    if (most === Infinity) {
      const loop: Instruction = { kind: "split", next: 0, other: next };
      start = this.#add(loop);
      loop.next = this.#emit(of, start);
    } else {
      for (let count = least; count < most; count++) {
        start = this.#add({ kind: "split", next: this.#emit(of, start), other: next });
      }
    }
    for (let count = 0; count < least; count++) start = this.#emit(of, start);
    return start;
  }

  #add(instruction: Instruction): number {
    if (this.#instructions.length >= MAX_INSTRUCTIONS) throw new TooLong();
    this.#instructions.push(instruction);
    return this.#instructions.length - 1;
  }
}
