import { resolve } from "node:path";
import { isIP } from "node:net";
import type { Diagnostic } from "@tyto/domain";

/** What the deployment knows and no log says. Paths are absolute. */
export interface EnrichmentConfig {
  /** MaxMind DB file of cities or countries. */
  readonly geo?: string;
  /** MaxMind DB file of autonomous systems. */
  readonly asn?: string;
  /** The company's own networks; absent where nobody said. */
  readonly internalNetworks?: readonly string[];
}

export interface EnrichmentFlags {
  readonly geo?: string;
  readonly asn?: string;
  /** Separated by commas. */
  readonly internalNetworks?: string;
}

/** Each flag has its `TYTO_…` twin; what is wrong is added to the diagnostics. */
export function readEnrichment(options: {
  readonly flags: EnrichmentFlags;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly workingDirectory: string;
  readonly diagnostics: Diagnostic[];
}): EnrichmentConfig {
  const { flags, environment, workingDirectory, diagnostics } = options;
  const geo = flags.geo ?? environment["TYTO_GEO"];
  const asn = flags.asn ?? environment["TYTO_ASN"];
  const networks = (flags.internalNetworks ?? environment["TYTO_INTERNAL_NETWORKS"] ?? "")
    .split(",")
    .map((text) => text.trim())
    .filter((text) => text !== "");
  for (const network of networks) {
    if (isNetwork(network)) continue;
    diagnostics.push({
      severity: "error",
      code: "network-invalid",
      message: `"${network}" is no network`,
      at: { file: "--internal-networks" },
      hint: "Give addresses or networks such as 10.0.0.0/8 or 2001:db8::/32, separated by commas.",
    });
  }
  return {
    ...(geo === undefined || geo === "" ? {} : { geo: resolve(workingDirectory, geo) }),
    ...(asn === undefined || asn === "" ? {} : { asn: resolve(workingDirectory, asn) }),
    ...(networks.length === 0 ? {} : { internalNetworks: networks }),
  };
}

/** `10.0.0.0/8`, `2001:db8::/32`, or one address. */
export function isNetwork(text: string): boolean {
  const [address = "", bits, rest] = text.split("/");
  const family = isIP(address);
  if (family === 0 || rest !== undefined) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 6 ? 128 : 32));
}
