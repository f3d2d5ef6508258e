import { describe, expect, it } from "vitest";
import { HeaderFollower, headerAfter, tableHeader } from "./column-header.ts";

/** Latin letters are their own bytes. */
const bytes = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const decode = (from: Uint8Array): string => String.fromCharCode(...from);

/** The header that each of some lines has. */
function headersOf(lines: readonly string[]): readonly (string | undefined)[] {
  const follower = new HeaderFollower(decode);
  return lines.map((line, i) => {
    const next = lines[i + 1];
    return follower.after(bytes(line), next === undefined ? undefined : bytes(next));
  });
}

describe("directives", () => {
  it("join the header, a later one of a name in place of the earlier", () => {
    const lines = [
      "#Version: 1.0",
      "#Fields: date time",
      "2026-02-27 10:00:00",
      "#Fields: date c-ip",
      "2026-02-27 x",
    ];
    expect(headersOf(lines)).toEqual([
      "#Version: 1.0",
      "#Version: 1.0\n#Fields: date time",
      "#Version: 1.0\n#Fields: date time",
      "#Version: 1.0\n#Fields: date c-ip",
      "#Version: 1.0\n#Fields: date c-ip",
    ]);
  });

  it.each(["# a comment", "#!/bin/sh", "#", "#1", "text #Fields: a"])("are not %j", (line) => {
    expect(headerAfter(undefined, line)).toBeUndefined();
  });

  it("are no header beyond the limit", () => {
    expect(headerAfter("#Version: 1.0", `#Fields: ${"x".repeat(20_000)}`)).toBe("#Version: 1.0");
  });
});

describe("a first line of names", () => {
  it.each([
    ["time,src ip,user", "2026-02-27,192.0.2.1,mara"],
    ["time;src;user", "1;2;3"],
    ['"Time"\t"Source IP"\t"Action"', '"1"\t"2"\t"x"'],
    ["a,b,c", '"x, y",1,2'],
  ])("%j is one before %j", (first, second) => {
    expect(tableHeader(first, second)).toBe(first);
  });

  it.each([
    ["time,user", "1,2"],
    ["2026,src,user", "1,2,3"],
    ["time,src,user", "a,b,c"],
    ["time,src,user", "1,2"],
    ["time,time,user", "1,2,3"],
    ['{"a":1,"b":2,"c":3}', "1,2,3"],
    ["", ""],
    ["CEF:0|Acme|Gate|1.0", "CEF:0|Acme|Gate|1.0"],
  ])("%j is none before %j", (first, second) => {
    expect(tableHeader(first, second)).toBeUndefined();
  });

  it("is looked for on the first line only", () => {
    expect(headersOf(["x", "time,src,user", "1,2,3"])).toEqual([undefined, undefined, undefined]);
  });
});
