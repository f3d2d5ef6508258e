import type { SenderWay } from "../way.ts";

const BASE = {
  listener: "http",
  inputs: ["otlp"],
  isTokenNeeded: true,
} as const;

export const opentelemetry: SenderWay = {
  kind: "sender",
  key: "opentelemetry",
  title: "OpenTelemetry",
  about: "The Collector, or a program's own SDK, by OTLP over HTTP.",
  words: "otel otlp collector sdk protobuf traces kubernetes",
  group: "shippers",
  checks: [
    "Only logs are taken: traces and metrics are answered as rejected",
    "OTLP over gRPC (port 4317) is not spoken here; take otlphttp",
  ],
  variants: [
    {
      ...BASE,
      key: "collector",
      label: "Collector",
      note: "receivers names those you have; filelog and otlp are usual.",
      blocks: [
        {
          place: "/etc/otelcol/config.yaml",
          text: ({ url, token, isTls }) => [
            "exporters:",
            "  otlphttp/tyto:",
            `    logs_endpoint: ${url}/v1/logs`,
            `    headers: { Authorization: "Bearer ${token}" }`,
            ...(isTls ? ["    tls: { ca_file: /etc/ssl/ca.pem }"] : []),
            "service:",
            "  pipelines:",
            "    logs: { receivers: [otlp, filelog], exporters: [otlphttp/tyto] }",
          ],
        },
        { place: "Then", text: () => ["sudo systemctl restart otelcol"] },
      ],
    },
    {
      ...BASE,
      key: "sdk",
      label: "SDK",
      note: "For a program that logs through an OpenTelemetry SDK; protobuf and JSON are both taken.",
      blocks: [
        {
          place: "Environment of the program",
          text: ({ url, token }) => [
            "OTEL_LOGS_EXPORTER=otlp",
            "OTEL_EXPORTER_OTLP_LOGS_PROTOCOL=http/protobuf",
            `OTEL_EXPORTER_OTLP_LOGS_ENDPOINT=${url}/v1/logs`,
            `OTEL_EXPORTER_OTLP_HEADERS=Authorization=Bearer%20${token}`,
          ],
        },
      ],
    },
  ],
};
