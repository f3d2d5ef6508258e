const NUMBERS = "datatable(v:long, k:string)[1, 'a', 2, 'a', 3, 'b', 4, 'b', 10, 'b', long(null), 'c']";

/** One case for each aggregate; SQL and rows are in `golden/aggregates.golden`. */
export const AGGREGATE_CASES: readonly string[] = [
  `${NUMBERS} | summarize count() by k`,
  `${NUMBERS} | summarize countif(v > 2), dcount(k), dcountif(k, v > 2), count_distinct(k), count_distinctif(k, v > 3)`,
  `${NUMBERS} | summarize sum(v), sumif(v, v > 2) by k`,
  `${NUMBERS} | summarize avg(v), avgif(v, v > 2) by k`,
  `${NUMBERS} | summarize min(v), minif(v, v > 2), max(v), maxif(v, v < 4), min(k), max(k)`,
  `${NUMBERS} | summarize arg_max(v, k), arg_min(v, *)`,
  `${NUMBERS} | summarize argmax(v, k), argmin(v, k)`,
  `${NUMBERS} | summarize (most, who) = arg_max(v, k) by big = v > 2`,
  `${NUMBERS} | summarize percentile(v, 50), percentiles(v, 20, 80), percentiles_array(v, 0, 100)`,
  `${NUMBERS} | summarize stdev(v), variance(v), stdevif(v, v > 2), varianceif(v, v > 2)`,
  `${NUMBERS} | sort by v asc | summarize make_list(v), makelist(k, 2), make_list_if(v, v > 2), make_list_if(v, v > 2, 1)`,
  `${NUMBERS} | summarize array_sort_asc(make_set(k)), array_sort_asc(makeset(v)), array_length(make_set(v, 2)), array_sort_asc(make_set_if(k, v > 2))`,
  `${NUMBERS} | where k == 'a' | summarize make_bag(bag_pack(strcat(k, v), v)), make_bag_if(bag_pack(k, v), v == 1)`,
  `${NUMBERS} | where k == 'a' | summarize take_any(k), any(k), take_anyif(v, v == 2)`,
  `${NUMBERS} | where k == 'c' | summarize take_any(v, k)`,
  `${NUMBERS} | summarize n = count(), share = round(100.0 * countif(v > 2) / count(), 1), spread = max(v) - min(v)`,
  `${NUMBERS} | summarize names = strcat_array(array_sort_asc(make_set(k)), ', ') by even = v % 2 == 0`,
  "Events | summarize array_sort_asc(make_set(event.type)), array_length(make_list(event.category))",
  "Events | summarize arg_max(timestamp, user.name, event.type, source.ip, id) by process.name",
  "Events | where process.name == 'sshd' | summarize arg_max(timestamp, *) by host.name | project timestamp, id, user.name, source.ip, event.category",
  "Events | summarize avg(timestamp), percentile(timestamp, 50), max(ingested - timestamp)",
  "Events | summarize make_list(cisco.asa.severity), array_sort_asc(make_set(cisco.asa.message_id))",
  "Events | summarize array_sort_asc(make_set(source.ip)), array_length(make_set(id))",
  "Events | where user.name == 'nobody' | summarize arg_max(timestamp, user.name, source.port), percentile(source.port, 50), make_list(user.name), stdev(source.port)",
];
