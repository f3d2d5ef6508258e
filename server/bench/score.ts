/**
 * Parses the corpus of others' events with and without the product given, and scores it by the corpus's own scorer, as it is and with
 * the waivers of `docs/reference/score-waivers.yml`.
 *   npm run score [-- --products a,b] [--corpus ../shared]
 */
import { spawnSync } from "node:child_process";
import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { PassThrough, Readable } from "node:stream";
import { finished } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { microsFromMilliseconds } from "@tyto/domain";
import { parseCommand } from "../src/cli/parse.ts";
import { readContent } from "../src/content/index.ts";
import type { PackDefinition } from "../src/content/index.ts";
import { readWaivers, waivedFields, withoutFields } from "./score-waivers.ts";
import type { Waiver } from "./score-waivers.ts";

interface Case {
  readonly id: string;
  readonly product: string;
  readonly dataset?: string;
  readonly expected: unknown;
}

interface Figures {
  readonly product?: string;
  readonly cases: number;
  readonly lost: number;
  readonly factRecall: number;
  readonly factPrecision: number;
  readonly inventedPerEvent: number;
  readonly actionRecall: number;
  readonly classRecall: number;
}

interface Score {
  readonly total: Figures;
  readonly rows: readonly Figures[];
}

/** What normalisation is held to; products with fewer cases than this are looked at together only. */
const BARS = { recall: 95, productRecall: 90, productCases: 20, precision: 98.5, invented: 0.1, classes: 92 };

const ROOT = resolve(import.meta.dirname, "../..");

async function main(): Promise<void> {
  const corpus = resolve(ROOT, optionOf("--corpus") ?? "../shared");
  const cases = join(corpus, "corpus/normalization/dev.jsonl.gz");
  const scorer = join(corpus, "tools/score-normalization.mjs");
  for (const path of [cases, scorer]) {
    if (existsSync(path)) continue;
    process.stderr.write(
      `there is no ${path}: the corpus is not part of this repository; --corpus names its folder\n`,
    );
    process.exitCode = 2;
    return;
  }
  const waivers = readWaivers(readFileSync(join(ROOT, "docs/reference/score-waivers.yml"), "utf8"));
  const { packs } = await readContent([join(ROOT, "packs")]);
  const all = await readCases(cases);
  const byProduct = packsByProduct(packs, new Set(all.map(({ product }) => product)));
  const products = optionOf("--products")?.split(",") ?? [...byProduct.keys()].sort();
  const folder = mkdtempSync(join(tmpdir(), "tyto-score-"));
  try {
    const run = new ScoreRun({ cases, scorer, waivers, products, folder, all });
    const given = await run.score("with the product", []);
    const recognised = await run.score("by recognition", ["--no-product"]);
    print(given, recognised, byProduct);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

interface RunOptions {
  readonly cases: string;
  readonly scorer: string;
  readonly waivers: readonly Waiver[];
  readonly products: readonly string[];
  readonly folder: string;
  readonly all: readonly Case[];
}

interface Scores {
  readonly plain: Score;
  readonly waived: Score;
}

class ScoreRun {
  readonly #options: RunOptions;
  readonly #waived: ReadonlyMap<string, ReadonlySet<string>>;
  readonly #waivedCases: string;

  constructor(options: RunOptions) {
    const { all, waivers, folder } = options;
    this.#options = options;
    this.#waived = new Map(all.map((one) => [one.id, waivedFields(waivers, one)]));
    this.#waivedCases = join(folder, "waived.jsonl");
  }

  async score(name: string, emitOptions: readonly string[]): Promise<Scores> {
    process.stderr.write(`parsing ${name}\n`);
    const { all, cases, folder } = this.#options;
    const predictions = join(folder, `${emitOptions.length}.ndjson`);
    const waivedPredictions = join(folder, `${emitOptions.length}-waived.ndjson`);
    await this.#parse(this.#child([cases, "--emit", ...emitOptions]), predictions);
    await writeLines(
      this.#waivedCases,
      all.map((one) => ({ ...one, expected: withoutFields(one.expected, this.#fieldsOf(one.id)) })),
    );
    // What is not expected any more must not count as invented either.
    await writeLines(
      waivedPredictions,
      readFileSync(predictions, "utf8")
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as { readonly id: string; readonly event: unknown })
        .map(({ id, event }) => ({ id, event: withoutFields(event, this.#fieldsOf(id)) })),
    );
    return {
      plain: this.#figures(cases, predictions),
      waived: this.#figures(this.#waivedCases, waivedPredictions),
    };
  }

  #fieldsOf(id: string): ReadonlySet<string> {
    return this.#waived.get(id) ?? new Set();
  }

  #figures(cases: string, predictions: string): Score {
    return JSON.parse(this.#child([cases, "--json"], predictions)) as Score;
  }

  #child(args: readonly string[], input?: string): string {
    const { scorer, products } = this.#options;
    const child = spawnSync(process.execPath, [scorer, ...args, "--products", products.join(",")], {
      encoding: "utf8",
      maxBuffer: 1024 * 1024 * 1024,
      stdio: [input === undefined ? "ignore" : openSync(input, "r"), "pipe", "inherit"],
    });
    if (child.status !== 0)
      throw new Error(`the scorer ended with ${child.status ?? child.signal ?? "nothing"}`);
    return child.stdout;
  }

  async #parse(emitted: string, output: string): Promise<void> {
    const stdout = createWriteStream(output);
    const stderr = new PassThrough().resume();
    await parseCommand(
      {
        packFolders: [join(ROOT, "packs")],
        files: [],
        mode: "cases",
        usesProduct: true,
        now: () => microsFromMilliseconds(Date.now()),
      },
      { stdin: Readable.from([Buffer.from(emitted)]), stdout, stderr },
    );
    stdout.end();
    await finished(stdout);
  }
}

async function readCases(file: string): Promise<readonly Case[]> {
  const cases: Case[] = [];
  const lines = createInterface({ input: createReadStream(file).pipe(createGunzip()), crlfDelay: Infinity });
  for await (const line of lines) if (line !== "") cases.push(JSON.parse(line) as Case);
  return cases;
}

async function writeLines(file: string, values: readonly unknown[]): Promise<void> {
  const stream = createWriteStream(file);
  for (const value of values) stream.write(`${JSON.stringify(value)}\n`);
  stream.end();
  await finished(stream);
}

/** Which packs of ours say that they read a product of the corpus: by the types that they declare. */
function packsByProduct(
  packs: readonly PackDefinition[],
  products: ReadonlySet<string>,
): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, Set<string>>();
  for (const pack of packs) {
    for (const type of pack.types.keys()) {
      const [product = ""] = type.split("/", 1);
      if (products.has(product)) found.set(product, (found.get(product) ?? new Set()).add(pack.id));
    }
  }
  return new Map([...found].map(([product, ids]) => [product, [...ids]]));
}

function print(given: Scores, recognised: Scores, byProduct: ReadonlyMap<string, readonly string[]>): void {
  const totals: readonly (readonly [string, Figures])[] = [
    ["product given", given.plain.total],
    ["product given, with waivers", given.waived.total],
    ["recognised", recognised.plain.total],
    ["recognised, with waivers", recognised.waived.total],
  ];
  const lines = [
    "all products together",
    ...totals.map(([name, figures]) => `  ${name.padEnd(30)}${inWords(figures)}`),
    "",
    "per product: as it is; fact recall, precision and class recall with waivers; fact recall by recognition; packs",
    ...[...given.plain.rows]
      .sort((a, b) => ((a.product ?? "") < (b.product ?? "") ? -1 : 1))
      .map((row) => {
        const waived = given.waived.rows.find(({ product }) => product === row.product);
        const found = recognised.plain.rows.find(({ product }) => product === row.product);
        const packs = byProduct.get(row.product ?? "")?.join(", ") ?? "none";
        const isLow = row.cases >= BARS.productCases && row.factRecall < BARS.productRecall;
        return `${isLow ? "!" : " "} ${(row.product ?? "").padEnd(34)}${inWords(row)} | ${percent(waived?.factRecall)} ${percent(waived?.factPrecision)} ${percent(waived?.classRecall)} | ${percent(found?.factRecall)} | ${packs}`;
      }),
    "",
    ...verdicts(given.plain, recognised.plain.total),
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}

function verdicts({ total, rows }: Score, recognised: Figures): readonly string[] {
  const low = rows.filter((row) => row.cases >= BARS.productCases && row.factRecall < BARS.productRecall);
  const checks: readonly (readonly [boolean, string])[] = [
    [total.lost === 0, `survival: ${total.lost} of ${total.cases} lost`],
    [total.factRecall >= BARS.recall, `fact recall ${total.factRecall} of ${BARS.recall} %`],
    [
      low.length === 0,
      `products below ${BARS.productRecall} % with ${BARS.productCases} cases: ${low.length}`,
    ],
    [total.factPrecision >= BARS.precision, `precision ${total.factPrecision} of ${BARS.precision} %`],
    [
      total.inventedPerEvent <= BARS.invented,
      `invented ${total.inventedPerEvent} of at most ${BARS.invented}`,
    ],
    [total.classRecall >= BARS.classes, `class recall ${total.classRecall} of ${BARS.classes} %`],
    [
      total.factRecall - recognised.factRecall <= 3,
      `recognition loses ${(total.factRecall - recognised.factRecall).toFixed(2)} of at most 3 points`,
    ],
  ];
  return checks.map(([isMet, text]) => `${isMet ? "met   " : "MISSED"} ${text}`);
}

function inWords(row: Figures): string {
  const figures = `${percent(row.factRecall)} ${percent(row.factPrecision)} ${row.inventedPerEvent.toFixed(3)} ${percent(row.classRecall)}`;
  return `${String(row.cases).padStart(6)} cases  facts/precision/invented/classes ${figures}`;
}

function percent(value: number | undefined): string {
  return (value ?? Number.NaN).toFixed(2).padStart(6);
}

function optionOf(name: string): string | undefined {
  const at = process.argv.indexOf(name);
  return at < 0 ? undefined : process.argv[at + 1];
}

await main();
