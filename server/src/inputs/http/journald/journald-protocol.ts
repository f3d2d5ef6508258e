import { TytoError } from "@tyto/domain";
import type { RawBatch, SourceId } from "@tyto/domain";
import { journalOrigin } from "../../origin.ts";
import { admittedSender } from "../admission.ts";
import { inflatedStream } from "../body.ts";
import { refusalHeaders } from "../intake.ts";
import type { HttpIntake } from "../intake.ts";
import { headerOf, mediaTypeOf, textReply } from "../shipper.ts";
import type { SenderToken, ShipperProtocol, ShipperReply, ShipperRequest } from "../shipper.ts";
import { entryText, placeOf } from "./entry-text.ts";
import { BrokenExport, ExportReader } from "./export-reader.ts";

const MAX_FIELDS = 1_024;
const BATCH_RECORDS = 1_000;
const BATCH_BYTES = 1024 * 1024;

interface Kept {
  readonly bytes: Uint8Array;
  readonly journal: string;
  readonly number: number;
  readonly isCut: boolean;
}

/**
 * What systemd-journal-upload sends: one body may be a whole journal, so it is kept in batches while it comes and answered at its end. Each
 * entry has its place in its journal: what was kept before a body broke is not kept twice when it comes again.
 */
export function createJournaldProtocol(intake: HttpIntake): ShipperProtocol {
  async function take(request: ShipperRequest, sender: SenderToken): Promise<void> {
    const source = await intake.source(sender);
    const reader = new ExportReader({
      maxEntryBytes: intake.limits.maxRecordBytes * 4,
      maxFields: MAX_FIELDS,
    });
    const batch = new EntryBatch();
    const keep = async (isLast: boolean): Promise<void> => {
      if (isLast || batch.isFull) await batch.send(intake, source, request.peer);
    };
    // Bounded in each chunk and batch; the whole may be as long as a journal.
    const encoding = headerOf(request, "content-encoding");
    for await (const chunk of inflatedStream(request.body, encoding, intake.limits)) {
      const give = intake.hold(chunk.length * 2);
      try {
        for (const entry of reader.push(chunk)) {
          batch.add(entryText(entry), placeOf(entry), intake.limits.maxRecordBytes);
          await keep(false);
        }
      } finally {
        give();
      }
    }
    for (const entry of reader.end())
      batch.add(entryText(entry), placeOf(entry), intake.limits.maxRecordBytes);
    await keep(true);
  }

  return {
    kind: intake.kind,
    isBesideConsole: false,
    routes: [{ methods: ["POST"], path: "/upload" }],
    async handle(request) {
      try {
        // The uploader knows no headers: its token is the password in its address.
        const sender = await admittedSender(request, { allowsQueryTokens: false });
        if (mediaTypeOf(request) !== "application/vnd.fdo.journal") {
          return textReply(415, "Content-Type: application/vnd.fdo.journal is required.\n");
        }
        await take(request, sender);
        return textReply(202, "OK.\n");
      } catch (error) {
        if (error instanceof BrokenExport)
          return textReply(400, `${error.message}\n`, { connection: "close" });
        if (!(error instanceof TytoError)) throw error;
        return refusal(error);
      }
    },
    counts: () => intake.counts(),
  };
}

/** Entries on their way to the journal, of one source. */
class EntryBatch {
  #entries: Kept[] = [];
  #bytes = 0;

  get isFull(): boolean {
    return this.#entries.length >= BATCH_RECORDS || this.#bytes >= BATCH_BYTES;
  }

  add(
    text: string,
    place: { readonly journal: string; readonly number: number } | undefined,
    maxBytes: number,
  ): void {
    const bytes = Buffer.from(text);
    const isCut = bytes.length > maxBytes;
    const { journal, number } = place ?? { journal: "", number: 0 };
    this.#entries.push({
      bytes: isCut ? Buffer.from(bytes.subarray(0, maxBytes)) : bytes,
      journal,
      number,
      isCut,
    });
    this.#bytes += Math.min(bytes.length, maxBytes);
  }

  async send(intake: HttpIntake, source: SourceId, peer: string | undefined): Promise<void> {
    const entries = this.#entries;
    this.#entries = [];
    this.#bytes = 0;
    for (const run of runsOf(entries)) {
      const [first] = run;
      if (first === undefined) continue;
      await intake.append({
        source,
        records: run.map(({ bytes }) => bytes),
        identity: identityOf(source, first.journal, run),
        ...(first.isCut ? { fault: "oversize" } : {}),
        ...(peer === undefined ? {} : { peer }),
      });
    }
  }
}

function identityOf(source: SourceId, journal: string, run: readonly Kept[]): RawBatch["identity"] {
  if (journal === "") return { kind: "journal" };
  return {
    kind: "object",
    origin: journalOrigin(source, journal),
    ordinals: run.map(({ number }) => number),
  };
}

/** Entries that may go together: of one journal, in ascending order. */
function runsOf(entries: readonly Kept[]): readonly (readonly Kept[])[] {
  const runs: Kept[][] = [];
  for (const entry of entries) {
    const run = runs.at(-1);
    const last = run?.at(-1);
    const follows =
      last?.journal === entry.journal &&
      last.isCut === entry.isCut &&
      (entry.journal === "" || entry.number > last.number);
    if (run !== undefined && follows) run.push(entry);
    else runs.push([entry]);
  }
  return runs;
}

function refusal(error: TytoError): ShipperReply {
  const challenge = error.status === 401 ? { "www-authenticate": 'Basic realm="tyto"' } : {};
  return textReply(error.status, `${error.message}\n`, { ...refusalHeaders(error), ...challenge });
}
