import { pickOne, pickText } from "../../url-search.ts";

/** The register's filters. */
export interface AssetsSearch {
  readonly kind?: "host" | "service" | "person" | undefined;
  readonly criticality?: string | undefined;
  readonly label?: string | undefined;
  readonly origin?: "learned" | "said" | undefined;
  readonly q?: string | undefined;
}

export function parseAssetsSearch(search: Readonly<Record<string, unknown>>): AssetsSearch {
  const kind = pickOne(search["kind"], ["host", "service", "person"] as const);
  const origin = pickOne(search["origin"], ["learned", "said"] as const);
  return {
    ...pickText(search, ["criticality", "label", "q"]),
    ...(kind === undefined ? {} : { kind }),
    ...(origin === undefined ? {} : { origin }),
  };
}
