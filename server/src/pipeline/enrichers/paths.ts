import { fill, textOf } from "./enricher.ts";
import type { Fields } from "./enricher.ts";
import { windowsArguments } from "./windows-arguments.ts";
import { extensionOf } from "./url.ts";

/**
 * Name of `file.path`, extension of `file.name`. The directory is left to packs whose rules ask for it: it is the longest part of the
 * path, stored twice.
 */
export function addFileParts(fields: Fields): void {
  const path = textOf(fields, "file.path");
  if (path !== undefined) fill(fields, "file.name", nameOf(path));
  if (fields.has("file.extension")) return;
  const name = textOf(fields, "file.name");
  if (name !== undefined) fill(fields, "file.extension", extensionOf(name));
}

/** The name of a program from its path; the arguments of a Windows command line. */
export function addProcessParts(fields: Fields): void {
  addProcess(fields, PROCESS);
  addProcess(fields, PARENT);
}

interface ProcessFields {
  readonly executable: string;
  readonly name: string;
  readonly commandLine: string;
  readonly args: string;
}

const PROCESS: ProcessFields = {
  executable: "process.executable",
  name: "process.name",
  commandLine: "process.command_line",
  args: "process.args",
};
const PARENT: ProcessFields = {
  executable: "process.parent.executable",
  name: "process.parent.name",
  commandLine: "process.parent.command_line",
  args: "process.parent.args",
};

function addProcess(fields: Fields, names: ProcessFields): void {
  const executable = textOf(fields, names.executable);
  // Linux marks a program whose file is gone.
  if (executable !== undefined) fill(fields, names.name, nameOf(executable.replace(/ \(deleted\)$/, "")));
  const commandLine = textOf(fields, names.commandLine);
  if (commandLine === undefined || fields.has(names.args)) return;
  const args = windowsArguments(commandLine, executable);
  if (args !== undefined) fields.set(names.args, args);
}

/** A path that begins with `/` may hold backslashes in its names; any other is Windows' where it has one. */
function nameOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return path.slice((path.startsWith("/") ? slash : Math.max(slash, path.lastIndexOf("\\"))) + 1);
}
