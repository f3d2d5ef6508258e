import { later, MINUTE, seconds } from "../day.ts";
import { vpnSession } from "../formats/cisco-asa.ts";
import { windowsAccountCreated, windowsMadeDomainAdmin } from "../formats/windows-accounts.ts";
import { windowsFileDeleted } from "../formats/windows-files.ts";
import { Logbook } from "../logbook.ts";
import type { Story } from "./story.ts";

const FILES = 240;
const FOLDERS = ["Contracts", "Drawings", "Projects\\2025", "Projects\\2026", "Invoices"] as const;

export const newAdminMassDeletion: Story = {
  name: "new-admin-mass-deletion",
  description:
    "An administrator's account comes in over the VPN from a strange address, makes a new account and a domain administrator of it; that account deletes 240 files of the file server.",
  plant({ world, day, rng }) {
    const book = new Logbook();
    const [, admin] = world.admins;
    if (admin === undefined) throw new Error("the office has no second administrator");
    const address = rng.pick(world.strangers.slice(35, 40));
    const created = {
      account: "svc-patching",
      fullName: "Patch Service",
      sid: `${world.domainSid}-${rng.int(2_100, 2_400)}`,
    };
    const from = day.at(21.18);
    vpnSession(book, world, {
      at: from,
      account: admin.account,
      address,
      assigned: "10.20.9.241",
      durationSeconds: 3_000,
      bytes: 9_000_000,
    });
    let at = later(from, 5 * MINUTE + seconds(rng, 10, 50));
    windowsAccountCreated(book, world, { at, by: admin, created });
    at = later(at, seconds(rng, 20, 60));
    windowsMadeDomainAdmin(book, world, { at, by: admin, created });
    at = later(at, 9 * MINUTE + seconds(rng, 10, 50));
    const logonId = `0x${rng.hex(6)}`;
    for (let file = 0; file < FILES; file += 1) {
      at = later(at, seconds(rng, 0.4, 2.2));
      const path = `D:\\Shares\\Public\\${rng.pick(FOLDERS)}\\${rng.hex(6)}.pdf`;
      windowsFileDeleted(book, world, rng, { at, by: created, logonId, path });
    }
    at = later(at, seconds(rng, 1, 2));

    const user = { type: "user", value: created.account } as const;
    return {
      records: book.records,
      attempts: book.attempts,
      answer: {
        from,
        to: at,
        entities: [user, { type: "user", value: admin.account }, { type: "ip", value: address }],
        // The account, its rights, and what it deleted.
        expected: [{ cause: "new-admin-mass-deletion", entities: [user], count: FILES + 2 }],
        events: [{ field: "user.name", values: [admin.account, created.account] }],
      },
    };
  },
};
