/** The part of a KeyboardEvent that decides which command runs. */
export interface KeyPress {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
}

/** How long `g` waits for the letter that follows it. */
export const SEQUENCE_MS = 1_200;

/**
 * One press in the spelling that bindings use: `j`, `Shift+J`, `Mod+k`, `Escape`, `?`. `Mod` is Ctrl or ⌘. `undefined` for
 * presses that belong to the browser (Alt, bare modifiers).
 */
export function chordOf(press: KeyPress): string | undefined {
  if (press.altKey || ["Shift", "Control", "Meta", "Alt", "Dead"].includes(press.key)) return undefined;
  const isLetter = /^[a-z]$/i.test(press.key);
  if (press.ctrlKey || press.metaKey) return `Mod+${isLetter ? press.key.toLowerCase() : press.key}`;
  if (isLetter && press.shiftKey) return `Shift+${press.key.toUpperCase()}`;
  return isLetter ? press.key.toLowerCase() : press.key;
}

/** Single characters can be switched off (WCAG 2.1.4); Escape, Enter and what carries a modifier cannot. */
export function isCharacterKey(chord: string): boolean {
  return !chord.startsWith("Mod+") && !["Escape", "Enter"].includes(chord);
}

export type KeyOutcome =
  | { readonly kind: "run"; readonly keys: string }
  /** The first half of a sequence was pressed. */
  | { readonly kind: "wait"; readonly prefix: string }
  | { readonly kind: "none" };

/**
 * @param prefix what was pressed before and is still waiting, or ""
 * @param bindings all bound keys; a sequence is two chords with a space between: `g a`
 */
export function matchKeys(prefix: string, chord: string, bindings: ReadonlySet<string>): KeyOutcome {
  if (prefix !== "") {
    const keys = `${prefix} ${chord}`;
    // A sequence that leads nowhere swallows its second key: `g x` must not select a row.
    return bindings.has(keys) ? { kind: "run", keys } : { kind: "none" };
  }
  if (bindings.has(chord)) return { kind: "run", keys: chord };
  for (const keys of bindings) {
    if (keys.startsWith(`${chord} `)) return { kind: "wait", prefix: chord };
  }
  return { kind: "none" };
}

/** Elements in which keys write text or already mean something. */
export interface KeyTarget {
  readonly tagName: string;
  readonly type?: string | undefined;
  readonly isContentEditable?: boolean | undefined;
}

export function isTyping(target: KeyTarget | null): boolean {
  if (target === null) return false;
  if (target.isContentEditable === true) return true;
  const tag = target.tagName.toUpperCase();
  if (tag === "TEXTAREA" || tag === "SELECT") return true;
  return (
    tag === "INPUT" && !["checkbox", "radio", "button", "submit", "range"].includes(target.type ?? "text")
  );
}

/** For people: `g a` → `g` `a`, `Mod+k` → `⌘K` or `Ctrl K`. */
export function keyLabels(keys: string, isMac: boolean): readonly string[] {
  return keys.split(" ").map((chord) => {
    if (chord === "Escape") return "Esc";
    if (chord === "Enter") return "↵";
    if (chord.startsWith("Mod+"))
      return isMac ? `⌘${chord.slice(4).toUpperCase()}` : `Ctrl ${chord.slice(4).toUpperCase()}`;
    return chord.replace("Shift+", "⇧");
  });
}
