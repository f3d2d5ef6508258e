const BACKSLASH = 0x5c;
const QUOTE = 0x22;
/** Windows accepts no longer command line. */
const LONGEST = 32_767;
const MAX_ARGUMENTS = 1_000;

/**
 * The arguments of a Windows command line by the rules of its C run time, which nearly all programs there follow. `undefined` where it
 * cannot be told that the line is Windows', or where its program ends: on other systems the list was joined for the log, and the
 * joins are lost.
 */
export function windowsArguments(
  commandLine: string,
  executable: string | undefined,
): readonly string[] | undefined {
  if (commandLine.length > LONGEST) return undefined;
  const program = programEnd(commandLine, executable);
  if (program === undefined) return undefined;
  const args = [unquoted(commandLine.slice(0, program))];
  let at = program;
  for (;;) {
    while (isBlank(commandLine.charCodeAt(at))) at += 1;
    if (at >= commandLine.length) return args;
    if (args.length >= MAX_ARGUMENTS) return undefined;
    const [argument, end] = readArgument(commandLine, at);
    args.push(argument);
    at = end;
  }
}

/** Where the program's name ends: at its closing quote, at the end of the known path, or at the first blank. */
function programEnd(line: string, executable: string | undefined): number | undefined {
  const isWindowsPath = executable !== undefined && /^(?:[A-Za-z]:)?\\/.test(executable);
  if (line.charCodeAt(0) === QUOTE) {
    const end = line.indexOf('"', 1);
    if (end < 0) return undefined;
    return isWindowsPath || /^"[A-Za-z]:\\/.test(line) ? end + 1 : undefined;
  }
  if (isWindowsPath && line.toLowerCase().startsWith(executable.toLowerCase())) {
    const next = line.charCodeAt(executable.length);
    if (Number.isNaN(next) || isBlank(next)) return executable.length;
  }
  const blank = line.search(/[ \t]/);
  const end = blank < 0 ? line.length : blank;
  const program = line.slice(0, end).toLowerCase();
  if (isWindowsPath) {
    // `cmd /c dir` beside `C:\Windows\System32\cmd.exe`: the name must be the program's, or blanks within its path mislead.
    const name = executable.slice(executable.lastIndexOf("\\") + 1).toLowerCase();
    const own = program.slice(program.lastIndexOf("\\") + 1);
    return own === name || `${own}.exe` === name ? end : undefined;
  }
  return /^[a-z]:\\.*\.exe$/.test(program) ? end : undefined;
}

/** Backslashes count as escapes only before a quote; a doubled quote within quotes is one quote. */
function readArgument(line: string, start: number): readonly [argument: string, end: number] {
  let text = "";
  let isQuoted = false;
  let at = start;
  while (at < line.length) {
    const code = line.charCodeAt(at);
    if (code === BACKSLASH) {
      let run = 0;
      while (line.charCodeAt(at + run) === BACKSLASH) run += 1;
      at += run;
      if (line.charCodeAt(at) !== QUOTE) {
        text += "\\".repeat(run);
        continue;
      }
      text += "\\".repeat(run >> 1);
      if (run % 2 === 1) {
        text += '"';
        at += 1;
      }
    } else if (code === QUOTE) {
      if (isQuoted && line.charCodeAt(at + 1) === QUOTE) {
        text += '"';
        at += 2;
      } else {
        isQuoted = !isQuoted;
        at += 1;
      }
    } else if (!isQuoted && isBlank(code)) break;
    else {
      text += line[at] ?? "";
      at += 1;
    }
  }
  return [text, at];
}

function unquoted(program: string): string {
  return program.startsWith('"') ? program.slice(1, -1) : program;
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
