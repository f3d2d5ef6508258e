import { later, seconds } from "../day.ts";
import { SshConnection } from "../formats/linux.ts";
import { Logbook } from "../logbook.ts";
import type { Story } from "./story.ts";

/** 42 connections of three attempts: 126. */
const ATTEMPTS_PER_CONNECTION = 3;
const CONNECTIONS = 42;
const UNKNOWN_ACCOUNTS = ["oracle", "ubuntu", "jenkins", "deployer"] as const;

export const bruteForce: Story = {
  name: "brute-force",
  description:
    "One address guesses passwords over SSH: 126 attempts on seven accounts of three servers within about seven minutes, all wrong.",
  plant({ world, day, rng }) {
    const book = new Logbook();
    const address = rng.pick(world.strangers.slice(0, 10));
    const targets = world.servers.filter(({ publicAddress }) => publicAddress !== undefined);
    const staff = world.people.slice(20, 22).map(({ account }) => account);
    const known = ["root", ...staff];
    const from = day.at(4.37);
    let at = from;
    let to = from;
    for (let i = 0; i < CONNECTIONS; i += 1) {
      // Two connections of three go for accounts that exist; the third for one that does not.
      const round = Math.floor(i / 3);
      const server = targets[(i + round) % targets.length];
      if (server === undefined) throw new Error("the office has no server on the Internet");
      const port = rng.int(30_000, 61_000);
      const connection = new SshConnection(book, server, { at, address, port, pid: rng.int(2_000, 60_000) });
      if (i % 3 === 2) {
        const account = UNKNOWN_ACCOUNTS[round % UNKNOWN_ACCOUNTS.length] ?? "oracle";
        for (let tries = 0; tries < ATTEMPTS_PER_CONNECTION; tries += 1) connection.failUnknown(account);
        connection.closeEarly(account);
      } else {
        const account = known[(2 * round + (i % 3)) % known.length] ?? "root";
        connection.fail(account);
        connection.failAgain(account, ATTEMPTS_PER_CONNECTION - 1);
      }
      at = later(at, seconds(rng, 8, 11));
      to = connection.now;
    }
    const entities = [{ type: "ip", value: address }] as const;
    const count = book.attempts.filter(({ outcome }) => outcome === "failure").length;
    return {
      records: book.records,
      attempts: book.attempts,
      answer: {
        from,
        to,
        entities,
        expected: [{ cause: "brute-force", entities, count }],
        events: [{ field: "source.ip", values: [address] }],
      },
    };
  },
};
