import { join } from "node:path";
import { expect, test } from "vitest";
import { buildChild, killAfterLines } from "../journal/crash.fixture.ts";
import { temporaryDirectory } from "../journal/journal.fixture.ts";
import { crashAlert } from "./control-crash.commit.ts";
import { openTestStore } from "./control.fixture.ts";

const ROUNDS = process.env["TYTO_VERIFY"] === "1" ? 40 : 4;

test(
  "every acknowledged commit survives a kill -9, and each commit is there whole or not at all",
  { timeout: 300_000 },
  async () => {
    const script = await buildChild(new URL("./control-crash.child.ts", import.meta.url));
    const path = join(await temporaryDirectory(), "control.db");
    for (let round = 0; round < ROUNDS; round += 1) {
      const lines = await killAfterLines({ script, args: [path], lines: 20 + ((round * 37) % 150) });
      const store = await openTestStore(path);
      const checkpoint = await store.checkpoint();
      // One more may have become durable without being told.
      expect(checkpoint - Number(lines.at(-1))).toBeOneOf([0, 1]);
      expect(await store.accounts()).toMatchObject([
        { received: checkpoint, stored: checkpoint, lastEventAt: checkpoint },
      ]);
      expect(await store.detectionState()).toEqual([{ key: "number", value: `${checkpoint}`.repeat(50) }]);
      for (let number: number = checkpoint; number > checkpoint - 10; number -= 1) {
        const alert = crashAlert(number);
        expect(await store.alerts.byId(alert.id)).toEqual(alert);
        const holders = await store.alerts.list({ entity: `user ${number}` }, { sort: "count", limit: 10 });
        expect(holders.items.map(({ id }) => id)).toEqual([alert.id]);
      }
      await store.close();
    }
  },
);
