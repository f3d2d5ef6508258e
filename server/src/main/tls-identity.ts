import { readFile } from "node:fs/promises";
import { unwatchFile, watchFile } from "node:fs";
import { createSecureContext } from "node:tls";
import { TytoError } from "@tyto/domain";
import type { TlsIdentity, TlsMaterial } from "@tyto/domain";
import type { TlsConfig } from "../config/index.ts";
import type { Log } from "../telemetry/index.ts";

/** A renewed certificate is taken within this time. */
const LOOK_MS = 5_000;

/** A certificate and key in files, read again when one of them changes. A pair that does not fit leaves the old one in place. */
export class FileTlsIdentity implements TlsIdentity {
  readonly isClientCertificateRequired: boolean;
  readonly #config: TlsConfig;
  readonly #listeners = new Set<(material: TlsMaterial) => void>();
  #current: TlsMaterial;

  private constructor(config: TlsConfig, material: TlsMaterial) {
    this.#config = config;
    this.#current = material;
    this.isClientCertificateRequired = config.isClientCertificateRequired;
  }

  /** @throws TytoError `config-invalid` naming what cannot be used. */
  static async open(config: TlsConfig): Promise<FileTlsIdentity> {
    return new FileTlsIdentity(config, await readMaterial(config));
  }

  get current(): TlsMaterial {
    return this.#current;
  }

  onChange(listener: (material: TlsMaterial) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** @throws TytoError `config-invalid`; what was there before goes on. */
  async reload(): Promise<void> {
    const material = await readMaterial(this.#config);
    const { cert, key, clientCa } = this.#current;
    if (material.cert === cert && material.key === key && material.clientCa === clientCa) return;
    this.#current = material;
    for (const listener of this.#listeners) listener(material);
  }

  /** Reads the files again when they change. @returns how to stop. */
  watch(options: { readonly log: Log; readonly lookMs?: number }): () => void {
    const { certFile, keyFile, clientCaFile } = this.#config;
    const paths = [certFile, keyFile, ...(clientCaFile === undefined ? [] : [clientCaFile])];
    const reload = (): void => {
      this.reload().then(
        () => options.log.info("the TLS certificate was read again", { path: certFile }),
        (error: unknown) =>
          options.log.error("the TLS certificate was not read again; the old one goes on", { error }),
      );
    };
    for (const path of paths) {
      watchFile(path, { interval: options.lookMs ?? LOOK_MS, persistent: false }, reload);
    }
    return () => {
      for (const path of paths) unwatchFile(path, reload);
    };
  }
}

async function readMaterial({ certFile, keyFile, clientCaFile }: TlsConfig): Promise<TlsMaterial> {
  const material = {
    cert: await readPem(certFile, "--tls-cert"),
    key: await readPem(keyFile, "--tls-key"),
    ...(clientCaFile === undefined ? {} : { clientCa: await readPem(clientCaFile, "--tls-client-ca") }),
  };
  try {
    const { cert, key, clientCa } = material;
    createSecureContext({
      cert,
      key,
      minVersion: "TLSv1.2",
      ...(clientCa === undefined ? {} : { ca: clientCa }),
    });
  } catch (cause) {
    throw new TytoError(
      "config-invalid",
      `The certificate in ${certFile} and the key in ${keyFile} cannot be used`,
      {
        cause,
        hint: "Give PEM files: the certificate with those of its authorities behind it, and the key that belongs to it.",
      },
    );
  }
  return material;
}

async function readPem(path: string, flag: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new TytoError("config-invalid", `${path} cannot be read`, {
      cause,
      hint: `Name a PEM file with ${flag} that Tyto may read.`,
    });
  }
}
