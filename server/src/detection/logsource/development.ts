import type { FieldTable, LogsourceTable } from "./rows.ts";
import type { When } from "./when.ts";

/** Where code is kept and run: GitHub, Bitbucket, Kubernetes. */
const GITHUB: readonly When[] = [{ dataset: ["github"] }, { pack: ["github"] }];
const BITBUCKET: readonly When[] = [
  { dataset: ["bitbucket", "atlassian_bitbucket"] },
  { pack: ["bitbucket", "atlassian-bitbucket"] },
];
const KUBERNETES: readonly When[] = [{ dataset: ["kubernetes"] }, { pack: ["kubernetes"] }];
const KUBERNETES_AUDIT: readonly When[] = [
  { dataset: ["kubernetes.audit", "kubernetes.audit_logs"] },
  { pack: ["kubernetes"], dataset: ["audit"] },
  { pack: ["kubernetes-audit"] },
];

/** The audit event of Kubernetes (`audit.k8s.io/v1`), kept under its own names. */
const POD = ["requestObject.spec", "requestObject.spec.template.spec"];
const KUBERNETES_FIELDS: FieldTable = {
  verb: ["kubernetes.audit.verb", "event.action"],
  apiGroup: ["kubernetes.audit.objectRef.apiGroup", "objectRef.apiGroup"],
  requestURI: ["kubernetes.audit.requestURI", "url.original"],
  userAgent: ["kubernetes.audit.userAgent", "user_agent.original"],
  "responseStatus.code": ["kubernetes.audit.responseStatus.code", "http.response.status_code"],
  hostPath: ["kubernetes.audit.", ""].flatMap((start) =>
    POD.map((spec) => `${start}${spec}.volumes.hostPath`),
  ),
  capabilities: ["kubernetes.audit.", ""].flatMap((start) =>
    POD.map((spec) => `${start}${spec}.containers.securityContext.capabilities`),
  ),
};

export const DEVELOPMENT: LogsourceTable = {
  products: [
    { product: "github", when: GITHUB, sends: ["github"], namespaces: ["github"] },
    { product: "bitbucket", when: BITBUCKET, sends: ["bitbucket"], namespaces: ["bitbucket.audit"] },
    { product: "kubernetes", when: KUBERNETES, sends: ["kubernetes"], namespaces: ["kubernetes.audit"] },
  ],
  rows: [
    {
      product: "github",
      service: "audit",
      when: GITHUB,
      sends: ["github"],
      fields: { action: ["event.action"] },
    },
    {
      product: "bitbucket",
      service: "audit",
      when: BITBUCKET,
      sends: ["bitbucket.audit"],
      fields: {
        "auditType.action": ["bitbucket.audit.type.action"],
        "auditType.category": ["bitbucket.audit.type.category"],
        "auditType.area": ["bitbucket.audit.type.area"],
      },
    },
    { product: "kubernetes", category: "application", when: KUBERNETES, sends: ["kubernetes"] },
    {
      product: "kubernetes",
      service: "audit",
      when: KUBERNETES_AUDIT,
      sends: ["kubernetes.audit"],
      fields: KUBERNETES_FIELDS,
      prefixes: { "objectRef.": ["kubernetes.audit.objectRef."] },
    },
  ],
};
