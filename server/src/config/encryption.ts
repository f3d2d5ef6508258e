import { resolve } from "node:path";
import type { Diagnostic } from "@tyto/domain";

/** Where the key comes from that encrypts the data directory. */
export type EncryptionKeyConfig =
  | { readonly kind: "none" }
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "environment"; readonly name: string; readonly text: string }
  /** Program and arguments, run without a shell. */
  | { readonly kind: "command"; readonly words: readonly string[] };

export interface EncryptionFlags {
  readonly encryptionKeyFile?: string;
  readonly encryptionKeyCommand?: string;
}

const VARIABLE = "TYTO_ENCRYPTION_KEY";

/** A flag stands in for any variable; two variables contradict each other. */
export function readEncryption(options: {
  readonly flags: EncryptionFlags;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly workingDirectory: string;
  readonly diagnostics: Diagnostic[];
}): EncryptionKeyConfig {
  const { flags, environment, workingDirectory, diagnostics } = options;
  const file = (path: string): EncryptionKeyConfig => ({
    kind: "file",
    path: resolve(workingDirectory, path),
  });
  const flagged = [
    ...(flags.encryptionKeyFile === undefined ? [] : [file(flags.encryptionKeyFile)]),
    ...(flags.encryptionKeyCommand === undefined ? [] : [commandOf(flags.encryptionKeyCommand)]),
  ];
  const set = (suffix: string): string | undefined => {
    const value = environment[`${VARIABLE}${suffix}`];
    return value === "" ? undefined : value;
  };
  const [text, path, command] = [set(""), set("_FILE"), set("_COMMAND")];
  const fromEnvironment: readonly EncryptionKeyConfig[] = [
    ...(text === undefined ? [] : [{ kind: "environment", name: VARIABLE, text } as const]),
    ...(path === undefined ? [] : [file(path)]),
    ...(command === undefined ? [] : [commandOf(command)]),
  ];
  const sources = flagged.length > 0 ? flagged : fromEnvironment;
  if (sources.length > 1) {
    diagnostics.push({
      severity: "error",
      code: "encryption-key-ambiguous",
      message: "The encryption key has more than one source",
      at: { file: flagged.length > 0 ? "--encryption-key-file" : VARIABLE },
      hint: "Name one of: a file, the environment, a command.",
    });
  }
  return sources[0] ?? { kind: "none" };
}

/** Words are parted by spaces: there is no shell, and so there are no quotes. */
function commandOf(text: string): EncryptionKeyConfig {
  return { kind: "command", words: text.trim().split(/\s+/) };
}
