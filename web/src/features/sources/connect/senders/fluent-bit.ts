import type { SenderWay } from "../way.ts";

const FILE = "/etc/fluent-bit/fluent-bit.conf";
const RESTART = { place: "Then", text: () => ["sudo systemctl restart fluent-bit"] };

export const fluentBit: SenderWay = {
  kind: "sender",
  key: "fluent-bit",
  title: "Fluent Bit",
  about: "The small shipper of containers and Kubernetes.",
  words: "kubernetes k8s container docker forward elasticsearch",
  group: "shippers",
  checks: [
    "Fluent Bit says why an output fails: journalctl -u fluent-bit -n 20",
    "Match * takes all tags; a narrower one may fit none",
  ],
  variants: [
    {
      key: "http",
      label: "HTTP",
      listener: "http",
      inputs: ["elasticsearch"],
      isTokenNeeded: true,
      note: "As Elasticsearch, with a token.",
      blocks: [
        {
          place: FILE,
          text: ({ host, port, token, isTls }) => [
            "[OUTPUT]",
            "    Name                es",
            "    Match               *",
            `    Host                ${host}`,
            `    Port                ${port}`,
            ...(isTls ? ["    tls                 On", "    tls.ca_file         /etc/ssl/ca.pem"] : []),
            "    HTTP_User           tyto",
            `    HTTP_Passwd         ${token}`,
            "    Index               logs",
            "    Suppress_Type_Name  On",
            "    Compress            gzip",
            "    Generate_ID         On",
            "    Trace_Error         On",
          ],
        },
        RESTART,
      ],
    },
    {
      key: "forward",
      label: "Forward",
      listener: "fluent",
      inputs: ["fluent"],
      isTokenNeeded: false,
      note: "Its own protocol, each chunk acknowledged. Shared_Key where Tyto runs with --fluent-key-file.",
      blocks: [
        {
          place: FILE,
          text: ({ host, port, isTls }) => [
            "[OUTPUT]",
            "    Name                 forward",
            "    Match                *",
            `    Host                 ${host}`,
            `    Port                 ${port}`,
            ...(isTls ? ["    tls                  On", "    tls.ca_file          /etc/ssl/ca.pem"] : []),
            "    Require_ack_response true",
          ],
        },
        RESTART,
      ],
    },
  ],
};
