import type { Micros } from "@tyto/domain";
import { later, MINUTE, seconds } from "../day.ts";
import { cronJob, SshConnection, sudo, ufwBlock } from "../formats/linux.ts";
import { serverOf } from "../world.ts";
import type { Person } from "../world.ts";
import type { Scene } from "./noise.ts";

const CRON_JOBS = [
  ["root", "   cd / && run-parts --report /etc/cron.hourly", 60],
  ["root", "/usr/lib/monitoring/collect --quiet", 10],
  ["www-data", "/usr/bin/php /srv/shop/bin/queue run", 5],
] as const;

const COMMANDS = [
  "/usr/bin/systemctl status nginx",
  "/usr/bin/systemctl reload nginx",
  "/usr/bin/journalctl -u shop --since today",
  "/usr/bin/apt-get update",
  "/usr/bin/tail -n 200 /var/log/syslog",
  "/usr/bin/docker ps",
] as const;

/** What bots try, all over the Internet, all day. */
const BOT_ACCOUNTS = (
  "root admin test ubuntu user oracle postgres git ftpuser pi guest support mysql www backup1 hadoop jenkins minecraft " +
  "nagios odoo deployer dev es tomcat svn vagrant steam teamspeak demo sysadmin administrator"
).split(" ");

const BLOCKED_PORTS = [
  23, 445, 3389, 8080, 5900, 6379, 1433, 3306, 2323, 8443, 9200, 11211, 5060, 37215,
] as const;

export function uidOf(world: Scene["world"], person: Person): number {
  return 1_001 + world.people.indexOf(person);
}

/** Linux as it is every day: jobs, people at work on servers, bots that knock. */
export function linuxNoise(scene: Scene): void {
  jobs(scene);
  work(scene);
  bots(scene);
  blockedPackets(scene);
}

function jobs({ world, day, book, rng }: Scene): void {
  for (const server of world.servers) {
    for (const [account, command, minutes] of CRON_JOBS) {
      if (account === "www-data" && server.role !== "web") continue;
      for (const at of day.every(rng, minutes * MINUTE, 900_000)) {
        cronJob(book, server, { at, account, command, pid: rng.int(2_000, 60_000) });
      }
    }
  }
}

/** Engineers and administrators: in by key through the bastion, rarely by password, sometimes mistyped. */
function work(scene: Scene): void {
  const { world, day, rng } = scene;
  const people = world.people.filter(({ department }) => department === "engineering" || department === "it");
  for (const person of people) {
    for (let i = rng.int(3, 9); i > 0; i -= 1) session(scene, person, day.sometime(rng, "office"));
  }
}

function session({ world, book, rng, budget }: Scene, person: Person, at: Micros): void {
  const server = rng.pick(world.servers);
  const address = person.workstation.address;
  const connection = new SshConnection(book, server, {
    at,
    address,
    port: rng.int(40_000, 60_000),
    pid: rng.int(2_000, 60_000),
  });
  const id = rng.int(100, 9_000);
  const uid = uidOf(world, person);
  const isPassword = rng.chance(0.15);
  if (isPassword && rng.chance(0.4) && budget.spend({ at, address, account: person.account })) {
    connection.fail(person.account);
    connection.wait(seconds(rng, 2, 5));
  }
  connection.enter(person.account, isPassword ? "password" : "publickey", uid, id);
  for (let i = rng.int(0, 3); i > 0; i -= 1) {
    connection.wait(seconds(rng, 20, 300));
    const pid = rng.int(2_000, 60_000);
    sudo(book, server, {
      at: connection.now,
      account: person.account,
      uid,
      command: rng.pick(COMMANDS),
      pid,
    });
  }
  connection.wait(seconds(rng, 30, 1_800));
  connection.leave(person.account, id);
}

/** The background noise of port 22: many addresses, few tries each. */
function bots({ world, day, book, rng, budget }: Scene): void {
  const exposed = world.servers.filter(({ publicAddress }) => publicAddress !== undefined);
  for (const server of exposed) {
    for (let i = 0; i < 900; i += 1) {
      const at = day.sometime(rng, "even");
      const address = rng.pick(world.scanners);
      const account = rng.pick(BOT_ACCOUNTS);
      const port = rng.int(30_000, 61_000);
      const connection = new SshConnection(book, server, { at, address, port, pid: rng.int(2_000, 60_000) });
      if (rng.chance(0.35)) connection.closeEarly();
      else if (!budget.spend({ at, address, account })) connection.closeEarly();
      else if (account === "root") connection.fail(account);
      else {
        connection.failUnknown(account);
        connection.closeEarly(account);
      }
    }
  }
}

function blockedPackets({ world, day, book, rng }: Scene): void {
  const web = world.servers.filter(({ role }) => role === "web" || role === "bastion");
  for (let i = 0; i < 4_000; i += 1) {
    const at = day.sometime(rng, "even");
    ufwBlock(book, rng.pick(web), {
      at,
      uptimeSeconds: 1_234_567 + (at - day.start) / 1_000_000,
      source: rng.pick(world.scanners),
      sourcePort: rng.int(1_024, 65_000),
      destinationPort: rng.pick(BLOCKED_PORTS),
      protocol: rng.chance(0.9) ? "TCP" : "UDP",
      id: rng.int(1, 65_535),
      ttl: rng.int(40, 250),
    });
  }
}

/** A probe that looks at every server's port 22 and at the shop each minute: never logs in, never stops. */
export function probeServers({ world, day, book, rng }: Scene): void {
  const probe = serverOf(world, "monitoring");
  for (const server of world.servers) {
    if (server === probe) continue;
    for (const at of day.every(rng, 5 * MINUTE, 2_000_000)) {
      const { address } = probe;
      const port = rng.int(32_768, 60_999);
      new SshConnection(book, server, {
        at: later(at, 0),
        address,
        port,
        pid: rng.int(2_000, 60_000),
      }).closeEarly();
    }
  }
}
