import type { Micros } from "@tyto/domain";
import { later } from "../day.ts";
import type { Logbook } from "../logbook.ts";
import type { Rng } from "../rng.ts";
import type { World } from "../world.ts";
import { SECURITY, writeWindowsEvent } from "./winlogbeat.ts";

/** Who touches files: a person, or an account that the day brought. */
export interface FileUser {
  readonly account: string;
  readonly sid: string;
}

/** A file of a share on the file server is read (5145): D:\Shares holds the shares. */
export function windowsShareRead(
  book: Logbook,
  world: World,
  rng: Rng,
  read: {
    readonly at: Micros;
    readonly by: FileUser;
    readonly address: string;
    readonly share: string;
    readonly file: string;
  },
): void {
  const { at, by, address, share, file } = read;
  writeWindowsEvent(book, world, world.fileServer, {
    at,
    id: 5145,
    log: SECURITY,
    task: "Detailed File Share",
    keywords: "Audit Success",
    message: "A network share object was checked to see whether client can be granted desired access.",
    data: {
      ...subjectOf(world, by, `0x${rng.hex(6)}`),
      ObjectType: "File",
      IpAddress: address,
      IpPort: String(rng.int(49_152, 65_535)),
      ShareName: `\\\\*\\${share}`,
      ShareLocalPath: `\\??\\D:\\Shares\\${share}`,
      RelativeTargetName: file,
      AccessMask: "0x1",
      AccessList: "%%4416\n\t\t\t\t",
      AccessReason: "-",
    },
  });
}

/** A file is deleted on the file server: opened with the right to (4663, which names it), then gone (4660, which does not). */
export function windowsFileDeleted(
  book: Logbook,
  world: World,
  rng: Rng,
  deletion: {
    readonly at: Micros;
    readonly by: FileUser;
    readonly logonId: string;
    readonly path: string;
  },
): void {
  const { at, by, logonId, path } = deletion;
  const handle = `0x${rng.int(0x200, 0xfff).toString(16)}`;
  const common = { log: SECURITY, task: "File System", keywords: "Audit Success" };
  const subject = subjectOf(world, by, logonId);
  // Over a share it is the system itself that deletes: process 4, without a name.
  const system = { ProcessId: "0x4", ProcessName: "" };
  writeWindowsEvent(book, world, world.fileServer, {
    ...common,
    at,
    id: 4663,
    message: "An attempt was made to access an object.",
    data: {
      ...subject,
      ObjectServer: "Security",
      ObjectType: "File",
      ObjectName: path,
      HandleId: handle,
      AccessList: "%%1537\n\t\t\t\t",
      AccessMask: "0x10000",
      ...system,
      ResourceAttributes: "S:AI",
    },
  });
  writeWindowsEvent(book, world, world.fileServer, {
    ...common,
    at: later(at, 2_000),
    id: 4660,
    message: "An object was deleted.",
    data: {
      ...subject,
      ObjectServer: "Security",
      HandleId: handle,
      ...system,
      TransactionId: "{00000000-0000-0000-0000-000000000000}",
    },
  });
}

function subjectOf(world: World, by: FileUser, logonId: string): Readonly<Record<string, string>> {
  return {
    SubjectUserSid: by.sid,
    SubjectUserName: by.account,
    SubjectDomainName: world.netbios,
    SubjectLogonId: logonId,
  };
}
