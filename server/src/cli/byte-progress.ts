import type { Writable } from "node:stream";

const TERMINAL_EVERY_MS = 100;
const PLAIN_EVERY_MS = 5_000;
const UNITS = ["B", "kB", "MB", "GB", "TB"] as const;

/** How far a long copy is: on a terminal one line, drawn over; elsewhere a line now and then. */
export class ByteProgress {
  readonly #stream: Writable;
  readonly #what: string;
  readonly #clockMs: () => number;
  readonly #isTerminal: boolean;
  #shownMs: number;
  #isDrawn = false;
  #bytes = 0;
  /** Of all; 0 when nobody knows. */
  total = 0;

  constructor(stream: Writable, what: string, clockMs: () => number) {
    this.#stream = stream;
    this.#what = what;
    this.#clockMs = clockMs;
    this.#isTerminal = "isTTY" in stream && stream.isTTY === true;
    this.#shownMs = clockMs();
  }

  add(bytes: number): void {
    this.at(this.#bytes + bytes);
  }

  at(bytes: number): void {
    this.#bytes = bytes;
    const now = this.#clockMs();
    if (now - this.#shownMs < (this.#isTerminal ? TERMINAL_EVERY_MS : PLAIN_EVERY_MS)) return;
    this.#shownMs = now;
    const share =
      this.total > 0
        ? ` of ${humanSize(this.total)} (${Math.min(100, Math.floor((bytes / this.total) * 100))} %)`
        : "";
    const line = `${this.#what}: ${humanSize(bytes)}${share}`;
    this.#isDrawn = true;
    this.#stream.write(this.#isTerminal ? `\r\u001B[K${line}` : `${line}\n`);
  }

  /** Leaves the terminal's line empty. */
  clear(): void {
    if (this.#isDrawn && this.#isTerminal) this.#stream.write("\r\u001B[K");
  }
}

export function humanSize(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1_000 && unit < UNITS.length - 1) {
    value /= 1_000;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${UNITS[unit] ?? "B"}`;
}
