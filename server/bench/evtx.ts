/**
 * Windows event log files → events and → XML on one core, beside `@ts-evtx/core` of npm: from a file's path to its last record.
 *
 *     cd "$(mktemp -d)" && npm install @ts-evtx/core && pwd
 *     npm run bench -- evtx [that folder/node_modules/@ts-evtx/core]
 *
 * Without the package it measures this reader alone. Both read the same files in the same process, turn about, by the processor time of
 * that process (collecting garbage included); after a round that warms up, the best of each counts. Then their XML is compared, value
 * by value.
 *
 * On 2 × AMD EPYC (shared with other work), Node 20.20, medians of five runs: 5,124 records of 247 files (SigmaHQ's regression set and
 * attack recordings, 35 MB) as events 98,600 a processor second beside 7,900 (11.8 to 13.4 times), as XML 82,500 beside 11,800 (5.4 to
 * 7.6 times).
 * Of the records, the other renders 732 as an empty event. Of the rest, all 113,000 values are equal but for the forms that
 * `evtx-values.ts` names. Most files are small, with one template for every few records and much blank room: both are part of the figure.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { evtxFieldsReader, evtxXmlReader } from "../src/evtx/index.ts";
import type { EvtxReader } from "../src/evtx/index.ts";
import { difference, valuesOf } from "./evtx-values.ts";
import type { Difference } from "./evtx-values.ts";
import { machine } from "./process-cost.ts";

const TURNS = 2;
const ROUNDS = 4;
/** Beside the repository, or beside the folder that it is one worktree of. */
const CORPUS = ["../../../shared/corpus", "../../../../shared/corpus"]
  .map((folder) => resolve(import.meta.dirname, folder))
  .find((folder) => existsSync(folder));

/** What is asked of the other reader. */
interface Peer {
  readonly EvtxFile: {
    openSync(path: string): { records(): Iterable<{ recordNum(): bigint; renderXml(): string }> };
  };
  parseResolvedEvents(
    path: string,
    options: { readonly includeDataItems: "full" },
  ): Promise<readonly object[]>;
}

/** Each answers with the number of records. */
interface Trials {
  readonly events: (path: string) => number | Promise<number>;
  readonly xml: (path: string) => number;
}

const OURS: Trials = {
  events: (path) => readAll(evtxFieldsReader(path), path).length,
  xml: (path) => readAll(evtxXmlReader(path), path).length,
};

function readAll<Content>(reader: EvtxReader<Content>, path: string) {
  return [...reader.push(readFileSync(path)), ...reader.end()];
}

function trialsOf(peer: Peer): Trials {
  return {
    events: async (path) => (await peer.parseResolvedEvents(path, { includeDataItems: "full" })).length,
    xml: (path) => Array.from(peer.EvtxFile.openSync(path).records(), (record) => record.renderXml()).length,
  };
}

function isPeer(found: unknown): found is Peer {
  return typeof found === "object" && found !== null && "EvtxFile" in found && "parseResolvedEvents" in found;
}

async function load(path: string): Promise<Peer> {
  const found: unknown = await import(pathToFileURL(resolve(path, "dist/index.js")).href);
  if (!isPeer(found)) throw new Error(`${path} is not @ts-evtx/core`);
  return found;
}

class Best {
  perCpuSecond = 0;
  records = 0;

  async take(trial: Trials[keyof Trials], files: readonly string[]): Promise<void> {
    const before = process.cpuUsage();
    this.records = 0;
    for (const path of files) this.records += await trial(path);
    const { user, system } = process.cpuUsage(before);
    this.perCpuSecond = Math.max(this.perCpuSecond, Math.round((this.records / (user + system)) * 1_000_000));
  }
}

async function measure(trials: readonly Trials[], kind: keyof Trials, files: readonly string[]) {
  const bests = trials.map(() => new Best());
  for (const trial of trials) await new Best().take(trial[kind], files);
  // Several rounds at a time: the first still has to clear away what the other left.
  for (let turn = 0; turn < TURNS; turn += 1)
    for (const [i, trial] of trials.entries())
      for (let round = 0; round < ROUNDS; round += 1) await bests[i]?.take(trial[kind], files);
  return bests;
}

/** Values by how they differ, and records of which the other renders nothing. */
function compare(peer: Peer, files: readonly string[]) {
  const counts: Partial<Record<Difference, number>> = {};
  let notRendered = 0;
  for (const path of files) {
    const ours = new Map(readAll(evtxXmlReader(path), path).map(({ id, content }) => [id, content]));
    for (const record of peer.EvtxFile.openSync(path).records()) {
      const theirs = valuesOf(record.renderXml());
      if (theirs.size === 0) notRendered += 1;
      if (theirs.size === 0) continue;
      const mine = valuesOf(ours.get(Number(record.recordNum())) ?? "");
      for (const place of new Set([...mine.keys(), ...theirs.keys()])) {
        const kind = difference(mine.get(place), theirs.get(place));
        counts[kind] = (counts[kind] ?? 0) + 1;
        if (kind === "another value" || kind === "only theirs")
          console.log(
            `${path}, record ${record.recordNum()}, ${place}`,
            JSON.stringify([mine.get(place), theirs.get(place)]),
          );
      }
    }
  }
  return { values: counts, recordsThatTheyDoNotRender: notRendered };
}

if (CORPUS === undefined) throw new Error("there is no ../shared/corpus with event log files");
const files = ["sigma/regression", "attacks/evtx"].flatMap((folder) =>
  readdirSync(join(CORPUS, folder))
    .filter((name) => name.endsWith(".evtx"))
    .map((name) => join(CORPUS, folder, name)),
);
const [peerPath] = process.argv.slice(2);
const peer = peerPath === undefined ? undefined : await load(peerPath);
const trials = peer === undefined ? [OURS] : [OURS, trialsOf(peer)];
console.log(`${files.length} files; ${machine()}`);
for (const kind of ["events", "xml"] as const) {
  const [ours, theirs] = await measure(trials, kind, files);
  console.log(`${kind}: ${ours?.records} records, ${ours?.perCpuSecond} per processor second`);
  if (ours !== undefined && theirs !== undefined) {
    const ratio = (ours.perCpuSecond / theirs.perCpuSecond).toFixed(1);
    console.log(`  theirs: ${theirs.records} records, ${theirs.perCpuSecond}; ratio ${ratio}`);
  }
}
if (peer !== undefined) console.log(compare(peer, files));
