/** A listener of the server as `GET /api/v1/sources` tells it. */
export interface Listening {
  readonly input: string;
  /** `host:port` as bound. */
  readonly address: string;
  readonly isTls: boolean;
}

/** What the server can listen on for senders, with how it is switched on. */
export const LISTENERS = {
  http: { title: "HTTP", flag: "--ingest", port: "8081", isAlwaysOn: true, needsCertificate: false },
  "syslog-udp": {
    title: "Syslog over UDP",
    flag: "--syslog-udp",
    port: "5514",
    isAlwaysOn: true,
    needsCertificate: false,
  },
  "syslog-tcp": {
    title: "Syslog over TCP",
    flag: "--syslog-tcp",
    port: "5514",
    isAlwaysOn: true,
    needsCertificate: false,
  },
  "syslog-tls": {
    title: "Syslog over TLS",
    flag: "--syslog-tls",
    port: "6514",
    isAlwaysOn: false,
    needsCertificate: true,
  },
  relp: { title: "RELP", flag: "--relp", port: "2514", isAlwaysOn: false, needsCertificate: false },
  "gelf-udp": {
    title: "GELF over UDP",
    flag: "--gelf-udp",
    port: "12201",
    isAlwaysOn: false,
    needsCertificate: false,
  },
  "gelf-tcp": {
    title: "GELF over TCP",
    flag: "--gelf-tcp",
    port: "12201",
    isAlwaysOn: false,
    needsCertificate: false,
  },
  lumberjack: {
    title: "Lumberjack",
    flag: "--lumberjack",
    port: "5044",
    isAlwaysOn: false,
    needsCertificate: false,
  },
  fluent: {
    title: "Fluent Forward",
    flag: "--fluent",
    port: "24224",
    isAlwaysOn: false,
    needsCertificate: false,
  },
} as const satisfies Record<string, Listener>;

interface Listener {
  readonly title: string;
  readonly flag: string;
  /** Where it listens when nothing else is said. */
  readonly port: string;
  readonly isAlwaysOn: boolean;
  readonly needsCertificate: boolean;
}

export type ListenerName = keyof typeof LISTENERS;

/** Where a snippet sends to. */
export interface Target {
  readonly host: string;
  readonly port: string;
  readonly isTls: boolean;
  /** `http://host:port`, for what speaks HTTP. */
  readonly url: string;
  /** The word TOKEN until one is made. */
  readonly token: string;
}

/** Whether other machines reach it: `off` is not open at all, `local` only from the machine that Tyto runs on. */
export type Reach = "off" | "local" | "open";

export interface Place {
  readonly target: Target;
  readonly reach: Reach;
}

interface Endpoint {
  readonly host: string;
  readonly port: string;
}

const ANY_ADDRESS: readonly string[] = ["0.0.0.0", "::", "*", ""];
const isLoopback = (host: string) => host === "localhost" || host === "::1" || host.startsWith("127.");

/** `0.0.0.0` and `::` mean every address of the machine: then the name that this page was opened under is the one to use. */
export function endpointOf(address: string, pageHost: string): Endpoint | undefined {
  const [, host, port] = /^\[?([^\]]*?)\]?:(\d+)$/.exec(address) ?? [];
  if (host === undefined || port === undefined) return undefined;
  return { host: ANY_ADDRESS.includes(host) ? pageHost : host, port };
}

interface Question {
  readonly listener: ListenerName;
  readonly listening: readonly Listening[];
  readonly pageHost: string;
  readonly token: string | undefined;
}

/** Where this server takes what is meant for a listener; for one that is off, where it would. */
export function placeOf({ listener, listening, pageHost, token = "TOKEN" }: Question): Place {
  // The console's listener takes records too; the other one is for them alone.
  const names = listener === "http" ? ["ingest", "http"] : [listener];
  const found = names.flatMap((name) => listening.filter(({ input }) => input === name))[0];
  const endpoint = found === undefined ? undefined : endpointOf(found.address, pageHost);
  if (found === undefined || endpoint === undefined) {
    const { port, needsCertificate } = LISTENERS[listener];
    return { reach: "off", target: targetAt({ host: pageHost, port }, needsCertificate, token) };
  }
  // A page that was opened from afar under a loopback address goes through a tunnel: the address is still the machine's own.
  const isOpen = ANY_ADDRESS.includes(hostOf(found.address)) || !isLoopback(endpoint.host);
  return { reach: isOpen ? "open" : "local", target: targetAt(endpoint, found.isTls, token) };
}

function hostOf(address: string): string {
  return /^\[?([^\]]*?)\]?:\d+$/.exec(address)?.[1] ?? address;
}

function targetAt({ host, port }: Endpoint, isTls: boolean, token: string): Target {
  const inUrl = host.includes(":") ? `[${host}]` : host;
  return { host, port, isTls, token, url: `${isTls ? "https" : "http"}://${inUrl}:${port}` };
}

/** How the server is started so that other machines reach this listener. */
export function startCommand(listener: ListenerName, port: string): string {
  const { flag, needsCertificate } = LISTENERS[listener];
  const certificate = needsCertificate ? " --tls-cert cert.pem --tls-key key.pem" : "";
  return `npx tyto serve ${flag} 0.0.0.0:${port}${certificate}`;
}
