import { later, MINUTE, seconds } from "../day.ts";
import { vpnRefused, vpnSession } from "../formats/cisco-asa.ts";
import { windowsShareRead } from "../formats/windows-files.ts";
import { Logbook } from "../logbook.ts";
import { consoleLogin } from "../noise/cloud.ts";
import { bystander } from "../world.ts";
import type { Story } from "./story.ts";

const VPN_GUESSES = 3;
const CONSOLE_GUESSES = 2;

export const guessedThenConfidentialFile: Story = {
  name: "guessed-then-confidential-file",
  description:
    "At night someone guesses a person's password three times at the VPN and twice at the cloud console, gets into the VPN and opens a confidential file within half an hour.",
  plant({ world, day, rng }) {
    const book = new Logbook();
    const person = bystander(world, 3);
    const { account, sid } = person;
    const address = rng.pick(world.strangers.slice(20, 25));
    const from = day.at(2.61);
    let at = from;
    for (let guess = 0; guess < VPN_GUESSES; guess += 1) {
      vpnRefused(book, world, { at, account, address });
      at = later(at, seconds(rng, 45, 110));
    }
    for (let guess = 0; guess < CONSOLE_GUESSES; guess += 1) {
      consoleLogin({ world, book, rng }, person, { at, address, isSuccess: false });
      at = later(at, seconds(rng, 40, 90));
    }
    const assigned = "10.20.9.240";
    vpnSession(book, world, { at, account, address, assigned, durationSeconds: 2_700, bytes: 31_000_000 });
    at = later(at, 4 * MINUTE + seconds(rng, 10, 90));
    const file = "Board\\Takeover offer 2026.docx";
    windowsShareRead(book, world, rng, {
      at,
      by: { account, sid },
      address: assigned,
      share: "Confidential",
      file,
    });

    const user = { type: "user", value: account } as const;
    const host = { type: "host", value: `${world.fileServer.name}.${world.domain}` } as const;
    return {
      records: book.records,
      attempts: book.attempts,
      answer: {
        from,
        to: at,
        entities: [user, { type: "ip", value: address }],
        expected: [
          {
            cause: "login-then-confidential-file",
            entities: [user, host],
            // Five refusals, the one that went well, the file.
            count: VPN_GUESSES + CONSOLE_GUESSES + 2,
          },
        ],
        events: [{ field: "user.name", values: [account] }],
      },
    };
  },
};
