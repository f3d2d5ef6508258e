import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { microsFromMilliseconds } from "@tyto/domain";
import { afterAll, describe, expect, it, vi } from "vitest";
import { ipDatabaseFile } from "../pipeline/testing/ip-database-file.ts";
import { createTelemetry } from "../telemetry/index.ts";
import { openEnrichment, watchIpDatabases } from "./enrichment.ts";

const folder = mkdtempSync(join(tmpdir(), "tyto-enrichment-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe("what enrichment reads", () => {
  it("is nothing where nothing is named", async () => {
    expect(await openEnrichment({})).toEqual({});
  });

  it("stops the start, with the file's name, when it is missing", async () => {
    const geo = join(folder, "nowhere.mmdb");
    await expect(openEnrichment({ geo })).rejects.toThrow(geo);
  });

  it("is read again when the file was replaced", async () => {
    const path = join(folder, "asn.mmdb");
    writeFileSync(path, ipDatabaseFile({ "192.0.2.0/24": { autonomous_system_number: 64_500 } }));
    const enrichment = await openEnrichment({ asn: path });
    const log = createTelemetry({
      stream: new PassThrough().resume(),
      level: "info",
      now: () => microsFromMilliseconds(0),
    }).log;
    const stop = watchIpDatabases(enrichment, { log, lookMs: 20 });
    const next = ipDatabaseFile({ "192.0.2.0/24": { autonomous_system_number: 64_501 } });
    await vi.waitFor(
      () => {
        // Written each time: the first look may come after the first write, and then sees no change.
        writeFileSync(path, next);
        expect(enrichment.asn?.lookup("192.0.2.1")).toMatchObject({ autonomous_system_number: 64_501 });
      },
      { timeout: 5_000, interval: 50 },
    );
    stop();
  });
});
