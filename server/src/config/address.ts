export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Nothing listens beyond loopback unless an address says so. */
export const LOOPBACK = "127.0.0.1";

/** `PORT`, `HOST:PORT` or `[IPV6]:PORT`; a bare port means loopback. */
export function parseAddress(text: string): Address | undefined {
  const m = /^(?:(\[[0-9A-Fa-f:.]+\]|[^:[\]\s]+):)?(\d{1,5})$/.exec(text.trim());
  if (m === null) return undefined;
  const port = Number(m[2]);
  if (port > 65_535) return undefined;
  return { host: (m[1] ?? LOOPBACK).replace(/^\[|\]$/g, ""), port };
}

export function formatAddress({ host, port }: Address): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
