import type { Rng } from "./rng.ts";

export interface Person {
  /** Account on Windows, Linux, VPN and in the cloud. */
  readonly account: string;
  readonly fullName: string;
  readonly department: "sales" | "support" | "finance" | "engineering" | "it";
  readonly sid: string;
  readonly workstation: Machine;
  /** Address at home, for the VPN and the cloud console. */
  readonly homeAddress: string;
}

export interface Machine {
  /** Lower case, without domain. */
  readonly name: string;
  readonly address: string;
  readonly mac: string;
}

export interface LinuxServer extends Machine {
  /** What the Internet sees; undefined where it sees nothing. */
  readonly publicAddress: string | undefined;
  /** How its rsyslog forwards: lines of RFC 3164, or RFC 5424 with octet counting. */
  readonly dialect: "rfc3164" | "rfc5424";
  readonly role: "bastion" | "web" | "database" | "build" | "files" | "monitoring";
}

export interface World {
  readonly domain: string;
  readonly netbios: string;
  readonly domainSid: string;
  readonly people: readonly Person[];
  readonly admins: readonly Person[];
  readonly servers: readonly LinuxServer[];
  readonly controller: Machine;
  /** A Windows file server; of its logs, only what is audited about files and shares is collected. */
  readonly fileServer: Machine;
  readonly firewall: Machine & { readonly outside: string };
  /** The branch office's one address, behind which a dozen people sit. */
  readonly branchAddress: string;
  readonly shopHost: string;
  readonly customers: readonly string[];
  /** Addresses that knock on everything, everywhere, all day. */
  readonly scanners: readonly string[];
  /** Not used by anything else: stories draw theirs from here. */
  readonly strangers: readonly string[];
  readonly aws: { readonly account: string; readonly region: string; readonly ciRole: string };
}

const FIRST_NAMES = [
  ..."amara bruno carla dmitri elena farid greta hiro ines jonas katya liam maren".split(" "),
  ..."nadia oscar petra quentin rosa sven tamar umar vera wanda xenia yusuf zoe".split(" "),
];
const LAST_NAMES = [
  ..."albrecht bianchi castell dahl eklund fabre grau holm ivarsen jansen kovac".split(" "),
  ..."lindt moreau nowak oduya pires quist rahn sato tiller ueda varga weiss yilmaz zeman".split(" "),
];
const PEOPLE = 60;
/** The last of them sit in the branch office. */
export const BRANCH_PEOPLE = 12;

/** The office: who works there, on what, behind which addresses. All names are invented, all addresses are for documentation. */
export function createWorld(rng: Rng): World {
  const domainSid = `S-1-5-21-${rng.int(1e9, 2e9)}-${rng.int(1e9, 2e9)}-${rng.int(1e9, 2e9)}`;
  const people = createPeople(rng, domainSid);
  return {
    domain: "corp.example.com",
    netbios: "CORP",
    domainSid,
    people,
    admins: people.filter((person) => person.department === "it"),
    servers: createServers(rng),
    controller: machine(rng, "dc01", "10.20.0.10"),
    firewall: { ...machine(rng, "fw1", "10.20.0.1"), outside: "198.51.100.2" },
    branchAddress: "198.51.100.20",
    shopHost: "shop.example.com",
    customers: [
      ...range(1, 149).map((last) => `203.0.113.${last}`),
      ...range(1, 250).map(() => `2001:db8:${rng.hex(4)}:${rng.int(1, 9999)}::${rng.int(1, 99)}`),
    ],
    scanners: range(60, 240).map((last) => `192.0.2.${last}`),
    strangers: range(200, 254).map((last) => `203.0.113.${last}`),
    aws: { account: String(rng.int(2e11, 8e11)), region: "eu-central-1", ciRole: "deploy-pipeline" },
    // Drawn last: what came before it is the same without it.
    fileServer: machine(rng, "fs1", "10.20.0.20"),
  };
}

function createPeople(rng: Rng, domainSid: string): readonly Person[] {
  const departments = [
    ["sales", 18],
    ["support", 14],
    ["finance", 7],
    ["engineering", 17],
  ] as const;
  const accounts = new Set<string>();
  const people: Person[] = [];
  while (people.length < PEOPLE) {
    const first = rng.pick(FIRST_NAMES);
    const last = rng.pick(LAST_NAMES);
    const account = `${first.slice(0, 1)}.${last}`;
    if (accounts.has(account)) continue;
    accounts.add(account);
    const at = people.length;
    people.push({
      account,
      fullName: `${capital(first)} ${capital(last)}`,
      department: at < 4 ? "it" : rng.pickWeighted(departments),
      sid: `${domainSid}-${1_104 + at}`,
      workstation: machine(rng, `ws-${String(at + 1).padStart(3, "0")}`, `10.20.1.${at + 11}`),
      homeAddress: `198.51.100.${100 + at}`,
    });
  }
  return people;
}

function createServers(rng: Rng): readonly LinuxServer[] {
  const rows = [
    ["bastion1", "10.20.2.5", "198.51.100.5", "rfc5424", "bastion"],
    ["web1", "10.20.2.11", "198.51.100.11", "rfc3164", "web"],
    ["web2", "10.20.2.12", "198.51.100.12", "rfc3164", "web"],
    ["db1", "10.20.3.21", undefined, "rfc5424", "database"],
    ["db2", "10.20.3.22", undefined, "rfc5424", "database"],
    ["build1", "10.20.3.31", undefined, "rfc3164", "build"],
    ["files1", "10.20.3.41", undefined, "rfc3164", "files"],
    ["mon1", "10.20.3.51", undefined, "rfc5424", "monitoring"],
  ] as const;
  return rows.map(([name, address, publicAddress, dialect, role]) => ({
    ...machine(rng, name, address),
    publicAddress,
    dialect,
    role,
  }));
}

/** The first server of a role. */
export function serverOf(world: World, role: LinuxServer["role"]): LinuxServer {
  const server = world.servers.find((each) => each.role === role);
  if (server === undefined) throw new Error(`the office has no ${role} server`);
  return server;
}

/** Those whose working day touches neither servers nor the cloud. */
export function officePeople(world: World): readonly Person[] {
  return world.people.filter(({ department }) => department !== "it" && department !== "engineering");
}

/** The first of them are the twins'. */
const OWNERS_OF_TWINS = 8;

/** One of those with whom no other story and no twin has plans; the same number, the same person. */
export function bystander(world: World, number: number): Person {
  const targets = new Set(world.people.slice(20, 22));
  const branch = new Set(world.people.slice(-BRANCH_PEOPLE));
  const free = officePeople(world)
    .slice(OWNERS_OF_TWINS)
    .filter((person) => !targets.has(person) && !branch.has(person));
  const person = free[number];
  if (person === undefined) throw new Error(`the office has no bystander ${number}`);
  return person;
}

function machine(rng: Rng, name: string, address: string): Machine {
  const mac = ["52", "54", "00", rng.hex(2), rng.hex(2), rng.hex(2)].join(":");
  return { name, address, mac };
}

function range(low: number, high: number): readonly number[] {
  return Array.from({ length: high - low + 1 }, (_, i) => low + i);
}

function capital(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}
