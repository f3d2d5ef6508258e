/** Whole hunts in the shapes that people write, in our own words and over our own fields. SQL and rows are in `golden/hunts.golden`. */
export const HUNT_CASES: readonly (readonly [name: string, kql: string])[] = [
  [
    "many failures from one address",
    "Events | where event.category == 'authentication' and event.outcome == 'failure' | summarize failures = count(), users = make_set(user.name, 50) by source.ip | where failures >= 2 | project source.ip, failures, n = array_length(users)",
  ],
  [
    "one address tries many users",
    "Events | where event.action == 'ssh_login' | summarize users = dcount(user.name), oldest = min(timestamp), newest = max(timestamp) by source.ip, bin(timestamp, 1h) | where users > 1 | extend took = newest - oldest",
  ],
  [
    "success after failures",
    "let failed = Events | where event.action == 'ssh_login' and event.outcome == 'failure' | summarize failures = count(), lastFailure = max(timestamp) by host.name; Events | where event.action == 'ssh_login' and event.outcome == 'success' | join kind=inner failed on host.name | where timestamp > lastFailure | project timestamp, user.name, source.ip, failures",
  ],
  [
    "success without a failure before",
    "let bad = Events | where event.outcome == 'failure' | distinct source.ip; Events | where event.outcome == 'success' and isnotempty(source.ip) | join kind=leftanti bad on source.ip | project id, source.ip",
  ],
  [
    "address never seen before",
    "let seen = Events | where timestamp between (ago(7d) .. ago(1h)) | distinct destination.ip; Events | where timestamp > ago(1h) and isnotempty(destination.ip) and destination.ip !in (seen) | project id, destination.ip",
  ],
  [
    "rare processes",
    "Events | where event.category == 'process' | summarize n = count(), hosts = dcount(host.name) by process.name | where n < 5 and hosts == 1 | top 10 by n asc",
  ],
  [
    "process names of interest",
    "let names = dynamic(['whoami.exe', 'net.exe', 'nltest.exe']); Events | where process.name in~ (names) | project timestamp, host.name, user.name, process.command_line",
  ],
  [
    "words of a command line",
    "Events | where process.command_line has_any ('whoami', 'mimikatz') or process.command_line matches regex @'(?i)-enc(odedcommand)?\\s' | project id, process.command_line",
  ],
  [
    "length of a command line",
    "Events | where isnotempty(process.command_line) | extend size = strlen(process.command_line), words = array_length(split(process.command_line, ' ')) | project process.name, size, words",
  ],
  [
    "folder of a process",
    "Events | where isnotempty(process.executable) | extend path = parse_path(process.executable) | project folder = tostring(path.DirectoryPath), file = tostring(path.Filename), extension = tostring(path.Extension)",
  ],
  [
    "domain and account apart",
    "Events | where user.name contains @'\\' | extend parts = split(user.name, @'\\') | project domain = tostring(parts[0]), account = tostring(parts[-1])",
  ],
  [
    "denied by the firewall, then allowed",
    "let denied = Events | where event.type == 'denied' | project source.ip, deniedAt = timestamp; Events | where event.type == 'allowed' | join kind=inner denied on source.ip | where timestamp between (deniedAt .. deniedAt + 5m) | project source.ip, deniedAt, timestamp, destination.port",
  ],
  [
    "several ports of one host",
    "Events | where event.category == 'network' | summarize ports = make_set(destination.port), n = dcount(destination.port) by source.ip, destination.ip | where n >= 2 | extend ports = array_sort_asc(ports)",
  ],
  [
    "not private to private",
    "Events | where isnotempty(destination.ip) | extend inward = ipv4_is_private(destination.ip) and not(ipv4_is_private(source.ip)) | summarize count() by inward",
  ],
  [
    "networks of one's own",
    "let networks = dynamic(['192.0.2.0/24', '198.51.100.0/24']); Events | where isnotempty(source.ip) | extend ours = ipv4_is_in_any_range(source.ip, networks) | summarize n = count() by ours",
  ],
  [
    "web attack in the path",
    "Events | where event.category == 'web' | extend path = url_decode(url.path) | where path matches regex @'(?i)(union\\s+select|or\\s+1=1|\\.\\./)' | project source.ip, url.path",
  ],
  [
    "share of errors by address",
    "Events | where isnotnull(http.response.status_code) | summarize total = count(), errors = countif(http.response.status_code >= 400) by source.ip | extend share = round(100.0 * errors / total, 1) | where share >= 50",
  ],
  [
    "large answers",
    "Events | where http.response.body.bytes > 1000000 | project source.ip, gigabytes = round(http.response.body.bytes / 1e9, 2)",
  ],
  [
    "odd tools as browser",
    "Events | where isnotempty(user_agent.original) | extend agent = parse_user_agent(user_agent.original, 'browser') | project family = tostring(agent.Browser.Family), version = tostring(agent.Browser.MajorVersion)",
  ],
  [
    "time between events of a host",
    "Events | where isnotempty(source.ip) | sort by source.ip asc, timestamp asc | extend gap = iff(source.ip == prev(source.ip), timestamp - prev(timestamp), timespan(null)) | where isnotnull(gap) | summarize gaps = count(), longest = max(gap) by source.ip",
  ],
  [
    "beacons",
    "Events | where isnotempty(source.ip) | sort by source.ip asc, timestamp asc | extend gap = iff(source.ip == prev(source.ip), (timestamp - prev(timestamp)) / 1s, real(null)) | summarize n = countif(isnotnull(gap)), spread = stdev(gap) by source.ip | where n >= 1",
  ],
  [
    "first time of each user on each host",
    "Events | where isnotempty(user.name) and isnotempty(host.name) | summarize arg_min(timestamp, source.ip, event.outcome) by user.name, host.name",
  ],
  [
    "newest event of each user, whole",
    "Events | where isnotempty(user.name) | summarize arg_max(timestamp, *) by user.name | project user.name, timestamp, host.name, id",
  ],
  [
    "anomalies over time",
    "Events | make-series n = count() on timestamp from datetime(2026-03-10 09:00) to datetime(2026-03-10 12:00) step 15m | extend (flag, score, usual) = series_decompose_anomalies(n, 1.5) | mv-expand timestamp to typeof(datetime), n to typeof(long), flag to typeof(long) | where flag > 0 | project timestamp, n",
  ],
  [
    "compare with the hour before",
    "let current = toscalar(Events | where timestamp > ago(1h) | count); let before = toscalar(Events | where timestamp between (ago(2h) .. ago(1h)) | count); print current, before, more = current > before",
  ],
  [
    "fields of JSON in a line",
    "Events | where raw startswith '{' | extend d = parse_json(raw) | extend code = toint(d.EventID), image = tostring(d.NewProcessName) | project code, image = tostring(split(image, @'\\')[-1])",
  ],
  [
    "all properties of an object",
    "Events | where isnotempty(winlog.event_data) | mv-expand p = winlog.event_data | extend name = tostring(bag_keys(p)[0]) | project id, name, value = tostring(p[name])",
  ],
  [
    "properties by name",
    "Events | where isnotempty(winlog.event_data.TargetUserName) | extend target = tostring(winlog.event_data.TargetUserName), level = toint(winlog.event_data.Nested.Level) | project target, level",
  ],
  [
    "address out of a line",
    "Events | where message has 'from' | extend address = extract(@'from ([0-9a-fA-F.:]+)', 1, message) | summarize n = count() by address",
  ],
  [
    "words of a line",
    "Events | where process.name == 'sshd' | parse message with outcome ' ' method ' for ' rest | summarize count() by outcome, method",
  ],
  [
    "users of a list that did nothing",
    "let team = datatable(user:string, role:string)['root', 'admin', 'carol', 'analyst']; team | join kind=leftanti (Events | where isnotempty(user.name) | project user = user.name) on user",
  ],
  [
    "enriched by a table of one's own",
    "let owners = datatable(host:string, owner:string, critical:bool)['web-01', 'alice', true, 'PC-7', 'bob', false]; Events | where isnotempty(host.name) | lookup owners on $left.host.name == $right.host | summarize n = count() by owner, critical",
  ],
  [
    "severity by case",
    "Events | where isnotempty(cisco.asa.severity) | extend level = case(toint(cisco.asa.severity) <= 4, 'high', toint(cisco.asa.severity) <= 6, 'low', 'none') | project id, level",
  ],
  [
    "top of each group",
    "Events | where isnotempty(source.ip) | summarize n = count() by event.outcome, source.ip | sort by event.outcome asc, n desc, source.ip asc | extend place = row_number(1, prev(event.outcome) != event.outcome) | where place == 1 | project event.outcome, source.ip, n",
  ],
  [
    "events and alerts in one line of time",
    "union withsource=from (Events | where user.name == 'root' | project timestamp, what = message), (Alerts | project timestamp, what = title) | sort by timestamp asc",
  ],
  [
    "hours of the day",
    "Events | extend hour = hourofday(timestamp), night = hourofday(timestamp) !between (9 .. 10) | summarize count() by hour, night | sort by hour asc",
  ],
  [
    "list of a list",
    "Events | where array_length(event.type) > 0 | mv-expand t = event.type to typeof(string) | mv-expand c = event.category to typeof(string) | summarize n = count() by c, t",
  ],
  [
    "common members",
    "let a = toscalar(Events | where port == 22 | summarize make_set(destination.ip)); let b = toscalar(Events | where port == 443 | summarize make_set(destination.ip)); print set_intersect(a, b), set_difference(a, b)",
  ],
  ["every event that mentions", "search 'erin' or 'Erin' | summarize count() by $table"],
  [
    "the pivot of outcomes",
    "Events | where isnotempty(event.outcome) | evaluate pivot(event.outcome, count(), event.action) : (event.action:string, failure:long, success:long)",
  ],
  [
    "hash of a value",
    "Events | where isnotempty(user.name) | extend pseudonym = substring(hash_sha256(tolower(user.name)), 0, 8) | summarize count() by pseudonym",
  ],
  [
    "a function of one's own over events",
    "let logons = (outcome:string, since:timespan) { Events | where timestamp > ago(since) and event.action == 'ssh_login' and event.outcome == outcome }; union (logons('failure', 1h)), (logons('success', 1h)) | summarize count() by event.outcome",
  ],
  [
    "ids in findings",
    "Findings | mv-expand event_id = event_ids to typeof(string) | join kind=inner (Events | project event_id = id, user.name) on event_id | project rule_title, user.name",
  ],
  [
    "entities of alerts",
    "Alerts | where severity in ('high', 'critical') | mv-expand entity = entities | extend sort_of = tostring(entity.type), value = tostring(entity.value) | summarize alerts = dcount(id) by sort_of, value",
  ],
];
