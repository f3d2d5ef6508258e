import { TytoError } from "@tyto/domain";
import type { EngineClient } from "./engine-client.ts";

const POLL_MS = 50;

/**
 * Deletes rows and waits until they are gone, without holding the writing session, which ingestion needs. The engine keeps the text of the
 * condition: it must name identities and nothing of what the rows say.
 */
export async function deleteRows(client: EngineClient, table: string, condition: string): Promise<void> {
  await client.command({ sql: `ALTER TABLE ${table} DELETE WHERE ${condition}`, lane: "write" });
  for (;;) {
    const { data } = await client.rows({
      sql: `SELECT count(), countIf(latest_fail_reason != '') FROM system.mutations
        WHERE database = currentDatabase() AND table = {p0:String} AND NOT is_done`,
      params: { p0: table },
    });
    const [waiting, failed] = (data[0] ?? []).map(Number);
    if (waiting === 0) return;
    if ((failed ?? 0) > 0) throw new TytoError("store-failed", `rows of ${table} could not be deleted yet`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
