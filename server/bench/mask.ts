/** What masking costs a line of the demo's day, one core. `npx tyto bench mask`. */
import { microsFromMilliseconds } from "@tyto/domain";
import { generateDay } from "../src/demo/index.ts";
import { maskSecrets } from "../src/inputs/index.ts";
import { machine } from "./process-cost.ts";

export interface MaskFigures {
  readonly machine: string;
  readonly lines: number;
  readonly bytesPerLine: number;
  /** Processor time; where little is masked nearly all of it is looking. */
  readonly microsPerLine: number;
  readonly masked: number;
}

export function benchMask(events: number): MaskFigures {
  const { records } = generateDay({ seed: 1, endsAt: microsFromMilliseconds(Date.now()) });
  const lines = records.map(({ text }) => Buffer.from(text));
  // Once for the compiler.
  let masked = 0;
  for (const line of lines) maskSecrets(line);
  let bytes = 0;
  const before = process.cpuUsage();
  for (let done = 0; done < events; done += 1) {
    const line = lines[done % lines.length] ?? Buffer.alloc(0);
    bytes += line.length;
    if (maskSecrets(line).bytes !== line) masked += 1;
  }
  const { user, system } = process.cpuUsage(before);
  return {
    machine: machine(),
    lines: events,
    bytesPerLine: Math.round(bytes / events),
    microsPerLine: Math.round(((user + system) / events) * 100) / 100,
    masked,
  };
}
