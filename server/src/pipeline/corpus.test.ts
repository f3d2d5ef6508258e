/** Every pack over the lines of others, when the corpus is beside the repository: nothing that ECS forbids comes out. */
import { createReadStream, existsSync } from "node:fs";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { createGunzip } from "node:zlib";
import { describe, expect, it } from "vitest";
import { readContent } from "../content/index.ts";
import { ecsComplaints } from "./ecs-validator.ts";
import { createNormaliser } from "./normaliser.ts";
import { testRecord } from "./testing/records.ts";

const PACKS = resolve(import.meta.dirname, "../../../packs");
const CASES = resolve(import.meta.dirname, "../../../../shared/corpus/normalization/dev.jsonl.gz");

interface Case {
  readonly id: string;
  readonly raw: string;
  readonly product: string;
  readonly dataset?: string;
}

async function* cases(): AsyncGenerator<Case> {
  const lines = createInterface({ input: createReadStream(CASES).pipe(createGunzip()), crlfDelay: Infinity });
  for await (const line of lines) if (line !== "") yield JSON.parse(line) as Case;
}

describe.skipIf(!existsSync(CASES))("the packs (skipped without ../shared/corpus/normalization)", () => {
  it("make one event or one counted refusal of every line, and none that ECS forbids", async () => {
    const snapshot = await readContent([PACKS]);
    const namespaces = snapshot.packs.flatMap((pack) => pack.namespaces);
    const normaliser = createNormaliser({ snapshot });
    const complaints = new Map<string, string>();
    let events = 0;
    for await (const { id, raw, product, dataset } of cases()) {
      const pack = dataset === undefined ? product : `${product}/${dataset}`;
      const [outcome] = normaliser.normalise([testRecord(raw, { pack })]);
      if (outcome?.kind !== "event") continue;
      events += 1;
      for (const complaint of ecsComplaints(outcome.event.fields, namespaces)) {
        complaints.set(`${outcome.event.pack}: ${complaint}`, id);
      }
    }
    expect(events).toBeGreaterThan(15_000);
    expect([...complaints].map(([complaint, id]) => `${complaint} (${id})`)).toEqual([]);
  }, 120_000);
});
