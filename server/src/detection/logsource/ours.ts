import type { LogsourceRow, ProductRow } from "./rows.ts";
import type { When } from "./when.ts";

/** What only our own rules name: Tyto's audit log, and products for which Sigma has no logsource. */
const AUDIT: readonly When[] = [{ dataset: ["tyto.audit"] }];
const KEYCLOAK: readonly When[] = [
  { pack: ["keycloak"] },
  { module: ["keycloak"] },
  { dataset: ["keycloak"] },
];

export const OUR_PRODUCTS: readonly ProductRow[] = [
  { product: "tyto", when: [{ module: ["tyto"] }, { pack: ["tyto"] }] },
  { product: "keycloak", when: KEYCLOAK },
];

export const OUR_ROWS: readonly LogsourceRow[] = [{ product: "tyto", service: "audit", when: AUDIT }];
