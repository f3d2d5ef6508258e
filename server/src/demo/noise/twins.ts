import { later, MINUTE, seconds } from "../day.ts";
import { asaConnection, vpnRefused, vpnSession } from "../formats/cisco-asa.ts";
import { SshConnection, sudo } from "../formats/linux.ts";
import { loggedAddress, windowsLogon, windowsLogonFailure } from "../formats/windows-security.ts";
import type { Person, World } from "../world.ts";
import { BRANCH_PEOPLE, serverOf } from "../world.ts";
import { consoleLogin } from "./cloud.ts";
import { uidOf } from "./linux.ts";
import type { Scene } from "./noise.ts";

const GUESSING = ["brute-force"] as const;

/** Back from a holiday, and later at the desk than the others: so that the six wrong passwords are the day's first. */
export function isForgetful(world: World, person: Person): boolean {
  return person === world.people.find(({ department }) => department !== "it");
}

/** Harmless things that look like attacks. Each is booked with what it must not raise. */
export function twins(scene: Scene): void {
  const [first, second, third] = scene.world.people.filter(({ department }) => department !== "it");
  if (first === undefined || second === undefined || third === undefined) return;
  forgottenPassword(scene, first);
  forgottenPasswordOverSsh(scene, third);
  nightlyBackup(scene);
  adminAtNight(scene);
  branchOffice(scene);
}

/** Back from a holiday: six wrong passwords in three minutes, then the help desk, then the right one. */
function forgottenPassword({ world, day, book, rng, budget }: Scene, person: Person): void {
  const machine = person.workstation;
  const from = day.at(8.62);
  let at = from;
  const logon = { person, machine, type: 2, from: machine } as const;
  const address = loggedAddress(logon);
  for (let i = 0; i < 6; i += 1) {
    if (budget.spend({ at, address, account: person.account }))
      windowsLogonFailure(book, world, rng, { ...logon, at });
    at = later(at, seconds(rng, 18, 40));
  }
  at = later(at, 6 * MINUTE);
  windowsLogon(book, world, rng, { ...logon, at });
  book.twin({
    name: "forgotten-password",
    description:
      "Someone back from a holiday mistypes a password six times, calls the help desk and gets in.",
    from,
    to: at,
    entities: [{ type: "user", value: person.account }],
    mustNotRaise: GUESSING,
  });
}

function forgottenPasswordOverSsh(scene: Scene, person: Person): void {
  const { world, day, book, rng, budget } = scene;
  const server = serverOf(world, "files");
  const { address } = person.workstation;
  const from = day.at(13.31);
  const connection = (at: typeof from): SshConnection =>
    new SshConnection(book, server, {
      at,
      address,
      port: rng.int(40_000, 60_000),
      pid: rng.int(2_000, 60_000),
    });
  if (!budget.spend({ at: from, address, account: person.account }, 5)) return;
  const first = connection(from);
  first.fail(person.account);
  first.failAgain(person.account, 2);
  const second = connection(later(first.now, seconds(rng, 15, 40)));
  second.fail(person.account);
  second.wait(seconds(rng, 5, 10));
  second.fail(person.account);
  second.wait(seconds(rng, 8, 20));
  second.enter(person.account, "password", uidOf(world, person), 4_711);
  second.wait(seconds(rng, 300, 900));
  second.leave(person.account, 4_711);
  book.twin({
    name: "forgotten-password-over-ssh",
    description: "Five wrong passwords over SSH, with rsyslog's folded lines, then the right one.",
    from,
    to: second.now,
    entities: [
      { type: "user", value: person.account },
      { type: "ip", value: address },
    ],
    mustNotRaise: [...GUESSING, "brute-force-then-success"],
  });
}

/** Two in the morning: one account enters every server, becomes root and moves gigabytes. */
function nightlyBackup({ world, day, book, rng }: Scene): void {
  const files = serverOf(world, "files");
  const from = day.at(2.03);
  let at = from;
  for (const server of world.servers) {
    const port = rng.int(40_000, 60_000);
    const connection = new SshConnection(book, server, {
      at,
      address: files.address,
      port,
      pid: rng.int(2_000, 60_000),
    });
    connection.enter("backup", "publickey", 990, rng.int(100, 9_000));
    connection.wait(seconds(rng, 1, 3));
    const command = "/usr/bin/rsync --server --sender -logDtpre.iLsfxCIvu . /srv /etc /home";
    sudo(book, server, {
      at: connection.now,
      account: "backup",
      uid: 990,
      command,
      pid: rng.int(2_000, 60_000),
    });
    connection.wait(seconds(rng, 120, 400));
    connection.leave("backup", rng.int(100, 9_000));
    at = later(connection.now, seconds(rng, 1, 5));
  }
  for (let i = 0; i < 120; i += 1) {
    asaConnection(book, world, {
      at: later(from, seconds(rng, 5, 2_400)),
      id: 900_000 + i,
      protocol: "TCP",
      inside: { address: files.address, port: rng.int(49_152, 65_535) },
      outside: { address: "192.0.2.44", port: 443 },
      direction: "outbound",
      durationSeconds: rng.int(20, 180),
      bytes: rng.int(2e8, 9e8),
    });
  }
  book.twin({
    name: "nightly-backup",
    description:
      "The backup account enters every server by key, becomes root and sends gigabytes to the off-site store.",
    from,
    to: at,
    entities: [
      { type: "user", value: "backup" },
      { type: "ip", value: files.address },
    ],
    mustNotRaise: GUESSING,
  });
}

/** A disk that fills up at half past eleven: an administrator from home, one wrong password, a lot of sudo. */
function adminAtNight(scene: Scene): void {
  const { world, day, book, rng, budget } = scene;
  const [admin] = world.admins;
  if (admin === undefined) return;
  const { account, homeAddress: address } = admin;
  const from = day.at(22.41);
  if (budget.spend({ at: from, address, account })) vpnRefused(book, world, { at: from, account, address });
  const at = later(from, seconds(rng, 10, 25));
  const assigned = "10.20.9.250";
  vpnSession(book, world, { at, account, address, assigned, durationSeconds: 3_900, bytes: 48_000_000 });
  const server = serverOf(world, "database");
  const port = rng.int(40_000, 60_000);
  const start = later(at, seconds(rng, 40, 90));
  const connection = new SshConnection(book, server, { at: start, address: assigned, port, pid: 31_337 });
  connection.enter(account, "publickey", uidOf(world, admin), 6_100);
  for (const command of [
    "/usr/bin/du -xsh /var",
    "/usr/bin/journalctl --vacuum-size=500M",
    "/usr/sbin/lvextend -L +40G /dev/vg0/pg",
    "/usr/bin/systemctl restart postgresql",
  ]) {
    connection.wait(seconds(rng, 60, 400));
    sudo(book, server, {
      at: connection.now,
      account,
      uid: uidOf(world, admin),
      command,
      pid: rng.int(2_000, 60_000),
    });
  }
  connection.leave(account, 6_100);
  consoleLogin(scene, admin, { at: later(connection.now, seconds(rng, 30, 60)), address, isSuccess: true });
  book.twin({
    name: "admin-at-night",
    description:
      "An administrator fixes a full disk late in the evening, from home, after one wrong password.",
    from,
    to: connection.now,
    entities: [
      { type: "user", value: account },
      { type: "ip", value: address },
    ],
    mustNotRaise: GUESSING,
  });
}

/** A dozen people behind one address mistype over a whole day: many failures of one address, never ten in five minutes. */
function branchOffice({ world, day, book, rng, budget }: Scene): void {
  const address = world.branchAddress;
  const people = world.people.slice(-BRANCH_PEOPLE);
  people.forEach((person, at) => {
    for (let visits = rng.int(3, 4); visits > 0; visits -= 1) {
      let now = day.sometime(rng, "office");
      const { account } = person;
      for (let wrong = rng.pick([0, 0, 1, 1, 2]); wrong > 0; wrong -= 1) {
        if (budget.spend({ at: now, address, account }))
          vpnRefused(book, world, { at: now, account, address });
        now = later(now, seconds(rng, 8, 30));
      }
      const assigned = `10.20.9.${100 + at}`;
      vpnSession(book, world, {
        at: now,
        account,
        address,
        assigned,
        durationSeconds: rng.int(1_200, 6_000),
        bytes: rng.int(1e6, 2e8),
      });
    }
  });
  book.twin({
    name: "branch-office",
    description:
      "A dozen people of the branch office share one address and mistype their passwords over the day.",
    from: day.start,
    to: day.end,
    entities: [{ type: "ip", value: address }],
    mustNotRaise: GUESSING,
  });
}
