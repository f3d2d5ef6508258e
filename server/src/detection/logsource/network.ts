import type { FieldTable, LogsourceRow, LogsourceTable } from "./rows.ts";
import type { When } from "./when.ts";

const CONNECTION: FieldTable = {
  src_ip: ["source.ip"],
  src_port: ["source.port"],
  dst_ip: ["destination.ip"],
  dst_port: ["destination.port"],
  action: ["event.action"],
};
const DNS: FieldTable = {
  query: ["dns.question.name"],
  record_type: ["dns.question.type"],
  answer: ["dns.answers.data", "dns.resolved_ip"],
};

/** ECS alone: any pack that writes a connection or a question feeds these. */
const GENERAL: readonly LogsourceRow[] = [
  {
    category: "firewall",
    when: [
      { category: ["network"], type: ["allowed", "denied"] },
      { category: ["network"], observer: ["firewall"] },
    ],
    fields: CONNECTION,
    unsent: { blocked: "what a firewall did stands in event.action and event.type" },
    synonyms: { action: { accept: ["allow", "allowed", "permit", "permitted", "flow_accepted"] } },
  },
  { category: "dns", when: [{ dnsQuestion: true }], fields: DNS },
  { service: "netflow", when: [{ dataset: ["netflow"] }, { pack: ["netflow"] }, { module: ["netflow"] }] },
  /** Ours: any sign-in of any product, in ECS names. */
  { category: "authentication", when: [{ category: ["authentication"] }] },
];

const IOS: readonly When[] = [
  { dataset: ["cisco_ios", "cisco.ios"] },
  { pack: ["cisco-ios", "cisco_ios", "cisco-nexus", "cisco_nexus"] },
];
const JUNIPER: readonly When[] = [{ dataset: ["juniper", "juniper_srx"] }, { pack: ["juniper"] }];
const HUAWEI: readonly When[] = [{ dataset: ["huawei"] }, { pack: ["huawei"] }];
const FORTIGATE: readonly When[] = [
  { dataset: ["fortinet_fortigate", "fortinet.firewall"] },
  { pack: ["fortinet-fortigate", "fortinet_fortigate", "fortinet"] },
];
const PALO_ALTO: readonly When[] = [{ dataset: ["panw"] }, { pack: ["panw", "paloalto", "palo-alto"] }];

/** Services of routers and firewalls whose rules look for words in the message; each device sends them all in one log. */
function spoken(
  product: string,
  services: readonly string[],
  when: readonly When[],
  sends: string,
): readonly LogsourceRow[] {
  return services.map((service) => ({ product, service, when, sends: [sends] }));
}

export const NETWORK: LogsourceTable = {
  products: [
    // Duo is Cisco's too; its rows stand with the identity providers.
    {
      product: "cisco",
      when: [
        { pack: ["cisco", "cisco_ios", "cisco_nexus", "cisco_duo", "duo"] },
        { dataset: ["cisco", "cisco_ios", "cisco_nexus", "cisco_duo"] },
      ],
      namespaces: ["cisco_duo.auth"],
    },
    { product: "juniper", when: JUNIPER, sends: ["juniper"] },
    { product: "huawei", when: HUAWEI, sends: ["huawei"] },
    {
      product: "fortigate",
      when: FORTIGATE,
      sends: ["fortinet.firewall"],
      namespaces: ["fortinet.firewall"],
    },
    { product: "fortios", when: FORTIGATE, sends: ["fortinet.firewall"], namespaces: ["fortinet.firewall"] },
    { product: "paloalto", when: PALO_ALTO, sends: ["panw"], namespaces: ["panw.panos"] },
  ],
  rows: [
    ...GENERAL,
    ...spoken("cisco", ["aaa", "bgp", "ldp", "syslog"], IOS, "cisco.ios"),
    ...spoken("juniper", ["bgp"], JUNIPER, "juniper"),
    ...spoken("huawei", ["bgp"], HUAWEI, "huawei"),
    {
      product: "fortigate",
      service: "event",
      when: FORTIGATE,
      sends: ["fortinet.firewall"],
      fields: {
        action: ["fortinet.firewall.action", "event.action"],
        cfgpath: ["fortinet.firewall.cfgpath"],
      },
    },
    ...spoken("fortios", ["sslvpnd"], FORTIGATE, "fortinet.firewall"),
    { product: "paloalto", category: "appliance", when: PALO_ALTO, sends: ["panw"] },
    {
      product: "paloalto",
      category: "file_event",
      when: [{ category: ["file"] }],
      sends: ["panw"],
      fields: { TargetFilename: ["file.path"] },
    },
    ...spoken("paloalto", ["globalprotect"], PALO_ALTO, "panw"),
  ],
};
