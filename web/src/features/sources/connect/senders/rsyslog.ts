import type { SenderWay } from "../way.ts";

const QUEUE = [
  `    queue.type="LinkedList" queue.filename="tyto" queue.maxDiskSpace="1g"`,
  `    action.resumeRetryCount="-1")`,
];
const FILE = "/etc/rsyslog.d/60-tyto.conf";
const RESTART = { place: "Then", text: () => ["sudo systemctl restart rsyslog"] };

export const rsyslog: SenderWay = {
  kind: "sender",
  key: "rsyslog",
  title: "rsyslog",
  about: "The syslog daemon of most Linux distributions.",
  words: "linux debian ubuntu red hat rhel suse syslog relp auth sshd omfwd omrelp omelasticsearch",
  group: "syslog",
  checks: [
    "Look for rsyslog's own complaints: journalctl -u rsyslog -n 20",
    'Send a line to try it: logger "Hello from $(hostname)"',
    "SELinux may forbid ports that it does not know: semanage port -a -t syslogd_port_t -p tcp PORT",
  ],
  variants: [
    {
      key: "tcp",
      label: "TCP",
      listener: "syslog-tcp",
      inputs: ["syslog-tcp"],
      isTokenNeeded: false,
      note: "Keeps on disk what it cannot send. A connection that breaks may lose the last lines; RELP does not.",
      blocks: [
        {
          place: FILE,
          text: ({ host, port }) => [
            `*.* action(type="omfwd" target="${host}" port="${port}" protocol="tcp"`,
            `    template="RSYSLOG_SyslogProtocol23Format" TCP_Framing="octet-counted"`,
            ...QUEUE,
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
      note: "Encrypted. ca.pem holds the authority of Tyto's certificate, which must be for the name that is given.",
      blocks: [
        {
          place: FILE,
          text: ({ host, port }) => [
            `global(defaultNetstreamDriver="ossl" defaultNetstreamDriverCAFile="/etc/ssl/ca.pem")`,
            `*.* action(type="omfwd" target="${host}" port="${port}" protocol="tcp"`,
            `    StreamDriver="ossl" StreamDriverMode="1" StreamDriverAuthMode="x509/name"`,
            `    StreamDriverPermittedPeers="${host}" TCP_Framing="octet-counted"`,
            `    template="RSYSLOG_SyslogProtocol23Format"`,
            ...QUEUE,
          ],
        },
        RESTART,
      ],
    },
    {
      key: "relp",
      label: "RELP",
      listener: "relp",
      inputs: ["relp"],
      isTokenNeeded: false,
      note: "Loses nothing: each line is kept until it is on disk here. Needs the package rsyslog-relp.",
      blocks: [
        {
          place: FILE,
          text: ({ host, port, isTls }) => [
            `module(load="omrelp")`,
            `*.* action(type="omrelp" target="${host}" port="${port}"`,
            ...(isTls ? [`    tls="on" tls.caCert="/etc/ssl/ca.pem"`] : []),
            `    template="RSYSLOG_SyslogProtocol23Format"`,
            ...QUEUE,
          ],
        },
        RESTART,
      ],
    },
    {
      key: "http",
      label: "HTTP",
      listener: "http",
      inputs: ["elasticsearch"],
      isTokenNeeded: true,
      note: "With a token, through proxies. Needs the package rsyslog-elasticsearch.",
      blocks: [
        {
          place: FILE,
          text: ({ host, port, isTls, token }) => [
            `module(load="omelasticsearch")`,
            `template(name="tyto" type="list" option.jsonf="on") {`,
            `  property(outname="message" name="msg" format="jsonf")`,
            `  property(outname="fromhost" name="hostname" format="jsonf")`,
            `  property(outname="program" name="programname" format="jsonf")`,
            `  property(outname="procid" name="procid" format="jsonf")`,
            `  property(outname="facility" name="syslogfacility-text" format="jsonf")`,
            `  property(outname="priority" name="syslogseverity-text" format="jsonf")`,
            `  property(outname="timereported" name="timereported" dateFormat="rfc3339" format="jsonf")`,
            `}`,
            `action(type="omelasticsearch" server="${host}" serverport="${port}" template="tyto"`,
            ...(isTls ? [`    usehttps="on" tls.cacert="/etc/ssl/ca.pem"`] : []),
            `    uid="tyto" pwd="${token}" searchIndex="logs" searchType="" bulkmode="on"`,
            `    action.resumeRetryCount="-1" queue.type="linkedList" queue.filename="tyto"`,
            `    queue.saveOnShutdown="on")`,
          ],
        },
        RESTART,
      ],
    },
  ],
};
