import { open } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { MICROS_PER_MILLISECOND } from "@tyto/domain";
import { pulledOrigin } from "../origin.ts";
import type { PullContext } from "../pull/ports.ts";
import { cutRecords } from "./cut-records.ts";
import { headerBefore, readAt } from "./file-bytes.ts";
import { findFiles, foundFile, isRotationOf, problemOf, rotatedBeside } from "./find-files.ts";
import type { FoundFile } from "./find-files.ts";
import { FollowedList } from "./followed-list.ts";
import { bears, MARK_BYTES, markOf, marksAfter, NO_MARK } from "./mark.ts";
import { isSameNode, readTailState } from "./tail-state.ts";
import type { FileNode, Followed } from "./tail-state.ts";
import { readZipped } from "./zipped-file.ts";

const LF = 0x0a;

export interface FollowOptions {
  readonly paths: readonly string[];
  readonly exclude: readonly string[];
  readonly from: "end" | "beginning";
  readonly isStart: ((line: Uint8Array) => boolean) | undefined;
  readonly limits: FollowLimits;
}

export interface FollowLimits {
  readonly maxRecordBytes: number;
  /** Of one file at a time: more than two records. */
  readonly readBytes: number;
  /** A record of several lines is whole when nothing has followed for so long. */
  readonly flushMs: number;
  /** A file that was moved away is over when nothing has followed for so long. */
  readonly movedMs: number;
  /** A zipped file that is broken may still be being written for so long. */
  readonly zippingMs: number;
  /** Files that are over are remembered for so long, so that zipped copies of them are known. */
  readonly rememberMs: number;
}

/** What is known of a file beside its state, and lost with the process. */
interface Seen {
  readonly firstAt: number;
  size: number;
  modifiedMs: number;
  /** When it last grew. */
  grewAt: number;
  /** The last look left something behind. */
  hasMore: boolean;
}

type Context = Pick<PullContext<"file">, "id" | "deliver" | "commit" | "skipped" | "signal" | "cursor"> & {
  readonly world: Pick<PullContext<"file">["world"], "now" | "dataDirectory">;
};

/** Of files beside one that was truncated: unzipping many costs more than the few lines are worth. */
const MAX_ZIPPED_COPIES = 3;

/**
 * Follows files by what they are (device, inode, first bytes), not by how they are called. A file's identity and every cut of its last
 * line are written down before the first record goes out under them; places in it after its records are durable.
 */
export class FollowFiles {
  readonly #options: FollowOptions;
  readonly #context: Context;
  readonly #files: FollowedList;
  readonly #open = new Map<string, FileHandle>();
  readonly #seen = new Map<string, Seen>();

  constructor(options: FollowOptions, context: Context) {
    this.#options = options;
    this.#context = context;
    this.#files = new FollowedList(readTailState(context.cursor), (cursor) => context.commit(cursor));
  }

  /** One look at everything. @returns what could not be read, and whether there is more to read at once. */
  async scan(): Promise<{ readonly problems: readonly string[]; readonly hasMore: boolean }> {
    const { paths, exclude, from, limits } = this.#options;
    const { files: found, problems } = await findFiles(paths, exclude, this.#context.world.dataDirectory);
    const troubles = [...problems];
    const isFirst = !this.#files.hasLooked;
    const zipped = found.filter(({ path }) => path.endsWith(".gz"));
    for (const file of found) if (!zipped.includes(file)) await this.#discover(file, isFirst, troubles);
    this.#files.looked();
    await this.#files.save();
    let hasMore = false;
    for (const file of this.#files.all) {
      if (file.doneAt !== undefined) continue;
      this.#context.signal.throwIfAborted();
      const at = found.find((one) => isSameNode(one, file));
      const isLeft = await this.#follow(file, at, troubles);
      hasMore ||= isLeft;
    }
    for (const file of zipped) {
      this.#context.signal.throwIfAborted();
      await this.#unzip(file, isFirst && from === "end", troubles);
    }
    this.#files.forget(this.#nowMs() - limits.rememberMs);
    await this.#files.save();
    this.#forgetUnseen(found);
    return { problems: troubles, hasMore };
  }

  async close(): Promise<void> {
    for (const handle of this.#open.values()) await handle.close().catch(() => undefined);
    this.#open.clear();
  }

  // ------------------------------------------------------------------------------------------------------------ discovery

  /** Takes up a file that is seen for the first time, or whose node has been given to another one. */
  async #discover(found: FoundFile, isFirst: boolean, troubles: string[]): Promise<void> {
    const known = this.#files.of(found);
    if (known !== undefined && known.doneAt === undefined) return;
    const seen = this.#seenOf(found);
    if (known !== undefined && isUnchanged(seen, found)) return;
    let handle: FileHandle;
    try {
      handle = await open(found.path, "r");
    } catch (error) {
      troubles.push(problemOf(found.path, error));
      return;
    }
    try {
      if (known !== undefined && (await this.#revive(known, found, handle))) return;
      const original = await this.#originalOf(found, handle, seen);
      if (original === "unclear") return;
      // Its node was another file's, which is over.
      if (known !== undefined) this.#files.bury(known, this.#nowMs());
      const fromEnd = isFirst && this.#options.from === "end";
      // A copy has the same text under the same identity, so what was read of the original is not read again.
      this.#files.put(
        original === undefined
          ? await this.#fresh(found, handle, fromEnd)
          : { ...original, ...nodeOf(found) },
      );
    } finally {
      await handle.close();
    }
  }

  /** A file that was over has changed. @returns whether it is still that file. */
  async #revive(known: Followed, found: FoundFile, handle: FileHandle): Promise<boolean> {
    if (found.size < known.offset || !(await isStill(handle, known))) return false;
    if (found.size > known.offset) this.#files.put({ ...known, doneAt: undefined });
    else Object.assign(this.#seenOf(found), { size: found.size, modifiedMs: found.modifiedMs });
    return true;
  }

  /** The followed file that this one was copied from (copytruncate); `unclear` while the copy may still be being made. */
  async #originalOf(
    found: FoundFile,
    handle: FileHandle,
    seen: Seen,
  ): Promise<Followed | "unclear" | undefined> {
    const isNew = this.#nowMs() - seen.firstAt < this.#options.limits.movedMs;
    for (const file of this.#files.all) {
      if (file.head.length === 0 || !isRotationOf(found.path, file.path)) continue;
      const head = await readAt(handle, 0, file.head.length);
      const isBegun = bears(head, file.head);
      if (found.size >= file.offset && isBegun && (await isStill(handle, file)))
        return { ...file, doneAt: undefined };
      const mayBecome = found.size < file.offset && (head.length < file.head.length || isBegun);
      if (mayBecome && isNew && file.doneAt === undefined) return "unclear";
    }
    return undefined;
  }

  async #fresh(found: FoundFile, handle: FileHandle, fromEnd: boolean): Promise<Followed> {
    const { path, size } = found;
    const base = { path, ...nodeOf(found), life: 0, origin: this.#originOf(found, 0) };
    if (!fromEnd || size === 0) return { ...base, offset: 0, head: NO_MARK, tail: NO_MARK };
    const tail = await readAt(handle, Math.max(0, size - MARK_BYTES), Math.min(MARK_BYTES, size));
    const header = this.#options.isStart === undefined ? await headerBefore(handle, size) : undefined;
    const head = markOf(await readAt(handle, 0, Math.min(MARK_BYTES, size)));
    // Half a line is no record.
    return { ...base, offset: size, head, tail: markOf(tail), isSkipping: tail.at(-1) !== LF, header };
  }

  /** The instant makes it unique; it is written down before it is used, so it need not be found again. */
  #originOf({ device, inode }: FileNode, life: number): Followed["origin"] {
    const { id, world } = this.#context;
    const parts = [device, inode, life, world.now(), this.#files.all.length].map(String);
    return pulledOrigin("file", id, ...parts);
  }

  // -------------------------------------------------------------------------------------------------------------- reading

  /** @returns whether there is more to read at once. */
  async #follow(file: Followed, found: FoundFile | undefined, troubles: string[]): Promise<boolean> {
    const handle = await this.#handleOf(file, found, troubles);
    if (handle === undefined) {
      if (found === undefined) await this.#vanished(file, troubles);
      return false;
    }
    const { limits, isStart } = this.#options;
    const stats = foundFile(file.path, await handle.stat());
    const seen = this.#seenOf(file);
    const isSame = isUnchanged(seen, stats) && !seen.hasMore;
    const nowMs = this.#nowMs();
    if (!isUnchanged(seen, stats)) {
      Object.assign(seen, { size: stats.size, modifiedMs: stats.modifiedMs, grewAt: nowMs });
    }
    const isMoved = found === undefined || (found.path !== file.path && isRotationOf(found.path, file.path));
    const isOver = isMoved && nowMs - seen.grewAt >= limits.movedMs;
    const isLeft = stats.size > file.offset;
    const isFlushed = isStart !== undefined && isLeft && nowMs - seen.grewAt >= limits.flushMs;
    if (isSame && !isOver && !isFlushed && file.cut === undefined) return false;
    if (stats.size < file.offset || !(await isStill(handle, file))) {
      await this.#beganAnew(file, troubles);
      return true;
    }
    const outcome = await this.#read(handle, file, isOver ? "all" : isFlushed ? "lines" : "whole");
    seen.hasMore = outcome.hasMore;
    if (isOver && !outcome.hasMore) await this.#finish(outcome.file);
    return outcome.hasMore;
  }

  /** @param take what of an unfinished last record goes as well. */
  async #read(
    handle: FileHandle,
    before: Followed,
    take: "whole" | "lines" | "all",
  ): Promise<{ readonly file: Followed; readonly hasMore: boolean }> {
    const { limits, isStart } = this.#options;
    const { readBytes, maxRecordBytes } = limits;
    let file = before;
    const start = file.offset - file.tail.length;
    const window = await readAt(handle, start, file.tail.length + readBytes);
    // Between the check and the read it may have begun anew: then the next look sees it.
    if (!bears(window, file.tail)) return { file, hasMore: true };
    const bytes = window.subarray(file.tail.length);
    const isSkipping = file.isSkipping === true;
    const cutting = { bytes, offset: file.offset, isSkipping, header: file.header, maxRecordBytes, isStart };
    let outcome = cutRecords({ ...cutting, cut: file.cut });
    const isAtEnd = bytes.length < readBytes;
    const isLeft = outcome.offset < file.offset + bytes.length;
    if (take !== "whole" && isAtEnd && isLeft && outcome.cut === undefined) {
      const end = cutEnd(bytes, outcome.offset - file.offset, take);
      if (end !== undefined) {
        file = this.#files.put({ ...file, cut: file.offset + end });
        await this.#files.save();
        outcome = cutRecords({ ...cutting, cut: file.cut });
      }
    }
    if (file.head.length === 0 && outcome.records.length > 0) {
      // Before anything goes out under its identity its beginning is written down: a copy of it is then known after any crash.
      file = this.#files.put({ ...file, head: markOf(bytes.subarray(0, MARK_BYTES)) });
      await this.#files.save();
    }
    if (outcome.records.length > 0) {
      await this.#context.deliver({ origin: file.origin, records: outcome.records, part: file.path });
    }
    const isMoved = outcome.offset !== file.offset || outcome.isSkipping !== isSkipping;
    if (!isMoved) return { file, hasMore: false };
    const { head, tail } = marksAfter(file, { bytes: window, newOffset: outcome.offset });
    file = this.#files.put({
      ...file,
      head,
      tail,
      offset: outcome.offset,
      cut: outcome.cut,
      header: outcome.header,
      isSkipping: outcome.isSkipping,
    });
    return { file, hasMore: !isAtEnd };
  }

  /** Truncated, or its node is another file's now: what was not read of the old text is looked for in copies of it. */
  async #beganAnew(file: Followed, troubles: string[]): Promise<void> {
    const ended = await this.#finishFromCopy(file, troubles);
    const life = file.life + 1;
    this.#files.bury(ended, this.#nowMs());
    this.#seen.delete(nodeKey(file));
    const { path } = file;
    const origin = this.#originOf(file, life);
    this.#files.put({ path, ...nodeOf(file), life, origin, offset: 0, head: NO_MARK, tail: NO_MARK });
    await this.#files.save();
  }

  /** It is at none of the places that are looked at, and not open: after a restart, say. */
  async #vanished(file: Followed, troubles: string[]): Promise<void> {
    const beside = await rotatedBeside(file.path);
    const moved = beside.find((one) => isSameNode(one, file) && !one.path.endsWith(".gz"));
    if (moved !== undefined) {
      const handle = await open(moved.path, "r").catch(() => undefined);
      if (handle !== undefined && (await isStill(handle, file))) {
        this.#open.set(nodeKey(file), handle);
        return;
      }
      await handle?.close();
    }
    await this.#finish(await this.#finishFromCopy(file, troubles));
  }

  /** Reads what is left of a file in a copy beside it, zipped or not, that is not followed itself. */
  async #finishFromCopy(file: Followed, troubles: string[]): Promise<Followed> {
    if (file.head.length === 0) return file;
    const beside = (await rotatedBeside(file.path)).filter((copy) => !isSameNode(copy, file));
    const newestFirst = [...beside].sort((a, b) => b.modifiedMs - a.modifiedMs);
    for (const copy of newestFirst.filter(({ path }) => !path.endsWith(".gz"))) {
      const handle = await open(copy.path, "r").catch(() => undefined);
      if (handle === undefined) continue;
      try {
        if (copy.size < file.offset || !(await isStill(handle, file))) continue;
        const known = this.#files.of(copy);
        if (known !== undefined) {
          // One that is followed itself brings what is left under the same identity.
          if (known.doneAt === undefined || (await isStill(handle, known))) continue;
          this.#files.bury(known, this.#nowMs());
        }
        let rest = { file, hasMore: true };
        while (rest.hasMore) rest = await this.#read(handle, rest.file, "all");
        this.#files.put({ ...rest.file, ...nodeOf(copy), doneAt: this.#nowMs() });
        return rest.file;
      } finally {
        await handle.close();
      }
    }
    for (const copy of newestFirst.filter(({ path }) => path.endsWith(".gz")).slice(0, MAX_ZIPPED_COPIES)) {
      const rest = await this.#unzip(copy, false, troubles, file);
      if (rest !== undefined) return { ...rest, ...nodeOf(file), doneAt: undefined };
    }
    return file;
  }

  /** @param only read it if it is the copy of this file. @returns how far its text was read. */
  async #unzip(
    found: FoundFile,
    isPassedOver: boolean,
    troubles: string[],
    only?: Followed,
  ): Promise<Followed | undefined> {
    const known = this.#files.of(found);
    const stamp = `${found.size} ${found.modifiedMs}`;
    // Its node may have been another file's.
    if (known !== undefined && known.stamp !== stamp && known.doneAt !== undefined)
      this.#files.bury(known, this.#nowMs());
    const begun = known?.stamp === stamp ? known : undefined;
    if (begun?.doneAt !== undefined) return undefined;
    const { limits, isStart } = this.#options;
    const fresh: Followed = {
      path: found.path,
      ...nodeOf(found),
      life: 0,
      origin: this.#originOf(found, 0),
      offset: 0,
      head: NO_MARK,
      tail: NO_MARK,
      stamp,
    };
    if (isPassedOver) {
      this.#files.put({ ...fresh, doneAt: this.#nowMs() });
      return undefined;
    }
    const all = only === undefined ? this.#files.all : [only];
    const outcome = await readZipped(found, {
      originals: all.filter((file) => file.head.length > 0 && isRotationOf(found.path, file.path)),
      begun,
      isOnlyCopy: only !== undefined,
      isYoung: this.#nowMs() - found.modifiedMs < limits.zippingMs,
      limits,
      isStart,
      signal: this.#context.signal,
      begin: async () => {
        this.#files.put(fresh);
        await this.#files.save();
        return fresh;
      },
      deliver: (file, records) => this.#context.deliver({ origin: file.origin, records, part: file.path }),
    });
    if (outcome.kind === "unreadable") troubles.push(outcome.problem);
    if (outcome.kind !== "read") return undefined;
    if (outcome.problem !== undefined) this.#context.skipped(found.path, outcome.problem);
    return this.#files.put({ ...outcome.file, ...nodeOf(found), stamp, doneAt: this.#nowMs() });
  }

  // ---------------------------------------------------------------------------------------------------------------- files

  async #finish(file: Followed): Promise<void> {
    const key = nodeKey(file);
    const handle = this.#open.get(key);
    this.#open.delete(key);
    await handle?.close().catch(() => undefined);
    this.#files.put({ ...file, doneAt: this.#nowMs() });
  }

  async #handleOf(
    file: Followed,
    found: FoundFile | undefined,
    troubles: string[],
  ): Promise<FileHandle | undefined> {
    const key = nodeKey(file);
    const held = this.#open.get(key);
    if (held !== undefined || found === undefined) return held;
    try {
      const handle = await open(found.path, "r");
      // The name may have been given to another file since it was looked at.
      if (isSameNode(foundFile(found.path, await handle.stat()), file)) {
        this.#open.set(key, handle);
        return handle;
      }
      await handle.close();
    } catch (error) {
      troubles.push(problemOf(found.path, error));
    }
    return undefined;
  }

  #seenOf(node: FileNode): Seen {
    const key = nodeKey(node);
    const nowMs = this.#nowMs();
    const seen = this.#seen.get(key) ?? {
      firstAt: nowMs,
      size: -1,
      modifiedMs: -1,
      grewAt: nowMs,
      hasMore: false,
    };
    this.#seen.set(key, seen);
    return seen;
  }

  #forgetUnseen(found: readonly FoundFile[]): void {
    const keys = new Set([...found, ...this.#files.all].map(nodeKey));
    for (const key of this.#seen.keys()) if (!keys.has(key)) this.#seen.delete(key);
  }

  #nowMs(): number {
    return this.#context.world.now() / MICROS_PER_MILLISECOND;
  }
}

function nodeOf({ device, inode }: FileNode): FileNode {
  return { device, inode };
}

function nodeKey({ device, inode }: FileNode): string {
  return `${device}:${inode}`;
}

function isUnchanged(seen: Seen, { size, modifiedMs }: FoundFile): boolean {
  return seen.size === size && seen.modifiedMs === modifiedMs;
}

/** Whether the file still begins as it did, and holds before the place reached what it held. */
async function isStill(handle: FileHandle, { head, tail, offset }: Followed): Promise<boolean> {
  if (!bears(await readAt(handle, 0, head.length), head)) return false;
  return bears(await readAt(handle, offset - tail.length, tail.length), tail);
}

/** Where a last record that is not finished is cut: behind its last line end, or at the end of what there is. */
function cutEnd(bytes: Uint8Array, from: number, take: "lines" | "all"): number | undefined {
  if (take === "all") return bytes.length;
  const lf = bytes.lastIndexOf(LF);
  return lf < from ? undefined : lf + 1;
}
