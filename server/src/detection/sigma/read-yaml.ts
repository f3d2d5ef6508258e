import { readLeanYaml } from "./lean-yaml.ts";
import { readYamlWithLibrary } from "./library-yaml.ts";
import type { YamlDocument } from "./rule-node.ts";

/** A rule file may not be larger: the longest shipped rule holds 4,432 values in under half of this. */
const MAX_FILE_CHARACTERS = 2_097_152;

/**
 * Reads a file of one or more YAML documents. Never throws, whatever the text. Nearly all rules keep to a part of YAML that is
 * read fast; everything else, and everything that is wrong, is the library's (`docs/decisions/0007-reading-rules.md`).
 */
export function readYaml(file: string, text: string): readonly YamlDocument[] {
  if (text.length > MAX_FILE_CHARACTERS) {
    const at = { file, line: 1, column: 1 };
    const message = `the file has ${text.length} characters; the limit is ${MAX_FILE_CHARACTERS}`;
    const hint = "split it into several files";
    return [
      {
        root: undefined,
        text: text.slice(0, 10_000),
        at,
        diagnostics: [{ severity: "error", code: "rule-too-large", message, at, hint }],
      },
    ];
  }
  const lean = readLeanYaml(file, text);
  return lean === undefined ? readYamlWithLibrary(file, text) : [lean];
}
