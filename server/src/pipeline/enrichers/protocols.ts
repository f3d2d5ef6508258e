/**
 * IANA's protocol numbers that logs name, with the names that ECS and the community use. Several names for one number: the first is
 * the one that we write.
 */
const PROTOCOLS: readonly (readonly [number: number, ...names: readonly string[]])[] = [
  [0, "hopopt"],
  [1, "icmp", "icmpv4"],
  [2, "igmp"],
  [4, "ipv4", "ipip", "ip-in-ip"],
  [6, "tcp", "tcpv4", "tcpv6"],
  [8, "egp"],
  [9, "igp"],
  [17, "udp", "udpv4", "udpv6"],
  [27, "rdp"],
  [33, "dccp"],
  [41, "ipv6"],
  [43, "ipv6-route"],
  [44, "ipv6-frag"],
  [46, "rsvp"],
  [47, "gre"],
  [50, "esp", "ipsec-esp"],
  [51, "ah", "ipsec-ah"],
  [58, "ipv6-icmp", "icmpv6", "icmp6"],
  [59, "ipv6-nonxt"],
  [60, "ipv6-opts"],
  [88, "eigrp"],
  [89, "ospf", "ospfigp"],
  [94, "ipip"],
  [97, "etherip"],
  [98, "encap"],
  [103, "pim"],
  [108, "ipcomp"],
  [112, "vrrp"],
  [115, "l2tp"],
  [132, "sctp"],
  [136, "udplite"],
  [137, "mpls-in-ip"],
];

const NAME_BY_NUMBER: ReadonlyMap<number, string> = new Map(
  PROTOCOLS.map(([number, name = ""]) => [number, name]),
);

const NUMBER_BY_NAME: ReadonlyMap<string, number> = new Map(
  // The first number of a name wins.
  [...PROTOCOLS].reverse().flatMap(([number, ...names]) => names.map((name) => [name, number] as const)),
);

/** Lower case; `undefined` for a number that logs do not name. */
export function protocolName(number: number): string | undefined {
  return NAME_BY_NUMBER.get(number);
}

/** @param name lower case. */
export function protocolNumber(name: string): number | undefined {
  return NUMBER_BY_NAME.get(name);
}
