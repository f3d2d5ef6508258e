import { later, seconds } from "../day.ts";
import { vpnRefused } from "../formats/cisco-asa.ts";
import { Logbook } from "../logbook.ts";
import type { Story } from "./story.ts";

const ACCOUNTS = 26;
const ROUNDS = 2;

export const passwordSpraying: Story = {
  name: "password-spraying",
  description:
    "One address tries two common passwords on 26 accounts at the VPN, each account once and again half an hour later: too slow for any lock, and for any count of failures.",
  plant({ world, day, rng }) {
    const book = new Logbook();
    const address = rng.pick(world.strangers.slice(30, 35));
    const people = world.people.slice(8, 8 + ACCOUNTS);
    const from = day.at(4.86);
    let at = from;
    let to = from;
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const { account } of people) {
        vpnRefused(book, world, { at, account, address });
        to = at;
        at = later(at, seconds(rng, 55, 85));
      }
    }
    const entities = [{ type: "ip", value: address }] as const;
    return {
      records: book.records,
      attempts: book.attempts,
      answer: {
        from,
        to,
        entities,
        expected: [{ cause: "password-spraying", entities, count: ACCOUNTS * ROUNDS }],
        events: [{ field: "source.ip", values: [address] }],
      },
    };
  },
};
