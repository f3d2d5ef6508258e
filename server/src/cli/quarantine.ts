import type { QuarantineList, ReplayJob } from "@tyto/domain";
import type { Client } from "./client.ts";
import { printable, writeLine } from "./io.ts";
import type { CommandIo, ExitStatus } from "./io.ts";
import { watched } from "./reparse.ts";
import { tableLines } from "./table-lines.ts";
import { queryOf } from "./unknown.ts";

export interface QuarantineOptions {
  readonly reason?: string;
  readonly source?: string;
  readonly pack?: string;
  readonly limit?: number;
  readonly json: boolean;
}

const MAX_EXCERPT = 60;

/** `tyto quarantine list`: records that could not become events, and why. */
export async function quarantineListCommand(
  client: Client,
  { reason, source, pack, limit, json }: QuarantineOptions,
  io: CommandIo,
): Promise<ExitStatus> {
  const query = queryOf({ reason, source, pack, limit });
  const list = (await client.get(`/api/v1/quarantine${query}`)) as QuarantineList;
  if (json) {
    await writeLine(io.stdout, JSON.stringify(list));
    return 0;
  }
  if (list.items.length === 0) {
    await writeLine(io.stderr, "Nothing of that kind is quarantined.");
    return 0;
  }
  const counts = tableLines(
    ["records", "reason", "source", "pack"],
    list.counts.map((one) => [
      String(one.count),
      one.reason,
      printable(one.source),
      printable(one.pack ?? "-"),
    ]),
    [0],
  );
  const records = tableLines(
    ["id", "received", "reason", "bytes", "record"],
    list.items.map((record) => [
      record.id,
      record.ingested.slice(0, 19).replace("T", " "),
      record.reason,
      String(record.bytes),
      shortened(record.isText ? record.excerpt : record.hex),
    ]),
    [3],
  );
  for (const line of [...counts, "", ...records]) await writeLine(io.stdout, line);
  await writeLine(
    io.stderr,
    "When their pack is mended: npx tyto quarantine replay [--reason --source --pack --id]",
  );
  return 0;
}

/** `tyto quarantine replay`: puts them through the pipeline again. Status 1 when it did not come to its end. */
export async function quarantineReplayCommand(
  client: Client,
  { reason, source, pack, id, json }: QuarantineOptions & { readonly id?: readonly string[] },
  io: CommandIo,
): Promise<ExitStatus> {
  const body = {
    ...(reason === undefined ? {} : { reason }),
    ...(source === undefined ? {} : { source }),
    ...(pack === undefined ? {} : { pack }),
    ...(id === undefined || id.length === 0 ? {} : { ids: id }),
  };
  const started = (await client.post("/api/v1/quarantine/replay", body)) as ReplayJob;
  const job = await watched(started, io, async ({ id: jobId }) => {
    return (await client.get(`/api/v1/quarantine/replay/${jobId}`)) as ReplayJob;
  });
  const { lookedAt, stored, filtered, quarantined } = job.report;
  await writeLine(
    io.stdout,
    json
      ? JSON.stringify(job)
      : `${job.state}: ${lookedAt} records tried again, ${stored} are events now, ${filtered} are dropped by their pack, ${quarantined} stay in quarantine`,
  );
  if (job.problem !== null) await writeLine(io.stderr, printable(job.problem));
  return job.state === "done" ? 0 : 1;
}

function shortened(text: string): string {
  const line = printable(text.slice(0, 4 * MAX_EXCERPT).replace(/\s*\n\s*/g, " ⏎ "));
  return line.length > MAX_EXCERPT ? `${line.slice(0, MAX_EXCERPT - 1)}…` : line;
}
