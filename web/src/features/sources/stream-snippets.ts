import type { Endpoint, Snippet } from "./connect-snippets.ts";

type Find = (wanted: RegExp) => Endpoint | undefined;

/** For each stream protocol that is open. */
const SNIPPETS: readonly {
  readonly input: RegExp;
  readonly title: string;
  readonly note: string;
  readonly text: (at: Endpoint) => readonly string[];
}[] = [
  {
    input: /^syslog-tls$/,
    title: "rsyslog over TLS",
    note: "ca.pem holds the authority of Tyto's certificate; the certificate must be for the name that is given.",
    text: ({ host, port }) => [
      `global(defaultNetstreamDriver="ossl" defaultNetstreamDriverCAFile="/etc/ssl/ca.pem")`,
      `*.* action(type="omfwd" target="${host}" port="${port}" protocol="tcp" StreamDriver="ossl" StreamDriverMode="1"`,
      `    StreamDriverAuthMode="x509/name" StreamDriverPermittedPeers="${host}" TCP_Framing="octet-counted"`,
      `    template="RSYSLOG_SyslogProtocol23Format" queue.type="LinkedList" queue.filename="tyto"`,
      `    queue.maxDiskSpace="1g" action.resumeRetryCount="-1")`,
    ],
  },
  {
    input: /^relp$/,
    title: "rsyslog over RELP",
    note: 'Needs the package rsyslog-relp. A message is kept until it is on disk here; a TLS listener needs tls="on" and tls.caCert.',
    text: ({ host, port }) => [
      `module(load="omrelp")`,
      `*.* action(type="omrelp" target="${host}" port="${port}" template="RSYSLOG_SyslogProtocol23Format"`,
      `    queue.type="LinkedList" queue.filename="tyto" queue.maxDiskSpace="1g" action.resumeRetryCount="-1")`,
    ],
  },
  {
    input: /^lumberjack$/,
    title: "Beats, Elastic Agent",
    note: "In filebeat.yml, winlogbeat.yml and the like; a TLS listener needs ssl.certificate_authorities.",
    text: ({ host, port }) => ["output.logstash:", `  hosts: ["${host}:${port}"]`],
  },
  {
    input: /^fluent$/,
    title: "Fluent Bit",
    note: "Keeps what is not acknowledged. Shared_Key where Tyto runs with --fluent-key-file; tls On for a TLS listener.",
    text: ({ host, port }) => [
      "[OUTPUT]",
      "    Name                 forward",
      "    Match                *",
      `    Host                 ${host}`,
      `    Port                 ${port}`,
      "    Require_ack_response true",
    ],
  },
  {
    input: /^gelf-udp$/,
    title: "Docker over GELF",
    note: "UDP loses what nobody hears; --log-opt gelf-address=tcp://… where GELF over TCP is open.",
    text: ({ host, port }) => [
      `docker run --log-driver gelf --log-opt gelf-address=udp://${host}:${port} IMAGE`,
    ],
  },
];

export function streamSnippets(find: Find): readonly Snippet[] {
  return SNIPPETS.flatMap(({ input, title, note, text }) => {
    const at = find(input);
    return at === undefined ? [] : [{ title, note, text: text(at).join("\n") }];
  });
}
