import { readFile } from "node:fs/promises";
import { TytoError } from "@tyto/domain";
import type { TlsIdentity } from "@tyto/domain";
import type { Config, StreamAddress } from "../config/index.ts";
import {
  fluent,
  gelfTcp,
  gelfUdp,
  lumberjack,
  relp,
  syslogTcp,
  syslogTls,
  syslogUdp,
} from "../inputs/index.ts";
import type { Input, InputContext, StreamOptions } from "../inputs/index.ts";
import { FileTlsIdentity } from "./tls-identity.ts";
import type { Log } from "../telemetry/index.ts";

/** Syslog always, and every other stream protocol that was asked for. None listens yet. */
export async function openStreamInputs(options: {
  readonly config: Config;
  readonly context: InputContext;
  readonly tls: TlsIdentity | undefined;
  readonly randomBytes: (size: number) => Uint8Array;
}): Promise<readonly Input[]> {
  const { config, context, tls, randomBytes } = options;
  const { streams } = config;
  const sharedKey = streams.fluentKeyFile === undefined ? undefined : await readKey(streams.fluentKeyFile);
  const keyed = sharedKey === undefined ? { random: randomBytes } : { random: randomBytes, sharedKey };
  const proxies = streams.proxies;
  const at = ({ host, port, isTls }: StreamAddress): StreamOptions => ({
    host,
    port,
    proxies,
    ...(isTls && tls !== undefined ? { tls } : {}),
  });
  return [
    syslogUdp(config.syslogUdp, context),
    syslogTcp({ ...config.syslogTcp, proxies }, context),
    ...streams.syslogTls.flatMap(({ host, port }) =>
      tls === undefined ? [] : [syslogTls({ host, port, proxies, tls }, context)],
    ),
    ...streams.relp.map((address) => relp(at(address), context)),
    ...streams.gelfUdp.map(({ host, port }) => gelfUdp({ host, port }, context)),
    ...streams.gelfTcp.map((address) => gelfTcp(at(address), context)),
    ...streams.lumberjack.map((address) => lumberjack(at(address), context)),
    ...streams.fluent.map((address) => fluent({ ...at(address), ...keyed }, context)),
  ];
}

/** The certificate that all TLS listeners show, watched; `undefined` when none is configured. */
export async function openTls(
  { streams }: Config,
  log: Log,
): Promise<{ readonly identity: TlsIdentity | undefined; readonly stop: () => void }> {
  if (streams.tls === undefined) return { identity: undefined, stop: () => undefined };
  const identity = await FileTlsIdentity.open(streams.tls);
  return { identity, stop: identity.watch({ log: log.of("tls") }) };
}

/** The file's text without white space around it. @throws TytoError `config-invalid` */
async function readKey(path: string): Promise<string> {
  const key = await readFile(path, "utf8").then(
    (text) => text.trim(),
    () => "",
  );
  if (key !== "") return key;
  throw new TytoError("config-invalid", `${path} holds no key`, {
    hint: "Name a file with --fluent-key-file that holds the shared key and that Tyto may read.",
  });
}
