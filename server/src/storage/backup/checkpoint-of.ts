import type { Sequence } from "@tyto/domain";
import { openControlStore } from "../control/open-control-store.ts";

/** The checkpoint in a copy of a relational store. */
export async function checkpointOf(path: string, key: string | undefined): Promise<Sequence> {
  const control = await openControlStore({ path, key });
  try {
    return await control.checkpoint();
  } finally {
    await control.close();
  }
}
