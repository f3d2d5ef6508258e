import { writeFile } from "node:fs/promises";
import {
  coverageCells,
  CoverageSchema,
  navigatorLayer,
  scoreInWords,
  TytoError,
  unknownTechniques,
} from "@tyto/domain";
import type { Coverage, CoverageCell, CoverageScore } from "@tyto/domain";
import { Check } from "typebox/value";
import type { Client } from "./client.ts";
import { printable, writeLine } from "./io.ts";
import type { CommandIo, ExitStatus } from "./io.ts";

export interface CoverageOptions {
  readonly json: boolean;
  /** Where a layer for ATT&CK Navigator is written; `-` is standard output. */
  readonly navigator?: string;
  readonly days?: number;
}

const SCORES: readonly CoverageScore[] = [3, 2, 1, 0];

/** `tyto coverage`: what the rules cover of ATT&CK. */
export async function coverageCommand(
  client: Client,
  { json, navigator, days = 7 }: CoverageOptions,
  io: CommandIo,
): Promise<ExitStatus> {
  const coverage = read(await client.get(`/api/v1/coverage?days=${days}`));
  const cells = coverageCells(coverage);
  if (navigator !== undefined) {
    const layer = `${JSON.stringify(navigatorLayer(coverage, cells), undefined, 2)}\n`;
    if (navigator === "-") await writeLine(io.stdout, layer.trimEnd());
    else await writeFile(navigator, layer);
    return 0;
  }
  if (json) await writeLine(io.stdout, JSON.stringify(coverage));
  else for (const line of inWords(coverage, cells)) await writeLine(io.stdout, line);
  return 0;
}

function read(answer: unknown): Coverage {
  if (Check(CoverageSchema, answer)) return answer;
  throw new TytoError("internal", "the server answered something that is no coverage");
}

function inWords(coverage: Coverage, cells: readonly CoverageCell[]): readonly string[] {
  const techniques = cells.filter(({ parent }) => parent === undefined);
  const unknown = unknownTechniques(coverage);
  return [
    `ATT&CK ${coverage.attackVersion}, telemetry of ${coverage.days} days${coverage.isExact ? "" : " (not all of them: it took too long)"}`,
    ...SCORES.map((score) => {
      const count = techniques.filter((cell) => cell.score === score).length;
      return `${String(count).padStart(5)}  ${scoreInWords(score)}`;
    }),
    "",
    ...techniques
      .filter(({ rules }) => rules.length > 0)
      .map((cell) =>
        printable(
          `${cell.id.padEnd(6)} ${scoreInWords(cell.score).split(":")[0] ?? ""}: ${cell.name} (${cell.rules.length} rules, ${cell.enabled} enabled, ${cell.arriving} with telemetry, ${cell.tested} tested, ${cell.alerts} alerts)`,
        ),
      ),
    ...(unknown.length === 0 ? [] : ["", `Not in this version: ${unknown.join(", ")}`]),
  ];
}
