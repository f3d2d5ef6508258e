import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { TytoError } from "@tyto/domain";
import type { Export, ExportFormat } from "@tyto/domain";
import type { Client } from "./client.ts";
import { printable, writeLine } from "./io.ts";
import type { CommandIo, ExitStatus } from "./io.ts";

export interface ExportOptions {
  /** A search in the search bar's words, or with `kql` in KQL. */
  readonly query: string;
  readonly kql: boolean;
  readonly from?: string;
  readonly to?: string;
  readonly format: ExportFormat;
  /** Fields, separated by commas. */
  readonly columns?: string;
  /** The file to write. */
  readonly output: string;
  /** Leaves the server's copy where it is. */
  readonly keep: boolean;
}

const POLL_MS = 500;
const SAID_EVERY_MS = 5_000;

/** `tyto export`: every row of a search in a file, checked against the digest that the server made. */
export async function exportCommand(
  client: Client,
  { query, kql, from, to, format, columns, output, keep }: ExportOptions,
  io: CommandIo,
): Promise<ExitStatus> {
  const begun = (await client.post("/api/v1/exports", {
    ...(kql ? { kql: query } : { text: query }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    format,
    ...(columns === undefined ? {} : { columns: namesIn(columns) }),
  })) as Export;
  const done = await watched(client, begun, io);
  if (done.state !== "done") {
    await writeLine(
      io.stderr,
      `${done.state}: ${printable(done.problem ?? "the export did not come to its end")}`,
    );
    return 1;
  }
  const digest = await save(client, done, output);
  if (!keep) await client.delete(`/api/v1/exports/${done.id}`);
  await writeLine(
    io.stdout,
    `${done.rows} rows, ${done.bytes} bytes, sha-256 ${digest}: ${printable(output)}`,
  );
  return 0;
}

async function watched(client: Client, begun: Export, { stderr }: CommandIo): Promise<Export> {
  let job = begun;
  let saidMs = performance.now();
  while (job.state === "running") {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    job = (await client.get(`/api/v1/exports/${job.id}`)) as Export;
    if (performance.now() - saidMs < SAID_EVERY_MS) continue;
    saidMs = performance.now();
    await writeLine(stderr, `${job.rows}${job.total === null ? "" : ` of ${job.total}`} rows`);
  }
  return job;
}

/** Under another name until it is whole and right. @throws TytoError */
async function save(client: Client, { id, sha256 }: Export, output: string): Promise<string> {
  const draft = `${output}.part`;
  const hash = createHash("sha256");
  try {
    const body = await client.stream(`/api/v1/exports/${id}/file`);
    await pipeline(
      body,
      async function* (chunks: AsyncIterable<Uint8Array>) {
        for await (const chunk of chunks) {
          hash.update(chunk);
          yield chunk;
        }
      },
      createWriteStream(draft, { mode: 0o600 }),
    );
    const digest = hash.digest("hex");
    if (digest !== sha256)
      throw new TytoError("bundle-damaged", "The file did not arrive as the server wrote it", {
        hint: "Export again.",
      });
    await rename(draft, output);
    return digest;
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

function namesIn(columns: string): readonly string[] {
  const names = columns.split(",").map((name) => name.trim());
  if (names.includes("")) {
    throw new TytoError("bad-request", `--columns ${columns}: a name is missing`, {
      hint: "Separate fields by single commas, for example timestamp,source.ip,user.name.",
    });
  }
  return names;
}
