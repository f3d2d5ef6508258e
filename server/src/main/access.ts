import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { adoptAdminToken, createApiToken, SetupToken } from "../api/index.ts";
import type { Config } from "../config/index.ts";
import type { ControlStore } from "../storage/index.ts";
import type { World } from "./world.ts";

/** Readable by its owner alone: commands on the same machine need no token of their own. */
export const CLI_TOKEN_FILE = "cli-token";
const CLI_TOKEN_NAME = "commands on this machine";

export interface PreparedAccess {
  /** Null when there is an account already. */
  readonly setupToken: SetupToken | null;
  readonly cliToken: string;
}

/** Who may come in after this start: the first account by a one-time token, the environment's admin token, local commands. */
export async function prepareAccess(
  config: Config,
  world: World,
  control: ControlStore,
): Promise<PreparedAccess> {
  const { access } = control;
  const making = { access, random: world.randomBytes, now: world.now };
  if (config.adminToken !== undefined) await adoptAdminToken(making, config.adminToken);
  const cliToken = await renewCliToken(making, config.dataDirectory);
  const hasAccount = (await access.userCount()) > 0;
  return { setupToken: hasAccount ? null : new SetupToken(making), cliToken };
}

async function renewCliToken(
  making: Parameters<typeof createApiToken>[0],
  dataDirectory: string,
): Promise<string> {
  for (const token of await making.access.tokens()) {
    if (token.name === CLI_TOKEN_NAME && token.createdBy === "tyto")
      await making.access.deleteToken(token.id);
  }
  const { secret } = await createApiToken(making, {
    name: CLI_TOKEN_NAME,
    scope: "admin",
    createdBy: "tyto",
  });
  await writeFile(join(dataDirectory, CLI_TOKEN_FILE), `${secret}\n`, { mode: 0o600 });
  return secret;
}
