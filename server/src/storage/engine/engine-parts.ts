import { TytoError } from "@tyto/domain";
import type { EngineClient } from "./engine-client.ts";

/** A part whose files are not what the engine wrote down about them. */
export interface BrokenPart {
  readonly table: string;
  readonly part: string;
  /** The engine's own words, shortened. */
  readonly message: string;
}

/** A part that the engine has set aside in `detached/`: nothing reads it. */
export interface DetachedPart {
  readonly table: string;
  readonly part: string;
  /** `broken-on-start` and the like. */
  readonly reason: string;
}

const MESSAGE_LENGTH = 300;

/**
 * Looks after the engine's files. A `write` that fails can go unnoticed there (seen with strace: the insert is answered, and the file has
 * no bytes); then the part is in the engine's memory and not on the disk. So each part is read once after it was written.
 */
export class EngineParts {
  readonly #client: EngineClient;
  /** `undefined` until the first look. */
  #checked: ReadonlySet<string> | undefined;

  constructor(client: EngineClient) {
    this.#client = client;
  }

  /**
   * Reads the parts that are new since the last call; at the first one those of the last half hour, since what older ones were made from is
   * gone. @returns those that are broken, and will be looked at again.
   */
  async check(): Promise<readonly BrokenPart[]> {
    const active = await this.#active();
    const known = this.#checked ?? new Set(active.filter(({ isOld }) => isOld).map(nameOf));
    const checked = new Set(active.map(nameOf).filter((name) => known.has(name)));
    const broken: BrokenPart[] = [];
    for (const one of active) {
      if (checked.has(nameOf(one))) continue;
      const found = await this.#look(one);
      if (found === undefined) checked.add(nameOf(one));
      else broken.push(found);
    }
    this.#checked = checked;
    if (broken.length === 0) return [];
    // One that was merged away meanwhile could not be read for that reason.
    const still = new Set((await this.#active()).map(nameOf));
    return broken.filter((one) => still.has(nameOf(one)));
  }

  /** A row could not be read: whatever was sound is looked at again. */
  doubt(): void {
    this.#checked = undefined;
  }

  async detached(): Promise<readonly DetachedPart[]> {
    const { data } = await this.#client.rows({
      sql: "SELECT table, name, reason FROM system.detached_parts WHERE database = currentDatabase() ORDER BY table, name",
    });
    return data.map(([table, part, reason]) => ({
      table: String(table),
      part: String(part),
      reason: String(reason),
    }));
  }

  async #active(): Promise<readonly (Omit<BrokenPart, "message"> & { readonly isOld: boolean })[]> {
    const { data } = await this.#client.rows({
      sql: "SELECT table, name, modification_time < now() - INTERVAL 30 MINUTE FROM system.parts WHERE database = currentDatabase() AND active ORDER BY modification_time DESC, name",
    });
    return data.map(([table, part, isOld]) => ({
      table: String(table),
      part: String(part),
      isOld: Number(isOld) === 1,
    }));
  }

  async #look({ table, part }: Omit<BrokenPart, "message">): Promise<BrokenPart | undefined> {
    if (!/^\w+$/.test(table) || !/^\w+$/.test(part))
      throw new Error(`invariant broken: ${table}, ${part} is no part`);
    try {
      const { data } = await this.#client.rows({
        sql: `CHECK TABLE ${table} PART '${part}' SETTINGS check_query_single_value_result = 0`,
      });
      const failed = data.find(([, isPassed]) => Number(isPassed) !== 1);
      return failed === undefined ? undefined : { table, part, message: short(String(failed[2])) };
    } catch (error) {
      if (!(error instanceof TytoError) || error.code !== "engine-rejected") throw error;
      return { table, part, message: short(error.message) };
    }
  }
}

function nameOf({ table, part }: Omit<BrokenPart, "message">): string {
  return `${table} ${part}`;
}

function short(message: string): string {
  return message.slice(0, MESSAGE_LENGTH);
}
