import { generateKeyPairSync, sign } from "node:crypto";
import type { KeyObject } from "node:crypto";
import type { TlsIdentity, TlsMaterial } from "@tyto/domain";

/** For tests: certificates made on the spot, so that no key is ever in the tree and no tool is needed. */
export interface TestCertificate {
  readonly cert: string;
  readonly key: string;
  readonly name: string;
  readonly signer: KeyObject;
}

const SEQUENCE = 0x30;
const SET = 0x31;
const OID_COMMON_NAME = Buffer.from([0x55, 0x04, 0x03]);
const OID_BASIC_CONSTRAINTS = Buffer.from([0x55, 0x1d, 0x13]);
const OID_ALTERNATIVE_NAMES = Buffer.from([0x55, 0x1d, 0x11]);
/** ecdsa-with-SHA256. */
const SIGNATURE_ALGORITHM = der(
  SEQUENCE,
  der(0x06, Buffer.from([0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02])),
);

function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  if (body.length < 128) return Buffer.concat([Buffer.from([tag, body.length]), body]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  const short = length.subarray(length.findIndex((byte) => byte !== 0));
  return Buffer.concat([Buffer.from([tag, 0x80 | short.length]), short, body]);
}

const named = (name: string): Buffer =>
  der(SEQUENCE, der(SET, der(SEQUENCE, der(0x06, OID_COMMON_NAME), der(0x0c, Buffer.from(name)))));

const extension = (oid: Uint8Array, value: Buffer): Buffer => der(SEQUENCE, der(0x06, oid), der(0x04, value));

let serial = 0;

/** Signed by `issuer`, or by itself; valid for this machine's loopback. */
export function certificate(name: string, issuer?: TestCertificate): TestCertificate {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  serial += 1;
  const alternatives = der(
    SEQUENCE,
    der(0x82, Buffer.from("localhost")),
    der(0x87, Buffer.from([127, 0, 0, 1])),
  );
  const body = der(
    SEQUENCE,
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1, serial])),
    SIGNATURE_ALGORITHM,
    named(issuer?.name ?? name),
    der(SEQUENCE, der(0x17, Buffer.from("200101000000Z")), der(0x17, Buffer.from("491231235959Z"))),
    named(name),
    publicKey.export({ type: "spki", format: "der" }),
    der(
      0xa3,
      der(
        SEQUENCE,
        extension(OID_BASIC_CONSTRAINTS, der(SEQUENCE, der(0x01, Buffer.from([0xff])))),
        extension(OID_ALTERNATIVE_NAMES, alternatives),
      ),
    ),
  );
  const signature = sign("sha256", body, issuer?.signer ?? privateKey);
  const whole = der(SEQUENCE, body, SIGNATURE_ALGORITHM, der(0x03, Buffer.from([0]), signature));
  const base64 = whole.toString("base64").replace(/.{64}(?=.)/g, "$&\n");
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    name,
    signer: privateKey,
  };
}

/** For tests: an identity that is replaced by hand. */
export class TestIdentity implements TlsIdentity {
  current: TlsMaterial;
  readonly isClientCertificateRequired: boolean;
  readonly #listeners = new Set<(material: TlsMaterial) => void>();

  constructor(current: TlsMaterial, isClientCertificateRequired = false) {
    this.current = current;
    this.isClientCertificateRequired = isClientCertificateRequired;
  }

  onChange(listener: (material: TlsMaterial) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  replace(material: TlsMaterial): void {
    this.current = material;
    for (const listener of this.#listeners) listener(material);
  }
}
