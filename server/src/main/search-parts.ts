import { RoleBook } from "../api/index.ts";
import type { Parts } from "../main.ts";
import { createQueryFrontend } from "../query/index.ts";
import type { QueryFrontend } from "../query/index.ts";
import { ACCESS_AUDIT, AuditFile, AuditLog, ExportFolder } from "../storage/index.ts";
import { Exports } from "./exports.ts";
import { ScheduledSearches } from "./scheduled-searches.ts";

export interface SearchParts {
  readonly query: QueryFrontend;
  readonly audit: AuditLog;
  readonly roles: RoleBook;
  readonly exports: Exports;
  readonly scheduled: ScheduledSearches;
}

const DUE_EVERY_MS = 15_000;
const EXPIRE_EVERY_MS = 60 * 60_000;

/** Everything that asks the engine on behalf of people, and goes on asking when nobody looks. */
export async function openSearchParts({
  config,
  world,
  stored,
  telemetry,
  undo,
}: Parts): Promise<SearchParts> {
  const { control, engine } = stored;
  const log = telemetry.log.of("search");
  const query = createQueryFrontend({ kqlWorkerPath: world.paths.kqlWorker });
  undo.push(() => query.close());
  const key = stored.keys?.bundle;
  const seal = key === undefined ? undefined : { key, random: world.randomBytes };
  const looks = new AuditFile(config.dataDirectory, world.now, { name: ACCESS_AUDIT, seal });
  const audit = new AuditLog({ changes: stored.audit, looks });
  const roles = await RoleBook.open({ control, query, now: world.now });
  const accessOf = (actor: string) => roles.accessOf(actor);
  const shared = { searches: control.searches, queries: engine.queries, query, accessOf, now: world.now };
  const exports = await Exports.open({
    ...shared,
    audit,
    folder: new ExportFolder(config.dataDirectory, seal),
    randomBytes: world.randomBytes,
    onProblem: (error) => log.warn("an export failed", { error }),
  });
  undo.push(() => exports.stop());
  const scheduled = new ScheduledSearches({
    ...shared,
    onProblem: (search, error) => log.warn("a scheduled search failed", { search: search.id, error }),
  });
  undo.push(() => scheduled.stop());
  const every = (milliseconds: number, work: () => Promise<void>): void => {
    const run = (): void =>
      void work().catch((error: unknown) => log.warn("work of searches failed; tried again", { error }));
    const timer = setInterval(run, milliseconds).unref();
    undo.push(() => Promise.resolve(clearInterval(timer)));
  };
  every(DUE_EVERY_MS, () => scheduled.tick());
  every(EXPIRE_EVERY_MS, () => exports.expire());
  return { query, audit, roles, exports, scheduled };
}
