import type { SenderWay } from "../way.ts";

export const vector: SenderWay = {
  kind: "sender",
  key: "vector",
  title: "Vector",
  about: "Datadog's open-source shipper.",
  words: "datadog timber elasticsearch splunk hec",
  group: "shippers",
  checks: ["inputs must name a source of yours: here it is logs", "Check the file: vector validate"],
  variants: [
    {
      key: "elasticsearch",
      label: "Elasticsearch sink",
      listener: "http",
      inputs: ["elasticsearch"],
      isTokenNeeded: true,
      note: "With a token. Batches are kept until they are on disk here.",
      blocks: [
        {
          place: "/etc/vector/vector.yaml",
          text: ({ url, token, isTls }) => [
            "sinks:",
            "  tyto:",
            "    type: elasticsearch",
            "    inputs: [logs]",
            `    endpoints: ["${url}"]`,
            "    api_version: v8",
            "    mode: bulk",
            "    compression: gzip",
            "    bulk: { index: logs, action: create }",
            `    auth: { strategy: basic, user: tyto, password: "${token}" }`,
            ...(isTls ? ["    tls: { ca_file: /etc/ssl/ca.pem }"] : []),
          ],
        },
        { place: "Then", text: () => ["sudo systemctl restart vector"] },
      ],
    },
    {
      key: "hec",
      label: "Splunk sink",
      listener: "http",
      inputs: ["hec"],
      isTokenNeeded: true,
      note: "As Splunk's event collector, with a token.",
      blocks: [
        {
          place: "/etc/vector/vector.yaml",
          text: ({ url, token, isTls }) => [
            "sinks:",
            "  tyto:",
            "    type: splunk_hec_logs",
            "    inputs: [logs]",
            `    endpoint: "${url}"`,
            `    default_token: "${token}"`,
            "    encoding: { codec: json }",
            "    compression: gzip",
            ...(isTls ? ["    tls: { ca_file: /etc/ssl/ca.pem }"] : []),
          ],
        },
        { place: "Then", text: () => ["sudo systemctl restart vector"] },
      ],
    },
  ],
};
