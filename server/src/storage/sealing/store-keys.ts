import { deriveKey } from "./wrapped-key.ts";

export interface StoreKeysOptions {
  readonly dataKey: Uint8Array;
  readonly secretsKey: Uint8Array | undefined;
  /** The keyring that the keys come from, as it is written. */
  readonly keyring: string;
}

/** What encrypts the stores of one installation: a key for each purpose, all from one data key, which the keyring holds wrapped. */
export class StoreKeys {
  readonly journal: Uint8Array;
  /** Of the relational store: 64 hexadecimal digits, as libsql takes it. */
  readonly control: string;
  /** Of the engine's disk: 64 hexadecimal digits. */
  readonly engine: string;
  /** Of connections' secrets and the like, inside of the relational store. */
  readonly secrets: Uint8Array;
  /** Of what leaves: tails in backups, files of archives; and of what waits on disk for a moment. */
  readonly bundle: Uint8Array;
  /** For a bundle to take along: who has the master key can open it anywhere. */
  readonly keyring: string;

  constructor({ dataKey, secretsKey, keyring }: StoreKeysOptions) {
    this.journal = deriveKey(dataKey, "journal");
    this.control = deriveKey(dataKey, "relational store").toString("hex");
    this.engine = deriveKey(dataKey, "engine").toString("hex");
    this.secrets = secretsKey ?? deriveKey(dataKey, "secrets");
    this.bundle = deriveKey(dataKey, "bundle");
    this.keyring = keyring;
  }
}
