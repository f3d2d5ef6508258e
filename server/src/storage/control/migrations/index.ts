import type { Migration } from "kysely";
import { initial } from "./0001-initial.ts";
import { jobs } from "./0002-jobs.ts";
import { connections } from "./0003-connections.ts";
import { accountHours } from "./0004-account-hours.ts";
import { tokenTerms } from "./0005-token-terms.ts";
import { laneCheckpoints } from "./0006-lane-checkpoints.ts";
import { appliedRanges } from "./0008-applied-ranges.ts";
import { searches } from "./0009-searches.ts";
import { assets } from "./0010-assets.ts";
import { triage } from "./0011-triage.ts";
import { ownRules } from "./0012-own-rules.ts";
import { exceptions } from "./0013-exceptions.ts";
import { dashboards } from "./0014-dashboards.ts";
import { users } from "./0015-users.ts";
import type { SchemaTraits } from "./schema-traits.ts";

/**
 * Every change of the schema since the first release, in the order of their names. Never edit one that has been released: add the
 * next number.
 */
export function migrations(traits: SchemaTraits): Readonly<Record<string, Migration>> {
  return {
    "0001-initial": initial(traits),
    "0002-jobs": jobs(traits),
    "0003-connections": connections(traits),
    "0004-account-hours": accountHours(traits),
    "0005-token-terms": tokenTerms(traits),
    "0006-lane-checkpoints": laneCheckpoints(),
    "0008-applied-ranges": appliedRanges(traits),
    "0009-searches": searches(traits),
    "0010-assets": assets(traits),
    "0011-triage": triage(traits),
    "0012-own-rules": ownRules(traits),
    "0013-exceptions": exceptions(traits),
    "0014-dashboards": dashboards(traits),
    "0015-users": users(traits),
  };
}
