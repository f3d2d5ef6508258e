/** PEM texts, as files hold them. */
export interface TlsMaterial {
  /** The certificate, followed by those of the authorities between it and a root. */
  readonly cert: string;
  readonly key: string;
  /** Authorities whose clients are known. Absent: no client is asked for a certificate. */
  readonly clientCa?: string;
}

/** What listeners show to those who connect over TLS. Replaced while they run, when a certificate is renewed. */
export interface TlsIdentity {
  /** Known to be sound: the key fits the certificate. */
  readonly current: TlsMaterial;
  /** A client without a certificate is sent away. */
  readonly isClientCertificateRequired: boolean;
  /** @returns how to stop listening. */
  onChange(listener: (material: TlsMaterial) => void): () => void;
}
