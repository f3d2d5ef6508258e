import type { SenderWay } from "../way.ts";

const FILE = "/etc/syslog-ng/conf.d/tyto.conf";
const LOG = "log { source(s_src); destination(d_tyto); };";
const RESTART = { place: "Then", text: () => ["sudo systemctl restart syslog-ng"] };

export const syslogNg: SenderWay = {
  kind: "sender",
  key: "syslog-ng",
  title: "syslog-ng",
  about: "The other syslog daemon, also in many appliances.",
  words: "linux syslog axosyslog hec",
  group: "syslog",
  checks: [
    "s_src is the source's name on Debian; elsewhere it may be s_sys or s_local",
    "Check the configuration: syslog-ng --syntax-only",
    'Send a line to try it: logger "Hello from $(hostname)"',
  ],
  variants: [
    {
      key: "tcp",
      label: "TCP",
      listener: "syslog-tcp",
      inputs: ["syslog-tcp"],
      isTokenNeeded: false,
      note: "Simple. A connection that breaks may lose the last lines; HTTP does not.",
      blocks: [
        {
          place: FILE,
          text: ({ host, port }) => [
            `destination d_tyto { syslog("${host}" port(${port}) transport("tcp")); };`,
            LOG,
          ],
        },
        RESTART,
      ],
    },
    {
      key: "tls",
      label: "TLS",
      listener: "syslog-tls",
      inputs: ["syslog-tls"],
      isTokenNeeded: false,
      note: "Encrypted. ca.pem holds the authority of Tyto's certificate.",
      blocks: [
        {
          place: FILE,
          text: ({ host, port }) => [
            `destination d_tyto {`,
            `  syslog("${host}" port(${port}) transport("tls") tls(ca-file("/etc/ssl/ca.pem")));`,
            `};`,
            LOG,
          ],
        },
        RESTART,
      ],
    },
    {
      key: "http",
      label: "HTTP",
      listener: "http",
      inputs: ["hec"],
      isTokenNeeded: true,
      note: "As Splunk's event collector, with a token: each batch is on disk here before it is let go.",
      blocks: [
        {
          place: FILE,
          text: ({ url, token, isTls }) => [
            `destination d_tyto {`,
            `  http(`,
            `    url("${url}/services/collector/event")`,
            `    headers("Authorization: Splunk ${token}")`,
            ...(isTls ? [`    tls(ca-file("/etc/ssl/ca.pem"))`] : []),
            `    batch-lines(500) batch-timeout(1000) workers(2) retries(10)`,
            `    body('{"time":"$S_UNIXTIME","host":"$HOST","source":"syslog-ng","event":$(format-json message="$MSGHDR$MSG")}')`,
            `  );`,
            `};`,
            LOG,
          ],
        },
        RESTART,
      ],
    },
  ],
};
