import { createReadStream, existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { formatDiagnostic, originId, sequence, sourceId, TytoError } from "@tyto/domain";
import type { Micros } from "@tyto/domain";
import { EMPTY_SNAPSHOT, readContent, readPack } from "../../content/index.ts";
import type { PackDefinition } from "../../content/index.ts";
import { createNormaliser } from "../../pipeline/index.ts";
import { writeLine } from "../io.ts";
import type { CommandIo, ExitStatus } from "../io.ts";
import { linesOf } from "../log-lines.ts";
import { draftPack } from "./draft-pack.ts";
import type { PackDraft, SampleLine } from "./draft-pack.ts";

export interface NewPackOptions {
  /** `vendor-product`, or one word where both have the same name. */
  readonly name: string;
  /** A file of the product's lines. */
  readonly from: string;
  /** Folder of packs that the new one is put into. */
  readonly packs: string;
  readonly now: () => Micros;
}

const NAME = /^[a-z0-9]+(?:-[a-z0-9]+){0,4}$/;
/** Control characters but the tab and the escape of colours, and what is no UTF-8. */
const NO_TEXT = /[\u0000-\u0008\u000b\u000c\u000e-\u001a\u001c-\u001f\ufffd]/;
const MAX_LINES = 5_000;
const LEAST_LINES = 5;

/** Drafts a pack from a file of lines, checks that it loads and reads them, and says what is left to do. */
export async function newPackCommand(options: NewPackOptions, io: CommandIo): Promise<ExitStatus> {
  const folder = join(options.packs, options.name);
  if (!NAME.test(options.name))
    throw new TytoError("bad-request", `"${options.name}" is no name of a pack`, {
      hint: "vendor-product in lower case (acme-gate), or one word where both have one name (okta)",
    });
  if (existsSync(folder))
    throw new TytoError("conflict", `${folder} is there already`, {
      hint: "choose another name, or remove it first",
    });
  if (!existsSync(options.from))
    throw new TytoError("not-found", `there is no file ${options.from}`, {
      hint: "give the file with --from",
    });
  const { lines, leftOut } = await sampleLines(options);
  if (lines.length < LEAST_LINES)
    throw new TytoError(
      "bad-request",
      `${options.from} has ${lines.length} lines; a pack needs ${LEAST_LINES} at least`,
      { hint: "collect some more of them" },
    );
  if (lines.filter(({ raw }) => NO_TEXT.test(raw)).length * 10 > lines.length)
    throw new TytoError("bad-request", `${options.from} holds no lines of text`, {
      hint: "a compressed or binary file must be turned into lines first",
    });
  const draft = draftPack(options.name, lines);
  const pack = await load(options.name, draft, io);
  if (pack === undefined) return 1;
  const known = await claimed(pack, lines, options);
  for (const [path, text] of draft.files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  if (leftOut > 0)
    await writeLine(io.stderr, `${leftOut} lines were left out: they are longer or deeper than Tyto takes.`);
  await report(options, draft, known, lines.length, io);
  return 0;
}

/** Lines without their syslog headers, as a pack would see them. */
async function sampleLines({
  from,
  now,
}: NewPackOptions): Promise<{ readonly lines: readonly SampleLine[]; readonly leftOut: number }> {
  const normaliser = createNormaliser({ snapshot: EMPTY_SNAPSHOT });
  const lines: SampleLine[] = [];
  let leftOut = 0;
  for await (const bytes of linesOf(createReadStream(from))) {
    if (bytes.length === 0) continue;
    const [outcome] = normaliser.normalise([recordOf(bytes, lines.length, now())]);
    if (outcome?.kind === "event") {
      const { fields } = outcome.event;
      const [message, program] = [fields["message"], fields["log.syslog.appname"]];
      const raw = bytes.toString("utf8");
      lines.push({
        raw,
        message: typeof message === "string" ? message : raw,
        program: typeof program === "string" ? program : undefined,
      });
    } else leftOut++;
    if (lines.length >= MAX_LINES) break;
  }
  return { lines, leftOut };
}

function recordOf(bytes: Uint8Array, ordinal: number, receivedAt: Micros) {
  return {
    sequence: sequence(ordinal + 1),
    origin: originId("00000000000000aa"),
    ordinal,
    source: sourceId("00000000000000bb"),
    receivedAt,
    bytes,
  };
}

/** A draft that does not load would be our fault: it is shown, and nothing is written. */
async function load(name: string, draft: PackDraft, io: CommandIo): Promise<PackDefinition | undefined> {
  const manifest = { path: `${name}/pack.yml`, text: draft.files.get("pack.yml") ?? "" };
  const reading = readPack({ id: name, manifest, parsers: [], tables: [] });
  // Parsers of other packs are found when all are loaded together.
  const errors = reading.diagnostics.filter(({ severity }) => severity === "error");
  for (const diagnostic of errors) await writeLine(io.stderr, formatDiagnostic(diagnostic));
  return reading.pack;
}

/** How many of the lines the new pack reads when it stands among the others. */
async function claimed(
  pack: PackDefinition,
  lines: readonly SampleLine[],
  { packs, now }: NewPackOptions,
): Promise<number> {
  const snapshot = await readContent([packs]);
  const normaliser = createNormaliser({ snapshot: { ...snapshot, packs: [...snapshot.packs, pack] } });
  const encoder = new TextEncoder();
  return normaliser
    .normalise(lines.map(({ raw }, n) => recordOf(encoder.encode(raw), n, now())))
    .filter((outcome) => outcome.kind === "event" && outcome.event.pack.startsWith(`${pack.id}/`)).length;
}

async function report(
  { name, packs }: NewPackOptions,
  draft: PackDraft,
  known: number,
  total: number,
  io: CommandIo,
): Promise<void> {
  const folder = join(packs, name);
  const said = [
    `${folder} is drafted from ${total} lines (${draft.format}); it knows ${known} of them.`,
    ...draft.shapes.map(
      ({ shape, count }) => `  ${String(count).padStart(6)}  ${shape.slice(0, 110).replace(/\p{Cc}/gu, "�")}`,
    ),
    "Next:",
    `  1. Read ${join(folder, "pack.yml")}: rename fields, check the guesses, say what the events mean.`,
    `  2. ${join(folder, "cases", "sample.raw")} holds lines of yours. Replace names and addresses before you share the pack.`,
    `  3. npx tyto parse ${join(folder, "cases", "sample.raw")}   shows what they become.`,
    `  4. Write ${join(folder, "README.md")}: what the pack reads, how to send it, which fields it fills.`,
    "  5. docs/guides/add-a-source.md tells the rest.",
  ];
  for (const line of said) await writeLine(io.stdout, line);
}
