import type { LogsourceRow, LogsourceTable } from "./rows.ts";
import type { When } from "./when.ts";

const MAIL: readonly When[] = [
  { module: ["cisco_secure_email_gateway", "fortinet_fortimail", "mimecast", "proofpoint_tap"] },
  { dataset: ["microsoft_exchange_online_message_trace", "o365.audit"] },
];

/** ECS's categories that Sigma has no logsource for. */
const CATEGORIES: readonly LogsourceRow[] = [
  "configuration",
  "file",
  "iam",
  "intrusion_detection",
  "network",
].map((category) => ({ category, when: [{ category: [category] }] }));

/** What only our own rules name: ECS's categories, Tyto's audit log, and products for which Sigma has no logsource. */
export const OURS: LogsourceTable = {
  products: [
    { product: "tyto", when: [{ module: ["tyto"] }, { pack: ["tyto"] }] },
    {
      product: "keycloak",
      when: [{ pack: ["keycloak"] }, { module: ["keycloak"] }, { dataset: ["keycloak"] }],
    },
  ],
  rows: [
    ...CATEGORIES,
    // A rule made of a search asks of every event what the search asked.
    { category: "any", when: [{}] },
    // Most mail gateways and mailboxes write no category.
    { category: "email", when: [{ category: ["email"] }, ...MAIL] },
    { product: "tyto", service: "audit", when: [{ dataset: ["tyto.audit"] }] },
    { product: "tyto", service: "health", when: [{ dataset: ["tyto.health"] }] },
    { product: "tyto", service: "canary", when: [{ dataset: ["tyto.canary"] }] },
    { product: "tyto", service: "log", when: [{ dataset: ["tyto.log"] }] },
  ],
};
