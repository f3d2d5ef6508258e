import type { SenderWay } from "../way.ts";

export const logstash: SenderWay = {
  kind: "sender",
  key: "logstash",
  title: "Logstash",
  about: "An output beside those that a pipeline has already.",
  words: "elastic elasticsearch elk pipeline",
  group: "shippers",
  checks: [
    "Logstash says in its log when the token is refused: 401 from the host",
    "Events that a filter drops do not reach any output",
  ],
  variants: [
    {
      key: "http",
      label: "HTTP",
      listener: "http",
      inputs: ["elasticsearch"],
      isTokenNeeded: true,
      note: "As Elasticsearch, with a token. Send the unparsed message: Tyto's packs read it.",
      blocks: [
        {
          place: "/etc/logstash/conf.d/tyto.conf",
          text: ({ url, token, isTls }) => [
            "output {",
            "  elasticsearch {",
            `    hosts => ["${url}"]`,
            `    user => "tyto"`,
            `    password => "${token}"`,
            ...(isTls ? [`    ssl_certificate_authorities => ["/etc/ssl/ca.pem"]`] : []),
            `    index => "logs"`,
            `    action => "create"`,
            "    manage_template => false",
            "    ilm_enabled => false",
            "    data_stream => false",
            "  }",
            "}",
          ],
        },
        { place: "Then", text: () => ["sudo systemctl restart logstash"] },
      ],
    },
  ],
};
