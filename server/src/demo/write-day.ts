import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { formatMicros } from "@tyto/domain";
import type { DemoAnswers, DemoDay } from "./generate.ts";

/** The answers as JSON, instants as RFC 3339. */
export async function writeAnswers(path: string, answers: DemoAnswers): Promise<void> {
  const isInstant = new Set(["from", "to"]);
  const text = JSON.stringify(
    answers,
    (key, value: unknown) =>
      isInstant.has(key) && typeof value === "number" ? formatMicros(value as DemoAnswers["from"]) : value,
    2,
  );
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `${text}\n`);
}

/** One log file per source, named after its input and itself, and `answers.json` beside them. */
export async function writeDay(folder: string, day: DemoDay): Promise<readonly string[]> {
  const lines = new Map<string, string[]>();
  for (const { input, source, text } of day.records) {
    const name = `${input}-${source}.log`;
    const list = lines.get(name);
    if (list === undefined) lines.set(name, [text]);
    else list.push(text);
  }
  await mkdir(folder, { recursive: true });
  const names = [...lines.keys()].sort();
  for (const name of names) await writeFile(join(folder, name), `${(lines.get(name) ?? []).join("\n")}\n`);
  await writeAnswers(join(folder, "answers.json"), day.answers);
  return [...names, "answers.json"];
}
