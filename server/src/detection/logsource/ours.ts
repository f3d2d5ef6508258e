import type { LogsourceRow, ProductRow } from "./rows.ts";

/** What only our own rules name: Tyto's audit log, and products for which Sigma has no logsource. */
export const OURS: { readonly products: readonly ProductRow[]; readonly rows: readonly LogsourceRow[] } = {
  products: [
    { product: "tyto", when: [{ module: ["tyto"] }, { pack: ["tyto"] }] },
    {
      product: "keycloak",
      when: [{ pack: ["keycloak"] }, { module: ["keycloak"] }, { dataset: ["keycloak"] }],
    },
  ],
  rows: [{ product: "tyto", service: "audit", when: [{ dataset: ["tyto.audit"] }] }],
};
