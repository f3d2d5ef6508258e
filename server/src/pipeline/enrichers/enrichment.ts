import { addAddresses } from "./addresses.ts";
import { keepFittingTypes } from "./classes.ts";
import { addCommunityId } from "./community-id.ts";
import { addRegisteredDomains } from "./domain-name.ts";
import type { Enricher } from "./enricher.ts";
import { addUserParts } from "./identity.ts";
import { createDirectionEnricher } from "./network-direction.ts";
import { addNetworkType, addProtocol, addTotals } from "./network.ts";
import { createPlaceEnricher } from "./place.ts";
import type { PlaceOptions } from "./place.ts";
import { addFileParts, addProcessParts } from "./paths.ts";
import { addRelated } from "./related.ts";
import { settleSpelling } from "./spelling.ts";
import { addUrlParts } from "./url.ts";
import { addUserAgentParts } from "./user-agent.ts";

/** What the deployment knows and no log says. */
export interface EnrichmentOptions extends PlaceOptions {
  /** The operator's own networks, as networks or single addresses. Absent: private addresses, where a pack asks for them. */
  readonly internalNetworks?: readonly string[];
}

/** All enrichers in the order in which one's output is another's input; the related lists last, since they gather from all. */
export function createEnrichment(options: EnrichmentOptions): Enricher {
  const addDirection = createDirectionEnricher(options.internalNetworks);
  const addPlaces = createPlaceEnricher(options);
  return (fields) => {
    keepFittingTypes(fields);
    addAddresses(fields);
    addPlaces(fields);
    addUrlParts(fields);
    addRegisteredDomains(fields);
    addUserAgentParts(fields);
    addProtocol(fields);
    addNetworkType(fields);
    addTotals(fields);
    addDirection(fields);
    addCommunityId(fields);
    addFileParts(fields);
    addProcessParts(fields);
    addUserParts(fields);
    settleSpelling(fields);
    addRelated(fields);
  };
}
