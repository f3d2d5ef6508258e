import { isIP } from "node:net";
import { fill, textOf } from "./enricher.ts";
import type { Fields } from "./enricher.ts";
import { hasPublicSuffix } from "./domain-name.ts";

/** As they stand in the text: nothing is decoded, and no default port is made up. */
export interface UrlParts {
  readonly scheme?: string;
  readonly username?: string;
  readonly domain?: string;
  readonly port?: number;
  readonly path?: string;
  readonly extension?: string;
  readonly query?: string;
  readonly fragment?: string;
}

const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]{0,31}:\/\//;
const PORT = /:(\d{1,5})?$/;
/** `host`, `host:port`; names with an underscore or a literal address too. */
const HOST = /^(?:[\w-]{1,63}(?:\.[\w-]{1,63})*\.?|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?$/;

/** Splits `url.original`, or `url.full` where that is all there is. A path alone gives path, query and extension. */
export function addUrlParts(fields: Fields): void {
  const original = textOf(fields, "url.original");
  const text = original ?? textOf(fields, "url.full");
  if (text !== undefined) {
    const parts = splitUrl(text);
    if (original !== undefined && parts.scheme !== undefined) fill(fields, "url.full", original);
    fill(fields, "url.scheme", parts.scheme);
    fill(fields, "url.username", parts.username);
    fill(fields, "url.domain", parts.domain);
    fill(fields, "url.port", parts.port);
    fill(fields, "url.path", parts.path);
    fill(fields, "url.query", parts.query);
    fill(fields, "url.fragment", parts.fragment);
  }
  const path = textOf(fields, "url.path");
  if (path !== undefined && !fields.has("url.extension")) fill(fields, "url.extension", extensionOf(path));
}

/** A text that is neither an absolute URL, nor a path, nor begins with a host that exists as a name, has no parts. */
export function splitUrl(text: string): UrlParts {
  const scheme = SCHEME.exec(text)?.[0];
  if (scheme !== undefined) {
    const start = scheme.length;
    const end = authorityEnd(text, start);
    return {
      scheme: scheme.slice(0, -3).toLowerCase(),
      ...splitAuthority(text.slice(start, end)),
      ...splitPath(text.slice(end)),
    };
  }
  if (text.startsWith("/")) return splitPath(text);
  const end = authorityEnd(text, 0);
  const authority = text.slice(0, end);
  if (!HOST.test(authority)) return {};
  // Without a scheme, `index.html` looks like a host; a name under a public suffix or an address with more behind it is one.
  const { domain, port } = splitAuthority(authority);
  const isHost =
    domain !== undefined &&
    (port !== undefined || end < text.length) &&
    (isIP(domain) !== 0 || domain.startsWith("[") || hasPublicSuffix(domain));
  return isHost ? { domain, ...(port === undefined ? {} : { port }), ...splitPath(text.slice(end)) } : {};
}

function authorityEnd(text: string, start: number): number {
  for (let i = start; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    // `/`, `?`, `#`, and the `\` that browsers take for `/`.
    if (code === 0x2f || code === 0x3f || code === 0x23 || code === 0x5c) return i;
  }
  return text.length;
}

function splitAuthority(authority: string): Pick<UrlParts, "username" | "domain" | "port"> {
  const at = authority.lastIndexOf("@");
  const host = authority.slice(at + 1);
  // The password behind the colon is nobody's search term.
  const username = at < 0 ? "" : (authority.slice(0, at).split(":", 1)[0] ?? "");
  const m = PORT.exec(host);
  const named = m === null ? host : host.slice(0, m.index);
  // A colon that is left belongs to a bare IPv6 address, or to nothing that could be a host.
  const domain = named.includes(":") && !named.startsWith("[") && isIP(named) === 0 ? "" : named;
  const port = m?.[1] === undefined ? undefined : Number(m[1]);
  return {
    ...(username === "" ? {} : { username }),
    ...(domain === "" ? {} : { domain }),
    ...(port === undefined || port > 65_535 ? {} : { port }),
  };
}

function splitPath(text: string): Pick<UrlParts, "path" | "query" | "fragment"> {
  const hash = text.indexOf("#");
  const beforeHash = hash < 0 ? text : text.slice(0, hash);
  const mark = beforeHash.indexOf("?");
  const path = mark < 0 ? beforeHash : beforeHash.slice(0, mark);
  const query = mark < 0 ? "" : beforeHash.slice(mark + 1);
  const fragment = hash < 0 ? "" : text.slice(hash + 1);
  return {
    ...(path === "" ? {} : { path }),
    ...(query === "" ? {} : { query }),
    ...(fragment === "" ? {} : { fragment }),
  };
}

/** What stands behind the last dot of the last segment, where it looks like one: `.profile` and `v1.2.` have none. */
export function extensionOf(path: string): string | undefined {
  const dot = path.lastIndexOf(".");
  if (dot < 0 || path.length - dot > 17) return undefined;
  const before = path.charCodeAt(dot - 1);
  if (dot === 0 || before === 0x2f || before === 0x5c) return undefined;
  const extension = path.slice(dot + 1);
  return /^[A-Za-z0-9_]{1,16}$/.test(extension) ? extension : undefined;
}
