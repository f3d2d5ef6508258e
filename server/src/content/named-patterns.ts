/**
 * What `%{NAME:field}` stands for. None holds a capture, and none repeats a repetition, so that every pattern built of them
 * stays free of catastrophic backtracking.
 */
export const NAMED_PATTERNS: ReadonlyMap<string, string> = new Map([
  ["DATA", ".*?"],
  ["GREEDYDATA", ".*"],
  ["NOTSPACE", "\\S+"],
  ["SPACE", "\\s*"],
  ["WORD", "\\w+"],
  ["NUMBER", "[+-]?\\d+(?:\\.\\d+)?"],
  ["INT", "[+-]?\\d+"],
  ["POSINT", "\\d+"],
  ["HEX", "(?:0[xX])?[0-9A-Fa-f]+"],
  ["IPV4", "\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}"],
  ["IPV6", "[0-9A-Fa-f:]{2,39}(?:\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3})?(?:%\\w{1,16})?"],
  [
    "IP",
    "(?:\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}|[0-9A-Fa-f:]{0,38}:[0-9A-Fa-f:]{0,38}(?:\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3})?(?:%\\w{1,16})?)",
  ],
  ["HOSTNAME", "[A-Za-z0-9_][\\w.-]{0,254}"],
  ["IPORHOST", "[A-Za-z0-9_:][\\w.:%-]{0,254}"],
  ["USERNAME", "[\\w.@$+\\\\-]+"],
  ["MAC", "[0-9A-Fa-f]{2}(?:[:.-]?[0-9A-Fa-f]{2}){5}"],
  ["UUID", "[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}"],
  ["PATH", "/[^\\s\"']*"],
  ["QUOTED", '"(?:[^"\\\\]|\\\\.)*"'],
  [
    "TIMESTAMP_ISO8601",
    "\\d{4}-\\d\\d-\\d\\d[T ]\\d\\d:\\d\\d(?::\\d\\d(?:[.,]\\d{1,9})?)?(?: ?(?:Z|[+-]\\d\\d:?\\d\\d))?",
  ],
  ["SYSLOGTIMESTAMP", "[A-Z][a-z]{2} [ \\d]\\d \\d\\d:\\d\\d:\\d\\d"],
  ["HTTPDATE", "\\d\\d/[A-Z][a-z]{2}/\\d{4}:\\d\\d:\\d\\d:\\d\\d [+-]\\d{4}"],
  ["LOGLEVEL", "[A-Za-z]{4,9}"],
]);
