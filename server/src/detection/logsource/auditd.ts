import type { FieldTable, LogsourceTable } from "./rows.ts";

const ARGUMENTS = ["a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7"];

/**
 * Records of the Linux audit daemon. `auditd.log` holds what a record's line says; `auditd.data` is where Auditbeat and its
 * successors put the same; what both know as ECS comes after.
 */
const FIELDS: FieldTable = {
  ...Object.fromEntries(ARGUMENTS.map((name) => [name, [`auditd.log.${name}`, `auditd.data.${name}`]])),
  type: ["auditd.log.record_type", "auditd.message_type"],
  // The name of the call, which the daemon adds in capitals when it resolves numbers.
  SYSCALL: ["auditd.log.SYSCALL", "auditd.data.syscall", "auditd.log.syscall"],
  syscall: ["auditd.log.syscall", "auditd.data.syscall"],
  exe: ["process.executable"],
  comm: ["process.name"],
  euid: ["user.effective.id"],
  uid: ["user.id"],
  auid: ["auditd.log.auid", "auditd.user.audit.id"],
  key: ["auditd.log.key", "auditd.data.key"],
  name: ["auditd.log.name", "auditd.paths.name", "file.path"],
  nametype: ["auditd.log.nametype", "auditd.paths.nametype"],
  unit: ["auditd.log.unit"],
  cwd: ["process.working_directory"],
  proctitle: ["auditd.log.proctitle", "process.title"],
};

export const AUDITD: LogsourceTable = {
  products: [],
  rows: [
    {
      product: "linux",
      service: "auditd",
      when: [
        { pack: ["auditd", "linux-auditd"] },
        { module: ["auditd", "auditd_manager"] },
        { dataset: ["auditd", "linux-auditd"] },
      ],
      sends: ["auditd"],
      fields: FIELDS,
    },
  ],
};
