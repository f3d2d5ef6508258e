import { later, seconds } from "../day.ts";
import { SshConnection, sudo } from "../formats/linux.ts";
import { Logbook } from "../logbook.ts";
import { serverOf } from "../world.ts";
import type { Story } from "./story.ts";

const GUESSES = 48;
/** An account for a machine, with a person's password: not watched by anyone. */
const ACCOUNT = "shopadmin";
const UID = 1_500;
const COMMANDS = [
  "/usr/bin/id",
  "/usr/bin/cat /etc/shadow",
  "/usr/bin/cp /bin/bash /var/tmp/.cache",
  "/usr/bin/crontab -l",
] as const;

export const bruteForceThenSuccess: Story = {
  name: "brute-force-then-success",
  description:
    "Three addresses take turns guessing one account's password on the bastion, 48 times in about six minutes; then one of them is let in and becomes root.",
  plant({ world, day, rng }) {
    const book = new Logbook();
    const start = rng.int(10, 16);
    const addresses = world.strangers.slice(start, start + 3);
    const server = serverOf(world, "bastion");
    const from = day.at(19.12);
    let at = from;
    const connect = (address: string): SshConnection =>
      new SshConnection(book, server, {
        at,
        address,
        port: rng.int(30_000, 61_000),
        pid: rng.int(2_000, 60_000),
      });
    for (let guess = 0; guess < GUESSES; guess += 2) {
      const connection = connect(addresses[(guess / 2) % addresses.length] ?? "");
      connection.fail(ACCOUNT);
      connection.failAgain(ACCOUNT, 1);
      at = later(at, seconds(rng, 12, 17));
    }
    at = later(at, seconds(rng, 20, 40));
    const winner = rng.pick(addresses);
    const session = rng.int(100, 9_000);
    const connection = connect(winner);
    connection.enter(ACCOUNT, "password", UID, session);
    for (const command of COMMANDS) {
      connection.wait(seconds(rng, 6, 40));
      const pid = rng.int(2_000, 60_000);
      sudo(book, server, { at: connection.now, account: ACCOUNT, uid: UID, command, pid });
    }
    connection.wait(seconds(rng, 30, 120));
    connection.leave(ACCOUNT, session);

    const user = { type: "user", value: ACCOUNT } as const;
    const sources = addresses.map((value) => ({ type: "ip", value }) as const);
    const host = { type: "host", value: server.name } as const;
    const failures = book.attempts.filter(({ outcome }) => outcome === "failure").length;
    return {
      records: book.records,
      attempts: book.attempts,
      answer: {
        from,
        to: connection.now,
        entities: [user, ...sources, host],
        expected: [
          { cause: "brute-force", entities: [user, ...sources], count: failures },
          {
            cause: "brute-force-then-success",
            entities: [user, { type: "ip", value: winner }],
            count: failures + 1,
          },
          // Once root, it reads /etc/shadow.
          { cause: "password-hashes-taken", entities: [user], count: 1 },
        ],
        events: [
          { field: "user.name", values: [ACCOUNT] },
          { field: "host.name", values: [server.name] },
        ],
      },
    };
  },
};
