/**
 * The engine's own process: chDB behind a loopback HTTP server. A crash, an out-of-memory or a query that cannot be stopped ends
 * this process and never the listeners. Started by `EngineProcess`, bundled as an entry of its own; it says nothing but errors.
 */
import type { AddressInfo } from "node:net";
import type { ChildMessage, ParentMessage, StartMessage } from "./child-protocol.ts";
import { engineServer } from "./child-server.ts";
import { DISK_KEY_VARIABLE } from "./config-files.ts";
import { EngineSessions } from "./child-sessions.ts";

function tell(message: ChildMessage): void {
  process.send?.(message);
}

async function start(message: StartMessage): Promise<() => void> {
  // The engine's configuration names it; a session that is opened later reads it again.
  if (message.diskKey !== undefined) process.env[DISK_KEY_VARIABLE] = message.diskKey;
  const sessions = await EngineSessions.open(message);
  const server = engineServer(sessions, message.secret);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  tell({ kind: "ready", port: (server.address() as AddressInfo).port });
  return () => {
    server.close();
    sessions.close();
  };
}

function main(): void {
  let stop: (() => void) | undefined;
  // Also when the parent was killed: without it nobody may hold the data directory's lock.
  process.once("disconnect", () => process.kill(process.pid, "SIGKILL"));
  // The terminal's Ctrl-C reaches the whole group; the parent decides when the engine ends.
  process.on("SIGINT", () => undefined);
  process.on("message", (message: ParentMessage) => {
    switch (message.kind) {
      case "start":
        start(message).then(
          (stopper) => {
            stop = stopper;
          },
          (error: unknown) => {
            tell({ kind: "failed", message: error instanceof Error ? error.message : String(error) });
            process.exitCode = 1;
            process.disconnect();
          },
        );
        return;
      case "stop":
        stop?.();
        process.exit(0);
    }
  });
}

main();
