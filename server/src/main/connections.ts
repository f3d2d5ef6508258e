import type { RecordSink } from "@tyto/domain";
import { Connections, connectionKinds } from "../inputs/index.ts";
import type { Parts } from "../main.ts";
import type { SecretBox } from "../storage/index.ts";

/** Inputs that pull, those that are enabled already at work. */
export async function openConnections(
  parts: Parts,
  sink: RecordSink,
  secrets: SecretBox,
): Promise<Connections> {
  const { config, world, stored, content, telemetry } = parts;
  const { dataDirectory } = config;
  return Connections.open({
    kinds: connectionKinds(),
    sink,
    sources: stored.sources,
    store: stored.control.connections,
    secrets,
    newId: () => Buffer.from(world.randomBytes(8)).toString("hex"),
    knownPack: (name) => content.current.knownPack(name),
    world: {
      now: world.now,
      sleep: world.sleep,
      random: () => (world.randomBytes(1)[0] ?? 0) / 256,
      log: telemetry.log.of("connections"),
      allowsCommands: config.allowsCommands,
      dataDirectory,
      path: world.programPath,
    },
  });
}
