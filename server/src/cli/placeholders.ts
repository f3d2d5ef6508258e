import { readFile } from "node:fs/promises";
import { formatDiagnostic, TytoError } from "@tyto/domain";
import { readPlaceholders } from "../detection/index.ts";
import type { LoadOptions } from "../detection/index.ts";

/**
 * Reads `--placeholders FILE`, as a part of the options of loading.
 * @throws TytoError when it cannot be read: rules would be refused for want of values that somebody meant to give.
 */
export async function placeholdersOf(path: string | undefined): Promise<Pick<LoadOptions, "placeholders">> {
  if (path === undefined) return {};
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new TytoError("content-invalid", `cannot read the placeholders at ${path}`, {
      cause,
      hint: "check that the file exists and is readable",
    });
  });
  const { placeholders, diagnostics } = readPlaceholders({ path, text });
  const [wrong] = diagnostics;
  if (wrong !== undefined) throw new TytoError("content-invalid", formatDiagnostic(wrong));
  return { placeholders };
}
