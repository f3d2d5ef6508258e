import type { SenderWay } from "../way.ts";

export const fluentd: SenderWay = {
  kind: "sender",
  key: "fluentd",
  title: "Fluentd",
  about: "Also as td-agent or fluent-package.",
  words: "td-agent fluent-package forward kubernetes docker",
  group: "shippers",
  checks: [
    "Fluentd asks by UDP whether its peer lives; heartbeat_type transport asks by TCP",
    "A <match> further up may take the events first",
  ],
  variants: [
    {
      key: "forward",
      label: "Forward",
      listener: "fluent",
      inputs: ["fluent"],
      isTokenNeeded: false,
      note: "Each chunk is kept until it is on disk here. A shared key goes into <security>.",
      blocks: [
        {
          place: "/etc/fluent/fluentd.conf",
          text: ({ host, port, isTls }) => [
            "<match **>",
            "  @type forward",
            "  require_ack_response true",
            "  heartbeat_type transport",
            ...(isTls ? ["  transport tls", "  tls_cert_path /etc/ssl/ca.pem"] : []),
            "  <server>",
            `    host ${host}`,
            `    port ${port}`,
            "  </server>",
            "  <buffer>",
            "    chunk_limit_size 8m",
            "  </buffer>",
            "</match>",
          ],
        },
        { place: "Then", text: () => ["sudo systemctl restart fluentd"] },
      ],
    },
    {
      key: "http",
      label: "HTTP",
      listener: "http",
      inputs: ["hec"],
      isTokenNeeded: true,
      note: "As Splunk's event collector, with a token. Needs the gem fluent-plugin-splunk-hec.",
      blocks: [
        {
          place: "/etc/fluent/fluentd.conf",
          text: ({ host, port, token, isTls }) => [
            "<match **>",
            "  @type splunk_hec",
            `  protocol ${isTls ? "https" : "http"}`,
            `  hec_host ${host}`,
            `  hec_port ${port}`,
            `  hec_token ${token}`,
            ...(isTls ? ["  ca_file /etc/ssl/ca.pem"] : []),
            "</match>",
          ],
        },
        { place: "Then", text: () => ["sudo systemctl restart fluentd"] },
      ],
    },
  ],
};
