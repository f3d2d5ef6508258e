import type { FieldTable, LogsourceTable } from "./rows.ts";
import type { When } from "./when.ts";

/** Names of a web log in W3C's extended format, which Sigma uses for web servers and proxies. */
const WEB: FieldTable = {
  "cs-method": ["http.request.method"],
  "cs-uri": ["url.original", "url.full"],
  "c-uri": ["url.original", "url.full"],
  "cs-uri-stem": ["url.path"],
  "c-uri-stem": ["url.path"],
  "cs-uri-query": ["url.query"],
  "c-uri-query": ["url.query"],
  "c-uri-extension": ["url.extension"],
  "sc-status": ["http.response.status_code"],
  "sc-bytes": ["http.response.bytes"],
  "cs-bytes": ["http.request.bytes"],
  "cs-user-agent": ["user_agent.original"],
  "c-useragent": ["user_agent.original"],
  "cs-referer": ["http.request.referrer"],
  "cs-referrer": ["http.request.referrer"],
  "cs-username": ["user.name"],
  "cs-host": ["url.domain", "destination.domain"],
  "cs-content-type": ["http.request.mime_type"],
  "c-ip": ["source.ip", "client.ip"],
  "s-ip": ["destination.ip", "server.ip"],
  src_ip: ["source.ip"],
  dst_ip: ["destination.ip"],
};

const SERVERS: readonly When[] = [
  { pack: ["nginx", "apache", "microsoft-iis", "iis", "core-web"] },
  { module: ["nginx", "apache", "iis"] },
  { dataset: ["nginx.access", "apache.access", "iis.access"] },
];

/** A web request that a proxy has seen. Reverse proxies in front of servers are servers to Sigma. */
const PROXIES: readonly When[] = [
  { observer: ["proxy"] },
  { pack: ["squid", "zscaler-zia", "zscaler_zia", "netskope"] },
  { module: ["squid", "zscaler", "zscaler_zia", "netskope"] },
];

const COOKIES = { "cs-cookie": "web logs that we read hold no cookies" };

/** ECS alone: any pack that writes a web request feeds these. */
export const WEB_LOGS: LogsourceTable = {
  products: [],
  rows: [
    {
      category: "webserver",
      when: [...SERVERS, { category: ["web"], type: ["access"], observer: [""] }],
      fields: WEB,
      unsent: COOKIES,
    },
    { category: "proxy", when: PROXIES, fields: WEB, unsent: COOKIES },
    { service: "nginx", when: [{ pack: ["nginx"] }, { module: ["nginx"] }], fields: WEB },
    { service: "apache", when: [{ pack: ["apache"] }, { module: ["apache"] }], fields: WEB },
  ],
};
