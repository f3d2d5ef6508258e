import type { Micros } from "@tyto/domain";
import { later } from "../day.ts";
import type { Logbook } from "../logbook.ts";
import type { World } from "../world.ts";
import { ciscoTime } from "./syslog.ts";

/** The firewall: Cisco ASA with `logging timestamp` and `logging device-id hostname`, to syslog over UDP as facility local4. */
function write(book: Logbook, world: World, at: Micros, severity: number, id: number, text: string): void {
  const { name } = world.firewall;
  const line = `<${160 + severity}>${ciscoTime(at)} ${name} : %ASA-${severity}-${id}: ${text}`;
  book.write({ at, input: "syslog-udp", source: name, text: line });
}

export interface Connection {
  readonly at: Micros;
  readonly id: number;
  readonly protocol: "TCP" | "UDP";
  readonly inside: { readonly address: string; readonly port: number };
  readonly outside: { readonly address: string; readonly port: number };
  readonly direction: "inbound" | "outbound";
  readonly durationSeconds: number;
  readonly bytes: number;
}

/** Built and torn down (302013 to 302016). */
export function asaConnection(book: Logbook, world: World, connection: Connection): void {
  const { at, id, protocol, inside, outside, direction, durationSeconds, bytes } = connection;
  const isTcp = protocol === "TCP";
  const far = `outside:${outside.address}/${outside.port}`;
  const near = `inside:${inside.address}/${inside.port}`;
  const mapped =
    direction === "outbound"
      ? `${world.firewall.outside}/${inside.port}`
      : `${inside.address}/${inside.port}`;
  const built = `Built ${direction} ${protocol} connection ${id} for ${far} (${outside.address}/${outside.port}) to ${near} (${mapped})`;
  write(book, world, at, 6, isTcp ? 302013 : 302015, built);
  const reason = isTcp ? " TCP FINs" : "";
  const torn = `Teardown ${protocol} connection ${id} for ${far} to ${near} duration ${clock(durationSeconds)} bytes ${bytes}${reason}`;
  write(book, world, later(at, durationSeconds * 1_000_000), 6, isTcp ? 302014 : 302016, torn);
}

/** Denied by the access list of the interface it came in on (106023). */
export function asaDeny(
  book: Logbook,
  world: World,
  packet: {
    readonly at: Micros;
    readonly protocol: "tcp" | "udp";
    readonly source: string;
    readonly sourcePort: number;
    readonly destination: string;
    readonly destinationPort: number;
    /** From the Internet, unless it says otherwise. */
    readonly from?: "outside" | "inside";
  },
): void {
  const { at, protocol, source, sourcePort, destination, destinationPort, from = "outside" } = packet;
  const to = from === "outside" ? "inside" : "outside";
  const text = `Deny ${protocol} src ${from}:${source}/${sourcePort} dst ${to}:${destination}/${destinationPort} by access-group "${from}_in" [0x0, 0x0]`;
  write(book, world, at, 4, 106023, text);
}

/** The built-in signatures (400026 to 400028) that see packets which no honest system sends. */
const SIGNATURES = {
  "null-flags": [400026, "IPS:3040 TCP NULL flags"],
  "syn-fin-flags": [400027, "IPS:3041 TCP SYN+FIN flags"],
  "fin-flag": [400028, "IPS:3042 TCP FIN only flags"],
} as const;

/** What a port scanner's odd packets look like to `ip audit`. */
export function asaSignature(
  book: Logbook,
  world: World,
  packet: {
    readonly at: Micros;
    readonly signature: keyof typeof SIGNATURES;
    readonly source: string;
    readonly destination: string;
  },
): void {
  const { at, signature, source, destination } = packet;
  const [id, name] = SIGNATURES[signature];
  write(book, world, at, 4, id, `${name} from ${source} to ${destination} on interface outside`);
}

/** `threat-detection scanning-threat` has seen a host knock on too many doors (733101). */
export function asaAttacker(
  book: Logbook,
  world: World,
  host: { readonly at: Micros; readonly source: string; readonly burst: number; readonly total: number },
): void {
  const { at, source, burst, total } = host;
  const rates = `Current burst rate is ${burst} per second, max configured rate is 10; Current average rate is 6 per second, max configured rate is 5`;
  write(
    book,
    world,
    at,
    4,
    733101,
    `Host ${source} is attacking. ${rates}; Cumulative total count is ${total}`,
  );
}

/** A person on the VPN: refused (113005), let in (113004, 722051), gone (113019). */
export function vpnRefused(
  book: Logbook,
  world: World,
  login: { readonly at: Micros; readonly account: string; readonly address: string },
): void {
  const { at, account, address } = login;
  const text = `AAA user authentication Rejected : reason = AAA failure : server = ${world.controller.address} : user = ${account} : user IP = ${address}`;
  write(book, world, at, 6, 113005, text);
  book.attempt({ at, address, account, host: world.firewall.name, outcome: "failure" });
}

export function vpnSession(
  book: Logbook,
  world: World,
  session: {
    readonly at: Micros;
    readonly account: string;
    readonly address: string;
    readonly assigned: string;
    readonly durationSeconds: number;
    readonly bytes: number;
  },
): void {
  const { at, account, address, assigned, durationSeconds, bytes } = session;
  const server = world.controller.address;
  write(
    book,
    world,
    at,
    6,
    113004,
    `AAA user authentication Successful : server =  ${server} : user = ${account}`,
  );
  book.attempt({ at, address, account, host: world.firewall.name, outcome: "success" });
  const given = `Group <staff> User <${account}> IP <${address}> IPv4 Address <${assigned}> IPv6 address <::> assigned to session`;
  write(book, world, later(at, 1_200_000), 4, 722051, given);
  const hours = Math.floor(durationSeconds / 3_600);
  const minutes = String(Math.floor((durationSeconds % 3_600) / 60)).padStart(2, "0");
  const rest = String(durationSeconds % 60).padStart(2, "0");
  const ended = `Group = staff, Username = ${account}, IP = ${address}, Session disconnected. Session Type: SSL, Duration: ${hours}h:${minutes}m:${rest}s, Bytes xmt: ${bytes}, Bytes rcv: ${Math.round(bytes / 7)}, Reason: User Requested`;
  write(book, world, later(at, durationSeconds * 1_000_000), 4, 113019, ended);
}

function clock(durationSeconds: number): string {
  const hours = Math.floor(durationSeconds / 3_600);
  const minutes = Math.floor((durationSeconds % 3_600) / 60);
  return `${hours}:${String(minutes).padStart(2, "0")}:${String(durationSeconds % 60).padStart(2, "0")}`;
}
