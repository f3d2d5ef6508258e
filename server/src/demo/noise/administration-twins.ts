import { later, MINUTE, seconds } from "../day.ts";
import { sudo } from "../formats/linux.ts";
import { windowsAccountCreated, windowsMadeDomainAdmin } from "../formats/windows-accounts.ts";
import { windowsFileDeleted } from "../formats/windows-files.ts";
import { windowsLogArchived } from "../formats/windows-log-service.ts";
import { windowsProcess } from "../formats/windows-sysmon.ts";
import { officePeople, serverOf } from "../world.ts";
import { uidOf } from "./linux.ts";
import type { Scene } from "./noise.ts";

/** What administrators do that looks like what intruders do. */
export function administrationTwins(scene: Scene): void {
  rotatedLogs(scene);
  newAdministrator(scene);
  springCleaning(scene);
}

/** Logs are exported, put aside when they are full, and rotated: never emptied. */
function rotatedLogs({ world, day, book, rng }: Scene): void {
  const [, , admin] = world.admins;
  if (admin === undefined) return;
  const from = day.at(16.24);
  let at = from;
  for (const log of ["Security", "System"]) {
    windowsProcess(book, world, rng, {
      at,
      person: admin,
      image: "C:\\Windows\\System32\\wevtutil.exe",
      commandLine: `wevtutil.exe epl ${log} D:\\Archive\\${log}-week-47.evtx`,
      parentImage: "C:\\Windows\\System32\\cmd.exe",
      logonId: "0x51c30",
      isElevated: true,
    });
    at = later(at, seconds(rng, 20, 60));
  }
  const path = "C:\\Windows\\System32\\Winevt\\Logs\\Archive-Security-week-47.evtx";
  windowsLogArchived(book, world, { at, machine: world.controller, path });
  const server = serverOf(world, "web");
  for (const command of [
    "/usr/sbin/logrotate --force /etc/logrotate.d/nginx",
    "/usr/bin/journalctl --vacuum-time=30d",
  ]) {
    at = later(at, seconds(rng, 60, 180));
    const pid = rng.int(2_000, 60_000);
    sudo(book, server, { at, account: admin.account, uid: uidOf(world, admin), command, pid });
  }
  book.twin({
    name: "rotated-logs",
    description:
      "An administrator exports event logs, Windows puts a full one aside, and a web server's are rotated.",
    from,
    to: at,
    entities: [{ type: "user", value: admin.account }],
    mustNotRaise: ["log-clearing"],
  });
}

/** A colleague becomes an administrator, and tidies up: a dozen files. */
function newAdministrator({ world, day, book, rng }: Scene): void {
  const [by] = world.admins;
  if (by === undefined) return;
  const created = {
    account: "adm-newcomb",
    fullName: "Pia Newcomb (admin)",
    sid: `${world.domainSid}-2003`,
  };
  const from = day.at(10.08);
  windowsAccountCreated(book, world, { at: from, by, created });
  windowsMadeDomainAdmin(book, world, { at: later(from, MINUTE), by, created });
  let at = later(from, 20 * MINUTE);
  for (let file = 1; file <= 12; file += 1) {
    const path = `D:\\Shares\\Public\\Install\\driver-${file}.zip`;
    windowsFileDeleted(book, world, rng, { at, by: created, logonId: "0x77aa1", path });
    at = later(at, seconds(rng, 1, 15));
  }
  book.twin({
    name: "new-administrator",
    description: "A colleague gets an administrator's account and deletes a dozen old drivers with it.",
    from,
    to: at,
    entities: [{ type: "user", value: created.account }],
    mustNotRaise: ["new-admin-mass-deletion"],
  });
}

/** An account as old as the office deletes three hundred old drafts: as much as an intruder, and no new rights. */
function springCleaning({ world, day, book, rng }: Scene): void {
  const person = officePeople(world)[5];
  if (person === undefined) return;
  const { account, sid } = person;
  const from = day.at(15.52);
  let at = from;
  for (let file = 1; file <= 300; file += 1) {
    const path = `D:\\Shares\\Department\\Drafts\\2019\\draft-${file}.docx`;
    windowsFileDeleted(book, world, rng, { at, by: { account, sid }, logonId: "0x6b0c4", path });
    at = later(at, seconds(rng, 0.5, 2.5));
  }
  book.twin({
    name: "spring-cleaning",
    description: "Someone who has been here for years deletes three hundred old drafts of the department.",
    from,
    to: at,
    entities: [{ type: "user", value: account }],
    mustNotRaise: ["new-admin-mass-deletion"],
  });
}
