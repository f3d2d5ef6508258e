import { joinSql, param, sql, type BoundQuery } from "./bound-query.ts";

/** What a browser says of itself: family and pattern of its version, the more special ones first. */
const BROWSERS: readonly (readonly [family: string, pattern: string])[] = [
  ["Edge", "Edge?/([0-9.]+)"],
  ["Opera", "OPR/([0-9.]+)"],
  ["Samsung Internet", "SamsungBrowser/([0-9.]+)"],
  ["Firefox", "Firefox/([0-9.]+)"],
  ["Chrome", "(?:Chrome|CriOS)/([0-9.]+)"],
  ["Safari", "Version/([0-9.]+).*Safari/"],
  ["IE", "(?:MSIE |Trident/.*rv:)([0-9.]+)"],
  ["curl", "^curl/([0-9.]+)"],
  ["Wget", "^Wget/([0-9.]+)"],
  ["Python Requests", "^python-requests/([0-9.]+)"],
  ["Go-http-client", "^Go-http-client/([0-9.]+)"],
  ["PowerShell", "PowerShell/([0-9.]+)"],
];
const SYSTEMS: readonly (readonly [family: string, pattern: string])[] = [
  ["Windows", "Windows NT ([0-9.]+)"],
  ["Android", "Android ([0-9.]+)"],
  ["iOS", "(?:iPhone|iPad).* OS ([0-9_]+)"],
  ["Mac OS X", "Mac OS X ([0-9_.]+)"],
  ["Chrome OS", "CrOS \\S+ ([0-9.]+)"],
  ["Linux", "Linux()"],
];
const DEVICES: readonly (readonly [family: string, pattern: string])[] = [
  ["iPhone", "iPhone()"],
  ["iPad", "iPad()"],
  ["Android", "Android()"],
  ["Mac", "Macintosh()"],
  ["Spider", "(?i:bot|crawler|spider)()"],
];

/** JSON of what the text names, of a closed list of families; anything else is "Other". */
export function userAgentJson(text: BoundQuery, wanted: readonly string[]): BoundQuery {
  const parts: BoundQuery[] = [];
  if (wanted.includes("browser")) parts.push(sql`'"Browser":'`, member(text, BROWSERS), sql`','`);
  if (wanted.includes("os")) parts.push(sql`'"OperatingSystem":'`, member(text, SYSTEMS), sql`','`);
  if (wanted.includes("device")) parts.push(sql`'"Device":'`, member(text, DEVICES), sql`','`);
  return sql`concat('{', ${joinSql([...parts.slice(0, -1), sql`''`], ", ")}, '}')`;
}

function member(text: BoundQuery, families: typeof BROWSERS): BoundQuery {
  const choose = (answer: (family: string, pattern: string) => BoundQuery, other: BoundQuery): BoundQuery => {
    const branches = families.flatMap(([family, pattern]) => [
      sql`match(${text}, ${param("String", pattern)})`,
      answer(family, pattern),
    ]);
    return sql`multiIf(${joinSql([...branches, other], ", ")})`;
  };
  const family = choose((name) => sql`${param("String", name)}`, sql`'Other'`);
  const version = choose((_, pattern) => sql`extract(${text}, ${param("String", pattern)})`, sql`''`);
  const numbers = sql`splitByRegexp('[._]', ${version})`;
  const at = (index: number): BoundQuery =>
    sql`toJSONString(arrayElement(${numbers}, ${param("Int64", index)}))`;
  return sql`concat('{"Family":', toJSONString(${family}), ',"MajorVersion":', ${at(1)}, ',"MinorVersion":', ${at(2)}, ',"Patch":', ${at(3)}, '}')`;
}
