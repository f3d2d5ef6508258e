import type { RuleReload } from "@tyto/domain";
import type { Client } from "./client.ts";
import { printable, writeLine } from "./io.ts";
import type { CommandIo, ExitStatus } from "./io.ts";

/** `tyto rules reload`: a running server reads its packs and rules again. Status 1 when a rule can no longer run. */
export async function reloadCommand(
  client: Pick<Client, "post">,
  options: { readonly json: boolean },
  { stdout }: CommandIo,
): Promise<ExitStatus> {
  const reload = (await client.post("/api/v1/rules/reload", {})) as RuleReload;
  const { added, removed, changed, invalid, running } = reload;
  if (options.json) await writeLine(stdout, JSON.stringify(reload));
  else {
    for (const [what, rules] of Object.entries({ added, removed, changed, invalid })) {
      for (const { path, title, reason } of rules) {
        const why = reason === null ? "" : `  (${reason})`;
        await writeLine(stdout, printable(`${what.padEnd(8)}  ${path}  ${title}${why}`));
      }
    }
    await writeLine(stdout, `${running} rules run`);
  }
  return invalid.length === 0 ? 0 : 1;
}
