import { later, MINUTE, seconds } from "../day.ts";
import { windowsLogCleared } from "../formats/windows-log-service.ts";
import { windowsProcess } from "../formats/windows-sysmon.ts";
import { Logbook } from "../logbook.ts";
import { bystander } from "../world.ts";
import type { Story } from "./story.ts";

const POWERSHELL = "C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe";
/** `Get-LocalGroupMember Administrators`, as PowerShell wants it: Base64 of UTF-16. */
const ENCODED = Buffer.from("Get-LocalGroupMember Administrators", "utf16le").toString("base64");
/** In the order of someone who knows that the last one tells on itself. */
const LOGS = ["Application", "System", "Security"] as const;

export const logClearing: Story = {
  name: "log-clearing",
  description:
    "In the evening PowerShell runs an encoded command on a workstation; minutes later wevtutil empties its Application, System and Security logs.",
  plant({ world, day, rng }) {
    const book = new Logbook();
    const person = bystander(world, 6);
    const machine = person.workstation;
    const logonId = `0x${rng.hex(6)}`;
    const from = day.at(20.34);
    windowsProcess(book, world, rng, {
      at: from,
      person,
      image: POWERSHELL,
      commandLine: `powershell.exe -NoProfile -WindowStyle Hidden -EncodedCommand ${ENCODED}`,
      parentImage: "C:\\Windows\\System32\\cmd.exe",
      logonId,
    });
    let at = later(from, 6 * MINUTE);
    for (const log of LOGS) {
      windowsProcess(book, world, rng, {
        at,
        person,
        image: "C:\\Windows\\System32\\wevtutil.exe",
        commandLine: `wevtutil.exe cl ${log}`,
        parentImage: "C:\\Windows\\System32\\cmd.exe",
        logonId,
        isElevated: true,
      });
      at = later(at, seconds(rng, 0.2, 0.8));
      windowsLogCleared(book, world, { at, by: person, machine, log, logonId });
      if (log !== "Security") at = later(at, seconds(rng, 3, 20));
    }

    const user = { type: "user", value: person.account } as const;
    const host = { type: "host", value: `${machine.name}.${world.domain}` } as const;
    return {
      records: book.records,
      attempts: book.attempts,
      answer: {
        from,
        to: at,
        entities: [user, host],
        expected: [
          // Sysmon and the Security log tell of each process, and the log service of each log.
          { cause: "encoded-powershell", entities: [user, host], count: 2 },
          { cause: "log-clearing", entities: [user, host], count: LOGS.length * 3 },
        ],
        events: [{ field: "host.name", values: [`${machine.name.toUpperCase()}.${world.domain}`] }],
      },
    };
  },
};
