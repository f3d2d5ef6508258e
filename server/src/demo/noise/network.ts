import { seconds } from "../day.ts";
import { asaConnection, asaDeny, vpnRefused, vpnSession } from "../formats/cisco-asa.ts";
import type { Person } from "../world.ts";
import type { Scene } from "./noise.ts";

const WEB_PORTS = [443, 443, 443, 443, 80] as const;
const DENIED_PORTS = [23, 445, 3389, 5900, 8080, 22, 1433, 161, 123] as const;

const CONNECTIONS = 9_500;
const FIRST_CONNECTION = 1_000_000;

/** The firewall as it is every day: people and servers going out, the Internet being kept out, the VPN. */
export function networkNoise(scene: Scene): void {
  outbound(scene);
  denied(scene);
  const remote = scene.world.people.filter((_, at) => at % 3 === 0);
  remote.forEach((person, at) => remoteDay(scene, person, `10.20.9.${at + 10}`));
}

function outbound({ world, day, book, rng }: Scene): void {
  const times = Array.from({ length: CONNECTIONS }, () => day.sometime(rng, "office")).sort((a, b) => a - b);
  for (const [i, at] of times.entries()) {
    const person = rng.pick(world.people);
    const isDns = rng.chance(0.25);
    const outside = isDns
      ? { address: "192.0.2.53", port: 53 }
      : { address: `192.0.2.${rng.int(1, 50)}`, port: rng.pick(WEB_PORTS) };
    asaConnection(book, world, {
      at,
      id: FIRST_CONNECTION + i * 2 + rng.int(0, 1),
      protocol: isDns ? "UDP" : "TCP",
      inside: {
        address: isDns ? world.controller.address : person.workstation.address,
        port: rng.int(49_152, 65_535),
      },
      outside,
      direction: "outbound",
      durationSeconds: isDns ? 0 : Math.min(3_600, Math.round(rng.exponential(40))),
      bytes: isDns ? rng.int(90, 400) : Math.round(rng.exponential(60_000)) + 300,
    });
  }
}

function denied({ world, day, book, rng }: Scene): void {
  for (let i = 0; i < 5_000; i += 1) {
    asaDeny(book, world, {
      at: day.sometime(rng, "even"),
      protocol: rng.chance(0.85) ? "tcp" : "udp",
      source: rng.pick(world.scanners),
      sourcePort: rng.int(1_024, 65_000),
      destination: world.firewall.outside,
      destinationPort: rng.pick(DENIED_PORTS),
    });
  }
}

/** A day at home: in over the VPN in the morning, after lunch again; now and then a wrong password. */
function remoteDay({ world, day, book, rng, budget }: Scene, person: Person, assigned: string): void {
  const { account, homeAddress: address } = person;
  for (const [hour, hours] of [
    [7.6 + rng.next() * 1.6, 3.4],
    [12.8 + rng.next() * 0.6, 4.2],
  ] as const) {
    let at = day.at(hour);
    if (rng.chance(0.2) && budget.spend({ at, address, account })) {
      vpnRefused(book, world, { at, account, address });
      at = day.at(hour + seconds(rng, 5, 20) / 3_600_000_000);
    }
    const durationSeconds = Math.round(hours * 3_600 * (0.8 + rng.next() * 0.3));
    vpnSession(book, world, { at, account, address, assigned, durationSeconds, bytes: rng.int(5e6, 9e8) });
  }
}
