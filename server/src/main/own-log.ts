import type { Writable } from "node:stream";

/** What a line of the log says, for those who read it beside the stream. */
export interface LogLine {
  readonly level: string;
  readonly module: string;
  readonly message: string;
}

/** Tyto's own log: written to the stream as ever, and shown to whoever listens once there is somebody. */
export class OwnLog {
  readonly #stream: Writable;
  #listener: ((line: LogLine) => void) | undefined;

  constructor(stream: Writable) {
    this.#stream = stream;
  }

  /** From now on. @returns how it ends. */
  listen(listener: (line: LogLine) => void): () => void {
    this.#listener = listener;
    return () => (this.#listener = undefined);
  }

  write(line: string): void {
    this.#stream.write(line);
    if (this.#listener === undefined) return;
    const { level, module, message } = JSON.parse(line) as Partial<LogLine>;
    this.#listener({ level: level ?? "", module: module ?? "", message: message ?? "" });
  }
}
