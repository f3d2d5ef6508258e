import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeCef, labelName } from "./cef.ts";
import { deviceOf } from "./device-header.ts";
import { decodeLeef } from "./leef.ts";

function cef(
  text: string,
): { readonly header: readonly string[]; readonly pairs: Record<string, string> } | undefined {
  const pairs: Record<string, string> = {};
  const header = decodeCef(text, (name, value) => {
    pairs[name] = value;
  });
  return header && { header: Object.values(header) as readonly string[], pairs };
}

function leef(
  text: string,
): { readonly header: readonly string[]; readonly pairs: Record<string, string> } | undefined {
  const pairs: Record<string, string> = {};
  const header = decodeLeef(text, (name, value) => {
    pairs[name] = value;
  });
  return header && { header: Object.values(header) as readonly string[], pairs };
}

const HEADER = "CEF:0|Acme|Gate|1.0|100|Login failed|5|";

describe("CEF", () => {
  it.each([
    ["CEF:0|Acme|Gate|1.0|100|Login failed|5|", ["0", "Acme", "Gate", "1.0", "100", "Login failed", "5"]],
    ["CEF: 1|Acme|Gate|1.0|100|Login failed|5", ["1", "Acme", "Gate", "1.0", "100", "Login failed", "5"]],
    ["relay says: CEF:0|Acme|Gate|1|2|n|Low|", ["0", "Acme", "Gate", "1", "2", "n", "Low"]],
    ["CEF:0|Ac\\|me|Ga\\\\te|1|2|a \\= b|Low|", ["0", "Ac|me", "Ga\\te", "1", "2", "a \\= b", "Low"]],
    ["CEF:0|Acme|Gate", ["0", "Acme", "Gate", "", "", "", ""]],
    ["CEF:0|Acme||1.0|||3|", ["0", "Acme", "", "1.0", "", "", "3"]],
  ])("reads the header of %s", (text, header) => {
    expect(cef(text)?.header).toEqual(header);
  });

  it.each(["", "CEF:", "CEF:0|", "CEF:x|a|b|", "aCEF:0|a|b|c|", "LEEF:1.0|a|b|c|d|", "about CEF: 0 bars"])(
    "finds no header in %j",
    (text) => {
      expect(cef(text)).toBeUndefined();
    },
  );

  it.each([
    [
      "short names become full ones",
      "src=192.0.2.1 spt=22 dvchost=gw01",
      { sourceAddress: "192.0.2.1", sourcePort: "22", deviceHostName: "gw01" },
    ],
    [
      "values hold spaces",
      "msg=no such user  suser=mara voss act=deny",
      { message: "no such user", sourceUserName: "mara voss", deviceAction: "deny" },
    ],
    ["an escaped line end alone is no value", "msg=\\n act=deny", { deviceAction: "deny" }],
    ["escapes are undone", "msg=a\\=b \\\\ c\\nnext\\|bar", { message: "a=b \\ c\nnext|bar" }],
    [
      "an equals sign that nobody escaped",
      "request=http://h.example/?a=b&c=d cs1=x=y==",
      { requestUrl: "http://h.example/?a=b&c=d", deviceCustomString1: "x=y==" },
    ],
    [
      "an equals sign among spaces",
      "msg=1 + 1 = 2 src=192.0.2.1",
      { message: "1 + 1 = 2", sourceAddress: "192.0.2.1" },
    ],
    ["empty values are left out", "src= dst=192.0.2.2 msg=", { destinationAddress: "192.0.2.2" }],
    ["a bar at the end", "src=192.0.2.1 |", { sourceAddress: "192.0.2.1" }],
    [
      "bars between pairs",
      "src=192.0.2.1|dst=192.0.2.2|msg=a|b",
      { sourceAddress: "192.0.2.1", destinationAddress: "192.0.2.2", message: "a|b" },
    ],
    [
      "tabs between pairs",
      "src=192.0.2.1\tdst=192.0.2.2",
      { sourceAddress: "192.0.2.1", destinationAddress: "192.0.2.2" },
    ],
    ["a path without escapes", "fname=C:\\new\\report.txt", { filename: "C:\\new\\report.txt" }],
    ["a path with escapes", "fname=C:\\\\new\\\\report.txt", { filename: "C:\\new\\report.txt" }],
    ["keys of the device's own", "ad.Activity[0]=x _y=2 9z=3", { "ad.Activity[0]": "x", _y: "2 9z=3" }],
    ["text before the first key", "something src=192.0.2.1", { sourceAddress: "192.0.2.1" }],
  ])("reads an extension: %s", (_what, extension, pairs) => {
    expect(cef(HEADER + extension)?.pairs).toEqual(pairs);
  });

  it("reads the extension where the severity is missing", () => {
    expect(cef("CEF:0|Acme|Gate|1.0|100|Login failed|src=192.0.2.1 msg=a|b")).toEqual({
      header: ["0", "Acme", "Gate", "1.0", "100", "Login failed", ""],
      pairs: { sourceAddress: "192.0.2.1", message: "a|b" },
    });
    expect(cef("CEF:0|Acme|Gate|1.0|100|Login failed|src=192.0.2.1 dst=192.0.2.2")?.pairs).toEqual({
      sourceAddress: "192.0.2.1",
      destinationAddress: "192.0.2.2",
    });
  });

  it("makes names of labels", () => {
    expect(["Rule Name", "  URL-Category ", "§", "Größe (MB)"].map(labelName)).toEqual([
      "rule_name",
      "url_category",
      "",
      "größe_mb",
    ]);
  });
});

describe("LEEF", () => {
  const pairs = { src: "192.0.2.1", usrName: "mara voss" };
  it.each([
    ["LEEF:1.0|Acme|Gate|1.0|login|src=192.0.2.1\tusrName=mara voss", pairs],
    ["LEEF:2.0|Acme|Gate|1.0|login|^|src=192.0.2.1^usrName=mara voss", pairs],
    ["LEEF:2.0|Acme|Gate|1.0|login|x5E|src=192.0.2.1^usrName=mara voss", pairs],
    ["LEEF:2.0|Acme|Gate|1.0|login|0x09|src=192.0.2.1\tusrName=mara voss", pairs],
    ["LEEF:2.0|Acme|Gate|1.0|login||src=192.0.2.1\tusrName=mara voss", pairs],
    ["LEEF:2.0|Acme|Gate|1.0|login|src=192.0.2.1\tusrName=mara voss", pairs],
    ["LEEF:2.0|Acme|Gate|1.0|login|;|src=192.0.2.1\tusrName=mara voss", pairs],
    ["LEEF: 1.0|Acme|Gate|1.0|login|src=192.0.2.1 usrName=mara voss", pairs],
    ["LEEF:1.0|Acme|Gate|1.0|login|src=192.0.2.1|usrName=mara voss", pairs],
    ["LEEF:1.0|Acme|Gate|1.0|login|src=192.0.2.1\\tusrName=mara voss", pairs],
    ["LEEF:1.0|Acme|Gate|1.0|login|src=192.0.2.1", { src: "192.0.2.1" }],
    [
      "LEEF:1.0|Acme|Gate|1.0|login|url=http://h.example/?a=b\tnote=x\twith tab\tsev=",
      { url: "http://h.example/?a=b", note: "x\twith tab" },
    ],
    ["LEEF:1.0|Acme|Gate|1.0|login", {}],
  ])("reads %j", (text, expected) => {
    expect(leef(text)).toEqual({
      header: [text.startsWith("LEEF:2") ? "2.0" : "1.0", "Acme", "Gate", "1.0", "login"],
      pairs: expected,
    });
  });
});

describe("any text", () => {
  const piece = fc.constantFrom(
    "CEF:0|",
    "LEEF:2.0|",
    "|",
    "\\",
    "=",
    "a",
    " ",
    "src=",
    "\t",
    "^",
    "||",
    "x09",
    "cs1Label=",
  );
  const text = fc
    .array(fc.oneof(piece, fc.string({ maxLength: 6 })), { maxLength: 40 })
    .map((parts) => parts.join(""));

  it("gives a header or nothing, and only trimmed values that are not empty", () => {
    fc.assert(
      fc.property(text, (tail) => {
        for (const read of [cef(tail), leef(tail), cef(HEADER + tail), leef(`LEEF:1.0|a|b|c|d|${tail}`)]) {
          for (const value of Object.values(read?.pairs ?? {})) expect(value.trim()).not.toBe("");
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it.each(["=", "\\", "a=", "| ", " a=b", "\\=", "|a=", "CEF:0|", "\t", "^a=", "a"])(
    "takes time in proportion to its length: %j",
    (unit) => {
      const long = unit.repeat(200_000 / unit.length);
      const start = performance.now();
      for (const head of [HEADER, "LEEF:1.0|a|b|c|d|", "CEF:0|a|b|", ""]) {
        cef(head + long);
        leef(head + long);
      }
      expect(performance.now() - start).toBeLessThan(2_000);
    },
  );
});

describe("the device of a record", () => {
  it.each([
    ["CEF:0|Acme|Gate|1.0|1|n|1|", "cef|acme|gate"],
    ["x CEF: 0|Acme|Gate X", "cef|acme|gate x"],
    ["LEEF:2.0|Acme|Gate|", "leef|acme|gate"],
    ["DEF:0|Acme|Gate|", ""],
  ])("of %j", (text, device) => {
    expect(deviceOf(text, null)).toBe(device);
  });

  it("also where an agent decoded it", () => {
    expect(deviceOf("", { cef: { device: { vendor: "Acme", product: "Gate" } } })).toBe("cef|acme|gate");
    expect(deviceOf("", { cef: "text" })).toBe("");
  });
});
