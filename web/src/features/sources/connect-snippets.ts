import { streamSnippets } from "./stream-snippets.ts";

export interface Listening {
  readonly input: string;
  readonly address: string;
}

export interface Snippet {
  readonly title: string;
  readonly note: string;
  readonly text: string;
}

export interface Endpoint {
  readonly host: string;
  readonly port: string;
}

/** `0.0.0.0` and `::` mean every address of the machine: then the name that this page was opened under is the one to use. */
export function endpointOf(address: string, pageHost: string): Endpoint | undefined {
  const match = /^(?:https?:\/\/)?\[?([^\]]*?)\]?:(\d+)\/?$/.exec(address);
  const [, host, port] = match ?? [];
  if (host === undefined || port === undefined) return undefined;
  return { host: ["0.0.0.0", "::", "*", ""].includes(host) ? pageHost : host, port };
}

const inUrl = (host: string) => (host.includes(":") ? `[${host}]` : host);

/** Ready to paste, for each way in that is open. */
export function connectSnippets(listening: readonly Listening[], pageHost: string): readonly Snippet[] {
  const find = (wanted: RegExp) => {
    const found = listening.find(({ input }) => wanted.test(input));
    return found === undefined ? undefined : endpointOf(found.address, pageHost);
  };
  const tcp = find(/^syslog-tcp$/);
  const udp = find(/^syslog-udp$/);
  // The console's listener takes records too; the other one is for them alone.
  const http = find(/ingest/i) ?? find(/http/i);
  const snippets: Snippet[] = [];
  if (tcp !== undefined) {
    snippets.push({
      title: "rsyslog",
      note: "In /etc/rsyslog.d/60-tyto.conf, then: systemctl restart rsyslog. Keeps what it cannot send.",
      text: [
        `*.* action(type="omfwd" target="${tcp.host}" port="${tcp.port}" protocol="tcp"`,
        `    template="RSYSLOG_SyslogProtocol23Format" TCP_Framing="octet-counted"`,
        `    queue.type="LinkedList" queue.filename="tyto" queue.maxDiskSpace="1g"`,
        `    action.resumeRetryCount="-1")`,
      ].join("\n"),
    });
  }
  if (udp !== undefined) {
    snippets.push({
      title: "logger",
      note: "One line, to try it out. Most network devices can send the same way.",
      text: `logger --server ${udp.host} --port ${udp.port} --udp --rfc3164 "Hello from $(hostname)"`,
    });
  }
  if (http !== undefined) {
    snippets.push({
      title: "curl",
      note: "NDJSON, a JSON array or plain lines, plain or gzip. TOKEN is an ingest token; make one under Tokens.",
      text: [
        `curl http://${inUrl(http.host)}:${http.port}/api/v1/ingest \\`,
        `  -H "Authorization: Bearer $TOKEN" \\`,
        `  -H "Content-Type: application/x-ndjson" \\`,
        `  --data-binary @events.ndjson`,
      ].join("\n"),
    });
  }
  return [...snippets, ...streamSnippets(find)];
}
