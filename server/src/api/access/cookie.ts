import type { IncomingHttpHeaders } from "node:http";
import { SESSION_ABSOLUTE_MICROS } from "./sessions.ts";
import { MICROS_PER_SECOND } from "@tyto/domain";

/**
 * Over TLS the cookie is `__Host-tyto`: Secure, of this host alone. Over plain HTTP, which Tyto serves on loopback, browsers
 * differ on whether Secure is honoured (Chromium 156 does on 127.0.0.1, others do not), so it is `tyto` there. Each is accepted
 * only where it is set.
 */
export function sessionCookieName(isTls: boolean): string {
  return isTls ? "__Host-tyto" : "tyto";
}

export function sessionCookie(secret: string, isTls: boolean): string {
  const seconds = SESSION_ABSOLUTE_MICROS / MICROS_PER_SECOND;
  return cookie(secret, seconds, isTls);
}

export function endedSessionCookie(isTls: boolean): string {
  return cookie("", 0, isTls);
}

function cookie(value: string, maxAgeSeconds: number, isTls: boolean): string {
  const flags = `Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Strict${isTls ? "; Secure" : ""}`;
  return `${sessionCookieName(isTls)}=${value}; ${flags}`;
}

/** The session's secret; `undefined` when there is none, or more than one claims to be it. */
export function readSessionCookie(headers: IncomingHttpHeaders, isTls: boolean): string | undefined {
  const name = `${sessionCookieName(isTls)}=`;
  const found = (headers.cookie ?? "")
    .split(";")
    .map((one) => one.trim())
    .filter((one) => one.startsWith(name))
    .map((one) => one.slice(name.length));
  const [only] = found;
  return found.length === 1 && only !== undefined && /^[\w-]{16,128}$/.test(only) ? only : undefined;
}
