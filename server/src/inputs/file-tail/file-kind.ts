import { RE2JS } from "re2js";
import type { ConnectionSettings } from "@tyto/domain";
import { isAbsolute, resolve, sep } from "node:path";
import type { Check, PullContext, PullKind, PullWorld, TestContext } from "../pull/ports.ts";
import { open } from "node:fs/promises";
import { START_BYTES } from "./cut-records.ts";
import { findFiles, problemOf } from "./find-files.ts";
import { FollowFiles } from "./follow-files.ts";
import type { FollowLimits } from "./follow-files.ts";
import { isGlob } from "./glob.ts";

const MEBIBYTE = 1024 * 1024;
const LIMITS: FollowLimits = {
  maxRecordBytes: MEBIBYTE,
  readBytes: 3 * MEBIBYTE,
  flushMs: 2_000,
  movedMs: 60_000,
  zippingMs: 60_000,
  rememberMs: 7 * 24 * 3_600_000,
};
const SCAN_EVERY_MS = 1_000;

/** Follows growing files: rotated by renaming, by copying and truncating, and by zipping. */
export const fileKind: PullKind<"file"> = {
  kind: "file",
  input: "file-tail",
  title: "Files on this machine",
  needs: ["the right of Tyto's user to read the files and to list their directories"],
  refuses: refusal,
  run: runFiles,
  test: testFiles,
};

function refusal(
  { paths, multilineStart }: ConnectionSettings<"file">,
  world: PullWorld,
): string | undefined {
  const own = resolve(world.dataDirectory);
  for (const path of paths) {
    if (!isAbsolute(path)) return `settings.paths: "${path.slice(0, 100)}" does not begin with /`;
    const plain = resolve(path);
    if (!isGlob(path) && (plain === own || plain.startsWith(own + sep))) {
      return "settings.paths: Tyto's own data directory is not read";
    }
  }
  if (multilineStart === undefined) return undefined;
  try {
    RE2JS.compile(multilineStart);
    return undefined;
  } catch {
    return "settings.multilineStart is no regular expression that RE2 takes";
  }
}

function startMatcher(pattern: string | undefined): ((line: Uint8Array) => boolean) | undefined {
  if (pattern === undefined) return undefined;
  const compiled = RE2JS.compile(pattern);
  return (line) => {
    const head = Buffer.from(line.buffer, line.byteOffset, Math.min(line.length, START_BYTES));
    return compiled.matcher(head.toString("utf8")).find();
  };
}

async function runFiles(context: PullContext<"file">): Promise<void> {
  const { settings, world, signal } = context;
  const { paths, exclude = [], from = "end", multilineStart, scanEveryMs = SCAN_EVERY_MS } = settings;
  const isStart = startMatcher(multilineStart);
  const files = new FollowFiles({ paths, exclude, from, isStart, limits: LIMITS }, context);
  try {
    while (!signal.aborted) {
      const { problems, hasMore } = await files.scan();
      if (problems.length > 0) context.running(remarkOf(problems));
      else context.running();
      if (!hasMore) await world.sleep(scanEveryMs, signal);
    }
  } finally {
    await files.close();
  }
}

function remarkOf(problems: readonly string[]): string {
  const [first = ""] = problems;
  return problems.length === 1 ? first : `${first} (and ${problems.length - 1} more)`;
}

async function testFiles({ settings, world }: TestContext<"file">): Promise<readonly Check[]> {
  const { files, problems } = await findFiles(settings.paths, settings.exclude ?? [], world.dataDirectory);
  const unreadable: string[] = [];
  for (const { path } of files) {
    try {
      await (await open(path, "r")).close();
    } catch (error) {
      unreadable.push(problemOf(path, error));
    }
  }
  const right = "Give Tyto's user the right, for example with `setfacl -m u:tyto:r FILE` or the group adm.";
  return [
    {
      name: "find",
      ok: files.length > 0,
      message: files.length === 0 ? "no file matches now" : `${files.length} files match`,
      hint: files.length === 0 ? "Files that appear later are followed from their beginning." : null,
    },
    ...[...problems, ...unreadable].map((message) => ({ name: "read", ok: false, message, hint: right })),
  ];
}
