import type { SenderWay } from "../way.ts";

const BASE = { listener: "http", inputs: ["loki"], isTokenNeeded: true } as const;

export const loki: SenderWay = {
  kind: "sender",
  key: "loki",
  title: "Promtail, Grafana Alloy and other Loki clients",
  about: "Whatever pushes to Loki.",
  words: "grafana loki promtail alloy docker kubernetes",
  group: "shippers",
  checks: [
    "Promtail remembers what it has sent in its positions file: only new lines come",
    "A client may send to several Lokis: add this one to the list",
  ],
  variants: [
    {
      ...BASE,
      key: "promtail",
      label: "Promtail",
      note: "Labels become fields. Add it beside the client that is there.",
      blocks: [
        {
          place: "/etc/promtail/config.yml",
          text: ({ url, token, isTls }) => [
            "clients:",
            `  - url: ${url}/loki/api/v1/push`,
            `    bearer_token: ${token}`,
            ...(isTls ? ["    tls_config: { ca_file: /etc/ssl/ca.pem }"] : []),
          ],
        },
        { place: "Then", text: () => ["sudo systemctl restart promtail"] },
      ],
    },
    {
      ...BASE,
      key: "alloy",
      label: "Grafana Alloy",
      note: "Name loki.write.tyto.receiver in forward_to of the components that read.",
      blocks: [
        {
          place: "/etc/alloy/config.alloy",
          text: ({ url, token, isTls }) => [
            `loki.write "tyto" {`,
            "  endpoint {",
            `    url          = "${url}/loki/api/v1/push"`,
            `    bearer_token = "${token}"`,
            ...(isTls ? [`    tls_config { ca_file = "/etc/ssl/ca.pem" }`] : []),
            "  }",
            "}",
          ],
        },
        { place: "Then", text: () => ["sudo systemctl reload alloy"] },
      ],
    },
  ],
};
