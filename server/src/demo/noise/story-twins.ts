import { later, MINUTE, seconds } from "../day.ts";
import { asaDeny, vpnRefused, vpnSession } from "../formats/cisco-asa.ts";
import { SshConnection } from "../formats/linux.ts";
import { nginxAccess } from "../formats/nginx.ts";
import { windowsShareRead } from "../formats/windows-files.ts";
import { loggedAddress, windowsLogon, windowsLogonFailure } from "../formats/windows-security.ts";
import { BRANCH_PEOPLE, officePeople, serverOf } from "../world.ts";
import type { Person } from "../world.ts";
import { administrationTwins } from "./administration-twins.ts";
import type { Scene } from "./noise.ts";

/** For each story of several steps, something harmless that takes all but one of them. Each is booked with what it must not raise. */
export function storyTwins(scene: Scene): void {
  const [, , , fourth, fifth] = officePeople(scene.world);
  if (fourth === undefined || fifth === undefined) return;
  fourWrongThenPublicFile(scene, fourth);
  fiveWrongWithoutConfidentialFile(scene, fifth);
  branchOfficeMorning(scene);
  branchOfficeShopping(scene);
  ownScanner(scene);
  stalePassword(scene);
  administrationTwins(scene);
}

const GUESSED_FILE = ["login-then-confidential-file", "brute-force", "brute-force-then-success"] as const;

/** At home: four wrong passwords at the VPN, then the right one, then the canteen's menu. */
function fourWrongThenPublicFile({ world, day, book, rng, budget }: Scene, person: Person): void {
  const { account, sid, homeAddress: address } = person;
  const from = day.at(6.72);
  let at = from;
  for (let wrong = 0; wrong < 4; wrong += 1) {
    if (budget.spend({ at, address, account })) vpnRefused(book, world, { at, account, address });
    at = later(at, seconds(rng, 12, 40));
  }
  const assigned = "10.20.9.242";
  vpnSession(book, world, { at, account, address, assigned, durationSeconds: 3_300, bytes: 12_000_000 });
  at = later(at, 5 * MINUTE);
  const file = "Canteen\\menu week 47.pdf";
  const by = { account, sid };
  windowsShareRead(book, world, rng, { at, by, address: assigned, share: "Public", file });
  book.twin({
    name: "four-wrong-then-public-file",
    description:
      "Someone at home mistypes the VPN's password four times, gets in and reads the canteen's menu.",
    from,
    to: at,
    entities: [{ type: "user", value: account }],
    mustNotRaise: GUESSED_FILE,
  });
}

/** Five wrong passwords at the desk, then the right one; the files that follow are the department's own. */
function fiveWrongWithoutConfidentialFile({ world, day, book, rng, budget }: Scene, person: Person): void {
  const { account, sid, workstation: machine } = person;
  const logon = { person, machine, type: 2, from: machine } as const;
  const address = loggedAddress(logon);
  const from = day.at(7.02);
  let at = from;
  for (let wrong = 0; wrong < 5; wrong += 1) {
    if (budget.spend({ at, address, account })) windowsLogonFailure(book, world, rng, { ...logon, at });
    at = later(at, seconds(rng, 15, 50));
  }
  windowsLogon(book, world, rng, { ...logon, at });
  for (const file of ["Offers\\template.docx", "Offers\\2026\\north.xlsx", "Contacts.xlsx"]) {
    at = later(at, seconds(rng, 40, 200));
    windowsShareRead(book, world, rng, {
      at,
      by: { account, sid },
      address: machine.address,
      share: "Department",
      file,
    });
  }
  book.twin({
    name: "five-wrong-without-confidential-file",
    description: "Someone mistypes a password five times, gets in and works with the department's files.",
    from,
    to: at,
    entities: [{ type: "user", value: account }],
    mustNotRaise: GUESSED_FILE,
  });
}

/** After the long weekend: nine people behind one address mistype within twenty minutes, each once or twice. */
function branchOfficeMorning({ world, day, book, rng, budget }: Scene): void {
  const address = world.branchAddress;
  const from = day.at(8.21);
  let at = from;
  const people = world.people.slice(-BRANCH_PEOPLE, -3);
  people.forEach((person, number) => {
    const { account } = person;
    for (let wrong = rng.int(1, 2); wrong > 0; wrong -= 1) {
      if (budget.spend({ at, address, account })) vpnRefused(book, world, { at, account, address });
      at = later(at, seconds(rng, 8, 25));
    }
    const assigned = `10.20.9.${220 + number}`;
    vpnSession(book, world, { at, account, address, assigned, durationSeconds: 2_000, bytes: 8_000_000 });
    at = later(at, seconds(rng, 60, 140));
  });
  book.twin({
    name: "branch-office-morning",
    description:
      "Nine people of the branch office mistype their passwords within twenty minutes, behind one address.",
    from,
    to: at,
    entities: [{ type: "ip", value: address }],
    mustNotRaise: ["password-spraying", "brute-force", "brute-force-then-success"],
  });
}

/** The same address, an hour later: old bookmarks, and a search with words that SQL also knows. */
function branchOfficeShopping({ world, day, book, rng }: Scene): void {
  const address = world.branchAddress;
  const from = day.at(8.93);
  let at = from;
  const get = (path: string, status: number): void => {
    const request = `GET ${path} HTTP/2.0`;
    nginxAccess(book, { at, address, request, status, bytes: rng.int(150, 40_000), agent: OFFICE_BROWSER });
    at = later(at, seconds(rng, 2, 9));
  };
  for (let page = 0; page < 25; page += 1) get(`/old-shop/item-${rng.int(1, 900)}.html`, 404);
  get("/search?q=credit+union+select+committee", 200);
  get("/search?q=drop+leaf+table", 200);
  get("/search?q=what%27s+new+or+reduced", 200);
  book.twin({
    name: "branch-office-shopping",
    description:
      "The branch office, whose people mistype passwords all day, follows old bookmarks and searches for a drop leaf table.",
    from,
    to: at,
    entities: [{ type: "ip", value: address }],
    mustNotRaise: ["login-scan-injection", "web-scan", "web-attack"],
  });
}

const OFFICE_BROWSER =
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36";
const SCANNER = "10.20.3.61";
const SCANNED_PORTS = [21, 23, 25, 80, 111, 139, 443, 445, 3306, 3389, 5432, 8080] as const;

/** The office's own vulnerability scanner, at night: default passwords, ports, known paths; it proves nothing by force. */
function ownScanner({ world, day, book, rng, budget }: Scene): void {
  const from = day.at(1.27);
  let at = from;
  for (const server of world.servers.slice(0, 6)) {
    if (!budget.spend({ at, address: SCANNER, account: "admin" })) continue;
    const port = rng.int(40_000, 60_000);
    const connection = new SshConnection(book, server, {
      at,
      address: SCANNER,
      port,
      pid: rng.int(2_000, 60_000),
    });
    connection.failUnknown("admin");
    connection.closeEarly("admin");
    at = later(connection.now, seconds(rng, 60, 90));
    for (const destinationPort of SCANNED_PORTS) {
      asaDeny(book, world, {
        at,
        protocol: "tcp",
        source: SCANNER,
        sourcePort: port,
        destination: world.firewall.outside,
        destinationPort,
        from: "inside",
      });
      at = later(at, seconds(rng, 0.5, 2));
    }
  }
  for (let page = 0; page < 120; page += 1) {
    const request = `GET /${rng.pick(["admin", "cgi-bin", "status", ".well-known"])}/${rng.hex(5)} HTTP/1.1`;
    nginxAccess(book, { at, address: SCANNER, request, status: 404, bytes: 153, agent: "assessment/4.1" });
    at = later(at, seconds(rng, 6, 9));
  }
  book.twin({
    name: "own-scanner",
    description:
      "The office's vulnerability scanner tries a default account on six servers, knocks on ports and asks for known paths, politely and every week.",
    from,
    to: at,
    entities: [{ type: "ip", value: SCANNER }],
    mustNotRaise: ["login-scan-injection", "password-spraying", "brute-force", "port-scan", "web-scan"],
  });
}

/** A program that collects mail reports from every server still has last month's password: one account, all hosts, each hour. */
function stalePassword({ world, day, book, rng, budget }: Scene): void {
  const { address } = serverOf(world, "build");
  const account = "svc-mailreport";
  const from = day.at(9.05);
  let last = from;
  for (let round = 0; round < 6; round += 1) {
    let at = day.at(9.05 + round);
    for (const server of world.servers.slice(0, 7)) {
      if (!budget.spend({ at, address, account })) continue;
      const origin = { at, address, port: rng.int(40_000, 60_000), pid: rng.int(2_000, 60_000) };
      const connection = new SshConnection(book, server, origin);
      connection.fail(account);
      at = later(connection.now, seconds(rng, 20, 28));
    }
    last = at;
  }
  book.twin({
    name: "stale-password",
    description:
      "A program that fetches mail reports tries an old password on seven servers, once an hour, until someone notices.",
    from,
    to: last,
    entities: [
      { type: "user", value: account },
      { type: "ip", value: address },
    ],
    mustNotRaise: ["password-spraying", "brute-force", "brute-force-then-success"],
  });
}
