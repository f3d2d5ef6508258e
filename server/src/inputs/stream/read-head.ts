import type { Socket } from "node:net";

/** What a connection begins with, as far as it was asked for. */
export interface Head<T> {
  readonly value: T;
  /** Bytes that are used up; what follows them is left to read. */
  readonly length: number;
}

/** Reads the beginning of a connection until `parse` knows what it is. `late`: not within the time. */
export async function readHead<T>(
  socket: Socket,
  timeoutMs: number,
  parse: (bytes: Uint8Array) => Head<T> | undefined,
): Promise<T | "late" | "gone"> {
  let held = Buffer.alloc(0);
  return new Promise((resolve) => {
    const deadline = setTimeout(() => settle("late"), timeoutMs);
    const onReadable = (): void => {
      const chunk = socket.read() as Buffer | null;
      if (chunk === null) return;
      held = Buffer.concat([held, chunk]);
      const head = parse(held);
      if (head === undefined) return;
      const rest = held.subarray(head.length);
      settle(head.value);
      if (rest.length > 0) socket.unshift(rest);
    };
    const onGone = (): void => settle("gone");
    const settle = (outcome: T | "late" | "gone"): void => {
      clearTimeout(deadline);
      socket.off("readable", onReadable);
      socket.off("end", onGone);
      socket.off("close", onGone);
      resolve(outcome);
    };
    socket.on("readable", onReadable);
    socket.once("end", onGone);
    socket.once("close", onGone);
  });
}
