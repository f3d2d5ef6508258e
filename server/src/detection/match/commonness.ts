import type { Requirement, Witness } from "./witness.ts";

const GRAM = 4;
const MIX = 0x9e3779b1 | 0;
const PRESENCE_COST = 1;
/** Too short to be rare, by length. */
const SHORT_COSTS = [1, 0.9, 0.5, 0.4] as const;
/** Two or three signs that stand together only in what is quoted, templated or obfuscated. */
const RARE_SIGNS = /^[!-#$%&'()*+,;<=>?@[\]^`{|}~]{2,}$/;
const RARE_SIGNS_COST = 0.05;
/** What one more rule that says the same, or nearly the same, is taken to mean. */
const COST_PER_USE = 0.002;
/** A search through all of an event. */
const KEYWORD_FACTOR = 2;

/** What ordinary events are full of, though few rules ask for it: Windows' own busiest programs and folders, and what a web log is made of. */
const EVERYWHERE = [
  ...[
    "c:\\windows\\explorer.exe",
    "c:\\windows\\system32\\svchost.exe",
    "c:\\windows\\system32\\services.exe",
  ],
  ...[
    "c:\\windows\\system32\\lsass.exe",
    "c:\\windows\\system32\\wbem\\wmiprvse.exe",
    "c:\\windows\\system32\\cmd.exe",
  ],
  ...["c:\\windows\\system32\\windowspowershell\\v1.0\\powershell.exe", "c:\\windows\\system32\\conhost.exe"],
  ...[
    "c:\\windows\\syswow64\\",
    "c:\\program files\\",
    "c:\\program files (x86)\\",
    "c:\\users\\",
    "nt authority\\system",
  ],
  ...["microsoft corporation", "microsoft windows", "post", "http/1.1", "https://", "http://", "mozilla/5.0"],
] as const;
const EVERYWHERE_COST = 0.3;
/** Nearly every line of a web log. */
const MOST_COMMON: ReadonlySet<string> = new Set(["get"]);

function isEverywhere(text: string): boolean {
  return EVERYWHERE.some((common) => common.includes(text));
}

/**
 * Guesses which of the texts that rules ask for are common in events: those that many rules ask for in part (`\\windows\\`,
 * `.exe`). A text is as rare as the rarest four neighbouring characters in it; a whole value is as rare as its field has values.
 */
export class Commonness {
  /** How many literals of a slot hold a gram, by hash: a collision only makes a text look more common. */
  readonly #grams: Uint32Array;
  readonly #shift: number;
  /** Distinct whole values by slot. */
  readonly #values = new Map<number, Set<string>>();

  /** @param rules that will be counted, roughly */
  constructor(rules: number) {
    const bits = Math.min(18, Math.max(10, Math.ceil(Math.log2(rules * 256))));
    this.#grams = new Uint32Array(2 ** bits);
    this.#shift = 32 - bits;
  }

  /** Takes everything into account that a rule could be found by. */
  count(requirement: Requirement): void {
    if (requirement.kind !== "one") {
      for (const part of requirement.of) this.count(part);
      return;
    }
    const { slot, literal } = requirement.witness;
    if (literal === undefined) return;
    const index = slot?.index ?? -1;
    if (literal.kind === "equals") {
      const values = this.#values.get(index) ?? new Set();
      this.#values.set(index, values.add(literal.text));
    }
    this.#eachGram(literal.text, index, (gram) => {
      this.#grams[gram] = (this.#grams[gram] ?? 0) + 1;
    });
  }

  /** Roughly the share of events that show it, for comparison only. */
  costOf({ slot, literal }: Witness): number {
    if (literal === undefined) return PRESENCE_COST;
    const factor = slot === null ? KEYWORD_FACTOR : 1;
    const index = slot?.index ?? -1;
    if (MOST_COMMON.has(literal.text)) return factor * PRESENCE_COST;
    if (literal.kind === "equals" && !isEverywhere(literal.text)) {
      // A field with few values has each of them often.
      return factor / (1 + (this.#values.get(index)?.size ?? 0));
    }
    if (RARE_SIGNS.test(literal.text)) return factor * RARE_SIGNS_COST;
    const short = SHORT_COSTS[literal.text.length] ?? 0;
    if (isEverywhere(literal.text)) return factor * Math.max(short, EVERYWHERE_COST);
    return factor * (short > 0 ? short : this.#rarest(literal.text, index));
  }

  #rarest(text: string, index: number): number {
    let fewest = Infinity;
    this.#eachGram(text, index, (gram) => {
      fewest = Math.min(fewest, this.#grams[gram] ?? 0);
    });
    return Math.min(1, fewest * COST_PER_USE);
  }

  #eachGram(text: string, slot: number, visit: (hash: number) => void): void {
    const salt = Math.imul(slot + 2, 0x85ebca6b);
    let gram = 0;
    for (let i = 0; i < text.length; i++) {
      gram = (gram << 8) | (text.charCodeAt(i) & 0xff);
      if (i >= GRAM - 1) visit(Math.imul(gram ^ salt, MIX) >>> this.#shift);
    }
  }
}
