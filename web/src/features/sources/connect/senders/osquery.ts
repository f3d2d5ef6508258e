import type { SenderWay } from "../way.ts";

export const osquery: SenderWay = {
  kind: "sender",
  key: "osquery",
  title: "osquery",
  about: "Results of scheduled queries, by osquery's TLS logger.",
  words: "endpoint tls fleet linux macos windows",
  group: "shippers",
  checks: [
    "osquery speaks HTTPS only: start Tyto with --ingest-tls, or put a proxy with a certificate in front",
    "Run it once by hand to see why: osqueryd --verbose --flagfile /etc/osquery/osquery.flags",
    "Only scheduled queries log results",
  ],
  variants: [
    {
      key: "tls",
      label: "TLS logger",
      listener: "http",
      inputs: ["osquery"],
      isTokenNeeded: true,
      note: "HTTPS only. The token enrols a node; the node's key ends with that token. The configuration stays yours.",
      blocks: [
        { place: "/etc/osquery/tyto-token", text: ({ token }) => [token] },
        {
          place: "/etc/osquery/osquery.flags",
          text: ({ host, port }) => [
            `--tls_hostname=${host}:${port}`,
            "--tls_server_certs=/etc/ssl/ca.pem",
            "--enroll_secret_path=/etc/osquery/tyto-token",
            "--enroll_tls_endpoint=/enroll",
            "--logger_plugin=tls",
            "--logger_tls_endpoint=/log",
            "--config_plugin=filesystem",
          ],
        },
        { place: "Then", text: () => ["sudo systemctl restart osqueryd"] },
      ],
    },
  ],
};
