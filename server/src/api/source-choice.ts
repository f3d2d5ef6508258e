import { TytoError } from "@tyto/domain";
import type { SourceId } from "@tyto/domain";
import type { SourceRecord } from "../storage/index.ts";

/** The sources that a person means: the one with this id, else all with this name. @throws TytoError `not-found`. */
export function chooseSources(all: readonly SourceRecord[], asked: string): readonly SourceId[] {
  const chosen = all.filter(({ id }) => id === asked);
  const found = chosen.length > 0 ? chosen : all.filter(({ name }) => name === asked);
  if (found.length > 0) return found.map(({ id }) => id);
  throw new TytoError("not-found", "There is no such source", {
    hint: "Give its id or its name, as `npx tyto ledger` has them.",
  });
}
