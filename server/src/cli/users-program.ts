import type { Command } from "commander";
import type { Config, ConfigFlags } from "../config/index.ts";
import type { World } from "../main/world.ts";
import type { ProgramParts } from "./connections-program.ts";
import { keyCommand, keyFile } from "./encryption-program.ts";
import { withOfflineUsers } from "./users-offline.ts";
import { addUser, changeRole, listUsers, resetUser, switchUser, usersAt } from "./users.ts";
import type { UsersDesk } from "./users.ts";

type Flags = ConfigFlags & { readonly offline?: boolean; readonly json?: boolean; readonly role?: string };

export interface UsersProgram {
  readonly configured: (flags: ConfigFlags, use: (config: Config) => Promise<number>) => Promise<void>;
  readonly world: () => World;
}

/** `tyto users …`: who may log in; with `--offline` also when nobody can. */
export function addUserCommands(
  program: Command,
  { options, connected, io }: ProgramParts,
  { configured, world }: UsersProgram,
): void {
  const users = program.command("users").description("people who may log in, and their roles");
  const command = (name: string, description: string): Command => {
    const made = users
      .command(name)
      .description(description)
      .option("--offline", "work on the data directory while the server does not run")
      .addOption(keyFile())
      .addOption(keyCommand());
    for (const option of options.server) made.addOption(option);
    return made;
  };
  const at = (flags: Flags, use: (desk: UsersDesk) => Promise<number>): Promise<void> =>
    flags.offline === true
      ? configured(flags, (config) => withOfflineUsers(config, world(), use))
      : connected(flags, (client) => use(usersAt(client)));
  command("list", "all of them, with role, state and last login")
    .addOption(options.json)
    .action((flags: Flags) => at(flags, (desk) => listUsers(desk, flags.json === true, io)));
  command("add", "invite somebody; writes the path of a link that sets their password, once")
    .argument("<name>")
    .option("--role <role>", "admin, analyst, viewer or auditor", "viewer")
    .action((username: string, flags: Flags) =>
      at(flags, (desk) => addUser(desk, { username, role: flags.role ?? "viewer" }, io)),
    );
  command("role", "give somebody another role")
    .argument("<name>")
    .argument("<role>", "admin, analyst, viewer or auditor")
    .action((username: string, role: string, flags: Flags) =>
      at(flags, (desk) => changeRole(desk, { username, role }, io)),
    );
  for (const [name, enabled, description] of [
    ["off", false, "switch an account off; its sessions end at once"],
    ["on", true, "switch one on again"],
  ] as const) {
    command(name, description)
      .argument("<name>")
      .action((username: string, flags: Flags) =>
        at(flags, (desk) => switchUser(desk, { username, enabled }, io)),
      );
  }
  command("reset", "make a link that sets a new password, once; all sessions end")
    .argument("<name>")
    .action((username: string, flags: Flags) => at(flags, (desk) => resetUser(desk, username, io)));
}
