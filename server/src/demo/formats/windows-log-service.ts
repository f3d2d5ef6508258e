import type { Micros } from "@tyto/domain";
import type { Logbook } from "../logbook.ts";
import type { Machine, Person, World } from "../world.ts";
import { LOG_SERVICE, writeWindowsEvent } from "./winlogbeat.ts";

/** A log was emptied: the Security log says it itself (1102), of every other the System log says it (104). */
export function windowsLogCleared(
  book: Logbook,
  world: World,
  cleared: {
    readonly at: Micros;
    readonly by: Person;
    readonly machine: Machine;
    readonly log: "Security" | "System" | "Application";
    readonly logonId: string;
  },
): void {
  const { at, by, machine, log, logonId } = cleared;
  const isSecurity = log === "Security";
  const subject = { SubjectUserName: by.account, SubjectDomainName: world.netbios };
  writeWindowsEvent(book, world, machine, {
    at,
    id: isSecurity ? 1102 : 104,
    log: isSecurity ? LOG_SERVICE.security : LOG_SERVICE.system,
    task: "Log clear",
    keywords: isSecurity ? "Audit Success" : "0x8000000000000000",
    message: isSecurity ? "The audit log was cleared." : `The ${log} log file was cleared.`,
    data: {
      ...(isSecurity
        ? { SubjectUserSid: by.sid, ...subject, SubjectLogonId: logonId }
        : { ...subject, Channel: log, BackupPath: "" }),
      xml_name: "LogFileCleared",
    },
  });
}

/** The Security log was full, and Windows put it aside by itself and began a new one (1105): nobody cleared anything. */
export function windowsLogArchived(
  book: Logbook,
  world: World,
  archived: { readonly at: Micros; readonly machine: Machine; readonly path: string },
): void {
  const { at, machine, path } = archived;
  writeWindowsEvent(book, world, machine, {
    at,
    id: 1105,
    log: LOG_SERVICE.security,
    task: "Event processing",
    keywords: "Audit Success",
    message: `Event log automatic backup: ${path}`,
    data: { Channel: "Security", BackupPath: path, xml_name: "AutoBackup" },
  });
}
