import { formatDiagnostic } from "@tyto/domain";
import { importFile } from "../inputs/index.ts";
import type { ImportOutcome, ImportProgress, ImportTarget } from "../inputs/index.ts";
import { explain, printable, writeLine } from "./io.ts";
import type { CommandIo, ExitStatus } from "./io.ts";

/** How often progress is shown; a terminal's line is drawn over, elsewhere a line is added. */
const TERMINAL_EVERY_MS = 100;
const PLAIN_EVERY_MS = 5_000;

export interface ImportCommand {
  readonly files: readonly string[];
  /** From `--source`: the pack that reads every record; recognition decides when absent. */
  readonly pack?: string;
  /** A running server (`httpTarget`) or a data directory (`sinkTarget`). */
  readonly target: ImportTarget;
  /** Monotonic milliseconds. */
  readonly clockMs: () => number;
  readonly signal?: AbortSignal;
}

/**
 * `tyto import FILE...`: one file after the other; a file that cannot be read does not stop the next. Interrupted, it is run again:
 * records that are there already have the same ids and are counted as duplicates.
 */
export async function importCommand(command: ImportCommand, io: CommandIo): Promise<ExitStatus> {
  if (command.files.length === 0) {
    await writeLine(io.stderr, "tyto import: name at least one file");
    return 2;
  }
  let status: ExitStatus = 0;
  for (const file of command.files) {
    const progress = new ProgressLine(io.stderr, command.clockMs);
    let outcome: ImportOutcome;
    try {
      outcome = await importFile(file, {
        target: command.target,
        onProgress: (state) => progress.show(state),
        ...(command.pack === undefined ? {} : { pack: command.pack }),
        ...(command.signal === undefined ? {} : { signal: command.signal }),
      });
    } catch (error) {
      progress.clear();
      if (command.signal?.aborted !== true) await explain(io.stderr, error);
      await writeLine(
        io.stderr,
        `${printable(file)}: not finished; run the same command again, nothing is added twice`,
      );
      return 1;
    }
    progress.clear();
    for (const diagnostic of outcome.diagnostics)
      await writeLine(io.stderr, printable(formatDiagnostic(diagnostic)));
    if (outcome.diagnostics.some(({ severity }) => severity === "error")) status = 1;
    await writeLine(io.stdout, summary(outcome));
  }
  return status;
}

function summary({ file, records, faulty, bytes }: ImportOutcome): string {
  const quarantined = faulty === 0 ? "" : `, ${faulty} of them cut or broken and therefore quarantined`;
  return `${printable(file)}: ${records} records${quarantined}, ${humanBytes(bytes)}`;
}

/** One line about one file, on a terminal drawn over itself. */
class ProgressLine {
  readonly #stream: CommandIo["stderr"];
  readonly #clockMs: () => number;
  readonly #isTerminal: boolean;
  readonly #startedMs: number;
  #shownMs: number;
  #isDrawn = false;

  constructor(stream: CommandIo["stderr"], clockMs: () => number) {
    this.#stream = stream;
    this.#clockMs = clockMs;
    this.#isTerminal = "isTTY" in stream && stream.isTTY === true;
    this.#startedMs = clockMs();
    this.#shownMs = this.#startedMs;
  }

  show(progress: ImportProgress): void {
    const nowMs = this.#clockMs();
    if (nowMs - this.#shownMs < (this.#isTerminal ? TERMINAL_EVERY_MS : PLAIN_EVERY_MS)) return;
    this.#shownMs = nowMs;
    const text = progressText(progress, (nowMs - this.#startedMs) / 1_000);
    this.#stream.write(this.#isTerminal ? `\r\u001b[K${text}` : `${text}\n`);
    this.#isDrawn = this.#isTerminal;
  }

  clear(): void {
    if (this.#isDrawn) this.#stream.write("\r\u001b[K");
  }
}

const BAR_CELLS = 20;

/** @param seconds since the file was begun; both passes count, the first for its half of the bytes. */
export function progressText(progress: ImportProgress, seconds: number): string {
  const { file, phase, bytesDone, bytesTotal, records } = progress;
  const passed = phase === "identifying" ? bytesDone : bytesTotal + bytesDone;
  const share = bytesTotal === 0 ? 1 : Math.min(1, passed / (2 * bytesTotal));
  const cells = Math.round(share * BAR_CELLS);
  const bar = `[${"#".repeat(cells)}${"-".repeat(BAR_CELLS - cells)}]`;
  const rate = seconds > 0 ? `${humanBytes(passed / seconds)}/s` : "";
  const left = share > 0 && share < 1 ? `, ${duration((seconds * (1 - share)) / share)} left` : "";
  const what = phase === "identifying" ? "reading" : `${records} records`;
  return `${printable(file)} ${bar} ${Math.floor(share * 100)} % ${what}, ${rate}${left}`;
}

function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3_600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3_600)} h ${Math.floor((whole % 3_600) / 60)} min`;
}

function humanBytes(bytes: number): string {
  if (bytes < 1_000) return `${Math.round(bytes)} B`;
  if (bytes < 1_000_000) return `${(bytes / 1_000).toFixed(1)} kB`;
  if (bytes < 1_000_000_000) return `${(bytes / 1_000_000).toFixed(1)} MB`;
  return `${(bytes / 1_000_000_000).toFixed(2)} GB`;
}
