import type { LogsourceRow, LogsourceTable, ProductRow } from "./rows.ts";
import type { When } from "./when.ts";

/**
 * Applications whose rules look for words in an error log. Nothing in such a line says what wrote it: the pack does, or
 * the module that a shipper names.
 */
const SPOKEN: Readonly<Record<string, readonly string[]>> = {
  django: ["django"],
  jvm: ["jvm", "tomcat", "apache_tomcat", "oracle_weblogic", "websphere_application_server", "spring_boot"],
  nodejs: ["nodejs"],
  python: ["python", "django"],
  ruby_on_rails: ["ruby_on_rails", "rails"],
  spring: ["spring", "spring_boot"],
  sql: ["mysql", "postgresql", "microsoft_sqlserver", "mssql", "oracle"],
  velocity: ["velocity"],
};

function whenOf(names: readonly string[]): readonly When[] {
  return [{ pack: names }, { module: names }, { dataset: names }];
}

const products = Object.entries(SPOKEN).map(([product, names]): ProductRow => ({
  product,
  when: whenOf(names),
  sends: names,
}));
const rows = Object.entries(SPOKEN).map(([product, names]): LogsourceRow => ({
  product,
  category: "application",
  when: whenOf(names),
  sends: names,
}));

const OPENCANARY = whenOf(["opencanary"]);
/** RPC Firewall writes to a channel of its own; its messages have to be read before there are fields. */
const RPC_FIREWALL: readonly When[] = [
  { channel: ["rpcfw"] },
  { provider: ["rpcfw"] },
  { dataset: ["rpc_firewall"] },
  { pack: ["rpc_firewall", "zeronetworks-rpcfirewall"] },
];
const QUALYS = whenOf(["qualys", "qualys_vmdr"]);
const DATABASES = SPOKEN["sql"] ?? [];

export const APPLICATIONS: LogsourceTable = {
  products: [
    ...products,
    { product: "opencanary", when: OPENCANARY, sends: ["opencanary"], namespaces: ["opencanary"] },
    { product: "rpc_firewall", when: RPC_FIREWALL, sends: ["rpc_firewall"], namespaces: ["rpc_firewall"] },
    {
      product: "qualys",
      when: QUALYS,
      sends: ["qualys_vmdr"],
      fields: {
        "host.scan.vuln": ["qualys_vmdr.asset_host_detection.vulnerability.qid", "vulnerability.id"],
        "host.scan.vuln_name": [
          "qualys_vmdr.asset_host_detection.vulnerability.title",
          "vulnerability.description",
        ],
      },
    },
  ],
  rows: [
    ...rows,
    {
      product: "opencanary",
      category: "application",
      when: OPENCANARY,
      sends: ["opencanary"],
      fields: { logtype: ["opencanary.logtype", "event.code"] },
    },
    {
      product: "rpc_firewall",
      category: "application",
      when: RPC_FIREWALL,
      sends: ["rpc_firewall"],
      fields: {
        EventLog: ["winlog.channel", "rpc_firewall.EventLog"],
        EventID: ["event.code", "winlog.event_id"],
        InterfaceUuid: ["rpc_firewall.InterfaceUuid", "winlog.event_data.InterfaceUuid"],
        OpNum: ["rpc_firewall.OpNum", "winlog.event_data.OpNum"],
      },
    },
    /** Any database's log of statements. */
    { category: "database", when: [{ category: ["database"] }, ...whenOf(DATABASES)] },
  ],
};
