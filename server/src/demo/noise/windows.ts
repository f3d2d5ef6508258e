import type { Micros } from "@tyto/domain";
import { later, seconds } from "../day.ts";
import { windowsAccountCreated } from "../formats/windows-accounts.ts";
import {
  loggedAddress,
  windowsLogoff,
  windowsLogon,
  windowsLogonFailure,
} from "../formats/windows-security.ts";
import { windowsActivity, windowsProcess } from "../formats/windows-sysmon.ts";
import type { Person } from "../world.ts";
import type { Scene } from "./noise.ts";
import { isForgetful } from "./twins.ts";

const PROGRAMS = [
  [
    "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
    `"C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe"`,
  ],
  [
    "C:\\Program Files\\Microsoft Office\\root\\Office16\\OUTLOOK.EXE",
    `"C:\\Program Files\\Microsoft Office\\root\\Office16\\OUTLOOK.EXE"`,
  ],
  [
    "C:\\Program Files\\Microsoft Office\\root\\Office16\\EXCEL.EXE",
    `"C:\\Program Files\\Microsoft Office\\root\\Office16\\EXCEL.EXE" /dde`,
  ],
  ["C:\\Windows\\System32\\notepad.exe", "notepad.exe notes.txt"],
  ["C:\\Windows\\explorer.exe", "C:\\Windows\\explorer.exe"],
  ["C:\\Program Files\\7-Zip\\7zFM.exe", `"C:\\Program Files\\7-Zip\\7zFM.exe"`],
] as const;

/** Windows as it is every day: people come, unlock, mistype, work and go. */
export function windowsNoise(scene: Scene): void {
  const { world, day, book, rng } = scene;
  for (const person of world.people) workday(scene, person);
  const helper = rng.pick(world.admins);
  for (const [hour, account, fullName, relativeId] of [
    [9.4, "p.newcomb", "Pia Newcomb", 2_001],
    [14.1, "svc-labels", "Label printing", 2_002],
  ] as const) {
    const sid = `${world.domainSid}-${relativeId}`;
    const created = { account, fullName, sid };
    windowsAccountCreated(book, world, { at: day.at(hour + rng.next() * 0.3), by: helper, created });
  }
}

function workday(scene: Scene, person: Person): void {
  const { world, day, book, rng } = scene;
  const machine = person.workstation;
  const comes = day.at((isForgetful(world, person) ? 9 : 7.4) + rng.next() * 2.2);
  const goes = day.at(15.8 + rng.next() * 2.6);
  mistypes(scene, person, later(comes, -seconds(rng, 4, 15)), 0.15);
  const logonId = windowsLogon(book, world, rng, { at: comes, person, machine, type: 2, from: machine });
  for (let breaks = rng.int(2, 5); breaks > 0; breaks -= 1) {
    const back = later(comes, Math.floor(rng.next() * (goes - comes)));
    mistypes(scene, person, later(back, -seconds(rng, 3, 9)), 0.08);
    windowsLogon(book, world, rng, { at: back, person, machine, type: 7, from: machine });
  }
  for (let shares = rng.int(8, 22); shares > 0; shares -= 1) share(scene, person, comes, goes);
  for (let programs = rng.int(22, 50); programs > 0; programs -= 1) work(scene, person, comes, goes, logonId);
  windowsLogoff(book, world, { at: goes, person, machine, type: 2, logonId });
}

/** Group policy, printers, home folders: a network logon on the controller that lasts seconds. */
function share({ world, book, rng }: Scene, person: Person, from: Micros, to: Micros): void {
  const at = later(from, Math.floor(rng.next() * (to - from)));
  const machine = world.controller;
  const logonId = windowsLogon(book, world, rng, { at, person, machine, type: 3, from: person.workstation });
  windowsLogoff(book, world, { at: later(at, seconds(rng, 1, 60)), person, machine, type: 3, logonId });
}

function work({ world, book, rng }: Scene, person: Person, from: Micros, to: Micros, logonId: string): void {
  const at = later(from, Math.floor(rng.next() * (to - from)));
  const [image, commandLine] = rng.pick(PROGRAMS);
  windowsProcess(book, world, rng, {
    at,
    person,
    image,
    commandLine,
    parentImage: "C:\\Windows\\explorer.exe",
    logonId,
  });
  if (rng.chance(0.5)) {
    const address = `192.0.2.${rng.int(1, 50)}`;
    const host = rng.pick(["www.example.net", "mail.example.com", "docs.example.org"]);
    const connected = later(at, seconds(rng, 0.5, 8));
    windowsActivity(book, world, rng, {
      kind: "connection",
      at: connected,
      person,
      image,
      address,
      port: 443,
      host,
    });
  }
  if (rng.chance(0.4)) {
    const path = `C:\\Users\\${person.account}\\Documents\\report-${rng.int(1, 400)}.xlsx`;
    windowsActivity(book, world, rng, {
      kind: "file",
      at: later(at, seconds(rng, 20, 400)),
      person,
      image,
      path,
    });
  }
}

function mistypes({ world, book, rng, budget }: Scene, person: Person, at: Micros, chance: number): void {
  if (!rng.chance(chance)) return;
  const logon = { at, person, machine: person.workstation, type: 2, from: person.workstation } as const;
  if (budget.spend({ at, address: loggedAddress(logon), account: person.account }))
    windowsLogonFailure(book, world, rng, logon);
}
