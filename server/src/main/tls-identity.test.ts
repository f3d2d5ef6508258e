import { mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { micros } from "@tyto/domain";
import { certificate } from "../inputs/testing/certificates.ts";
import { until } from "../inputs/testing/context.ts";
import { createTelemetry } from "../telemetry/index.ts";
import { FileTlsIdentity } from "./tls-identity.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function files() {
  const folder = await mkdtemp(join(tmpdir(), "tyto-tls-"));
  cleanups.push(() => rm(folder, { recursive: true, force: true }));
  const certFile = join(folder, "cert.pem");
  const keyFile = join(folder, "key.pem");
  let stamp = 1_700_000_000;
  const put = async (path: string, text: string): Promise<void> => {
    await writeFile(path, text);
    // File systems with coarse times must show each change.
    stamp += 10;
    await utimes(path, stamp, stamp);
  };
  const lines: string[] = [];
  const { log } = createTelemetry({
    stream: { write: (line) => lines.push(line) },
    level: "info",
    now: () => micros(1),
  });
  return { certFile, keyFile, put, lines, log, isClientCertificateRequired: false };
}

describe("a certificate in files", () => {
  it("is read again when it is renewed; a pair that does not fit leaves the old one in place and is said", async () => {
    const { certFile, keyFile, put, lines, log, ...rest } = await files();
    const first = certificate("localhost");
    const second = certificate("localhost");
    await put(certFile, first.cert);
    await put(keyFile, first.key);
    const identity = await FileTlsIdentity.open({ certFile, keyFile, ...rest });
    const seen: string[] = [];
    identity.onChange(({ cert }) => seen.push(cert));
    cleanups.push(identity.watch({ log, lookMs: 20 }));

    await put(certFile, second.cert);
    await until(() => lines.some((line) => line.includes("the old one goes on")), "the refusal");
    expect(identity.current.cert).toBe(first.cert);
    expect(seen).toEqual([]);

    await put(keyFile, second.key);
    await until(() => seen.length === 1, "the renewal");
    expect(identity.current).toMatchObject({ cert: second.cert, key: second.key });

    await rm(keyFile);
    await until(() => lines.filter((line) => line.includes("the old one goes on")).length >= 2, "the loss");
    expect(identity.current.cert).toBe(second.cert);
    expect(lines.join("")).not.toContain("PRIVATE KEY");
  });

  it.each<[string, string, string]>([
    ["no PEM", "nothing", "nothing"],
    ["a key of another certificate", certificate("a").cert, certificate("b").key],
  ])("is refused at the start: %s", async (_what, cert, key) => {
    const { certFile, keyFile, put } = await files();
    await put(certFile, cert);
    await put(keyFile, key);
    await expect(
      FileTlsIdentity.open({ certFile, keyFile, isClientCertificateRequired: false }),
    ).rejects.toMatchObject({ code: "config-invalid" });
  });

  it("names the file that is not there", async () => {
    const { certFile, keyFile } = await files();
    await expect(
      FileTlsIdentity.open({ certFile, keyFile, isClientCertificateRequired: false }),
    ).rejects.toThrow(certFile);
  });
});
