/** Queries whose tree, SQL and answer are kept as files in `golden/`; `npx vitest -u` rewrites them. */
export const GOLDEN: readonly ({ readonly name: string } & (
  { readonly text: string; readonly kql?: undefined } | { readonly kql: string; readonly text?: undefined }
))[] = [
  { name: "words", text: "failed password -root" },
  { name: "address-as-word", text: "10.0.0.5" },
  { name: "fields", text: "source.ip:203.0.113.0/24 user.name:adm* event.outcome:failure" },
  { name: "vendor-field", text: "cisco.asa.severity:<5" },
  { name: "event-by-id", text: "id:00000000000000a1-4" },
  {
    name: "where-project",
    kql: 'Events | where source.ip == "203.0.113.77" and source.port > 50112 | project timestamp, user.name, source.ip',
  },
  {
    name: "summarize-by-bin",
    kql: 'Events | where event.category == "authentication" | summarize n = count(), users = dcount(user.name) by bin(timestamp, 10m), event.outcome | sort by n',
  },
  {
    name: "extend-replaces",
    kql: 'Events | where isnotempty(user.name) | extend user.name = tolower(user.name) | where user.name == "admin" | project user.name',
  },
  {
    name: "sort-take-filter",
    kql: "Events | where isnotnull(source.port) | sort by source.port asc | take 3 | where source.port > 4431 | project source.port",
  },
  { name: "count", kql: "Events | count" },
  { name: "distinct", kql: "Events | distinct observer.vendor" },
  {
    name: "negation-and-null",
    kql: "Events | where not(source.port == 50112) and http.response.status_code != 404 | summarize count()",
  },
  { name: "alerts", kql: 'Alerts | where severity in ("high", "critical") | project title, count, entities' },
];
