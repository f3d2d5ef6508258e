import { readFile } from "node:fs/promises";
import { isIPv6 } from "node:net";
import { endianness } from "node:os";

/**
 * Datagrams that the kernel dropped because the socket's buffer was full: the `drops` column of `/proc/net/udp` and `udp6`.
 * Null where there is no such file (not Linux) or no such socket.
 */
export async function kernelDrops(host: string, port: number): Promise<number | null> {
  const table = await readFile(isIPv6(host) ? "/proc/net/udp6" : "/proc/net/udp", "latin1").catch(
    () => undefined,
  );
  return table === undefined ? null : dropsOf(table, procAddress(host, port));
}

/** Sum over the sockets bound to the address; null when there is none. */
export function dropsOf(table: string, localAddress: string): number | null {
  let drops: number | null = null;
  for (const line of table.split("\n").slice(1)) {
    const columns = line.trim().split(/\s+/);
    if (columns[1] !== localAddress) continue;
    const value = Number(columns.at(-1));
    if (Number.isSafeInteger(value)) drops = (drops ?? 0) + value;
  }
  return drops;
}

/** As the kernel prints it: 32-bit words of the address in the machine's byte order, then the port, in upper-case hexadecimal. */
export function procAddress(host: string, port: number): string {
  const bytes = isIPv6(host) ? ipv6Bytes(host) : Uint8Array.from(host.split("."), Number);
  const words: string[] = [];
  for (let at = 0; at < bytes.length; at += 4) {
    const word = [...bytes.subarray(at, at + 4)];
    if (endianness() === "LE") word.reverse();
    words.push(word.map((byte) => byte.toString(16).padStart(2, "0")).join(""));
  }
  return `${words.join("")}:${port.toString(16).padStart(4, "0")}`.toUpperCase();
}

function ipv6Bytes(address: string): Uint8Array {
  const [head = "", tail] = address.replace(/%.*$/, "").split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const gap = tail === undefined ? 0 : 8 - left.length - right.length;
  const groups = [...left, ...Array<string>(gap).fill("0"), ...right].map((group) => parseInt(group, 16));
  return Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff]));
}
