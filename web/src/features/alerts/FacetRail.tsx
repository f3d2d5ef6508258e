import { humanise, formatCount, LogText, Severity } from "../../ui/index.ts";
import type { AlertFacets } from "@tyto/domain";
import type { ReactNode } from "react";
import { type AlertsSearch, toggleInList } from "./alerts-url.ts";
import css from "./Queue.module.css";

interface FacetRailProps {
  readonly facets: AlertFacets | undefined;
  readonly search: AlertsSearch;
  readonly onChange: (change: Partial<AlertsSearch>) => void;
}

const NAMES: Readonly<Record<string, string>> = {
  severity: "Severity",
  status: "Status",
  assignee: "Owner",
  rule: "Rule",
  host: "Host",
  user: "User",
  ip: "Address",
  tactic: "Tactic",
  criticality: "Criticality",
  label: "Asset label",
  tag: "Tag",
};

/** What the alerts here have, each value a filter. */
export function FacetRail({ facets, search, onChange }: FacetRailProps): ReactNode {
  return (
    <nav className={css["facets"]} aria-label="Filter by what alerts have" tabIndex={0}>
      {facets?.items
        .filter(({ values }) => values.length > 0)
        .map(({ facet, values }) => (
          <section key={facet}>
            <h2>{NAMES[facet] ?? humanise(facet)}</h2>
            <ul>
              {values.map(({ value, label, count }) => {
                const isOn = isChosen(search, facet, value);
                return (
                  <li key={value}>
                    <button
                      type="button"
                      aria-pressed={isOn}
                      onClick={() => onChange(chosen(search, facet, value))}
                    >
                      <span className="ellipsis">
                        <FacetValue facet={facet} label={value === "" ? "Nobody" : label} />
                      </span>
                      <span className="num muted">{formatCount(count)}</span>
                    </button>
                  </li>
                );
              })}
            </ul>
          </section>
        ))}
    </nav>
  );
}

function FacetValue({ facet, label }: { readonly facet: string; readonly label: string }): ReactNode {
  if (
    facet === "severity" &&
    (label === "low" || label === "medium" || label === "high" || label === "critical")
  )
    return <Severity level={label} />;
  return facet === "status" || facet === "tactic" || facet === "criticality" ? (
    humanise(label)
  ) : (
    <LogText text={label} limit={80} isExpandable={false} />
  );
}

/** The filter that a facet is: rules and entities are one value, the others lists. */
function chosen(search: AlertsSearch, facet: string, value: string): Partial<AlertsSearch> {
  switch (facet) {
    case "rule":
      return { rule: search.rule === value ? undefined : value };
    case "host":
    case "user":
    case "ip":
      return { entity: search.entity === value ? undefined : value };
    case "status":
      return { status: toggleInList(openWritten(search.status), value) ?? "all" };
    case "assignee":
      return { assignee: toggleInList(search.assignee, value === "" ? "none" : value) };
    case "severity":
    case "tactic":
    case "criticality":
    case "label":
    case "tag":
      return { [facet]: toggleInList(search[facet], value) };
    default:
      return {};
  }
}

const openWritten = (status: string | undefined): string | undefined =>
  status === undefined || status === "all" ? undefined : status === "open" ? "new,acknowledged" : status;

function isChosen(search: AlertsSearch, facet: string, value: string): boolean {
  switch (facet) {
    case "rule":
      return search.rule === value;
    case "host":
    case "user":
    case "ip":
      return search.entity === value;
    case "status":
      return (openWritten(search.status) ?? "").split(",").includes(value);
    case "assignee":
      return (search.assignee ?? "").split(",").includes(value === "" ? "none" : value);
    case "severity":
    case "tactic":
    case "criticality":
    case "label":
    case "tag":
      return (search[facet] ?? "").split(",").includes(value);
    default:
      return false;
  }
}
