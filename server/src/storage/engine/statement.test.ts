import { expect, test } from "vitest";
import {
  insertStatement,
  literalInsert,
  setParameters,
  settingsClause,
  singleStatement,
  sqlText,
} from "./statement.ts";

test.each([
  ["SELECT 1", "SELECT 1"],
  ["SELECT 1;", "SELECT 1"],
  ["SELECT 1 ; -- done; really", "SELECT 1 "],
  ["SELECT ';', \"a;b\", `c;d` /* ; */ FROM t", "SELECT ';', \"a;b\", `c;d` /* ; */ FROM t"],
  ["SELECT 'it''s; \\'; still'", "SELECT 'it''s; \\'; still'"],
  ["SELECT 'into outfile', 'é$#'", "SELECT 'into outfile', 'é$#'"],
])("takes one statement: %s", (text, expected) => {
  expect(singleStatement(text)).toEqual({ kind: "statement", sql: expected, isQuery: true });
});

test.each([
  ["SELECT 1; DROP TABLE events", "stacked"],
  ["SELECT 1;;SELECT 2", "stacked"],
  ["SELECT 'a\\'; DROP TABLE events; --'; DROP TABLE t", "stacked"],
  ["", "empty"],
  [" -- nothing\n;", "empty"],
  ["SELECT 1 INTO OUTFILE '/tmp/x'", "file-access"],
  ["INSERT INTO t FROM InFile 'x'", "file-access"],
  ["SELECT 'open", "unterminated"],
  ["SELECT 1 /* open", "unterminated"],
  ["SELECT $a$'$a$; DROP TABLE events; --'", "odd-character"],
  ["SELECT 1 # '\n; DROP TABLE events; --'", "odd-character"],
  ["SELECT ‘; DROP TABLE events; --’", "odd-character"],
  ["SELECT 1\u00a0", "odd-character"],
  ["SELECT 1\0; DROP TABLE events", "odd-character"],
])("refuses %j as %s", (text, fault) => {
  expect(singleStatement(text)).toEqual({ kind: "refused", fault });
});

test("tells queries from other statements", () => {
  const isQuery = (text: string): unknown => {
    const parsed = singleStatement(text);
    return parsed.kind === "statement" && parsed.isQuery;
  };
  expect(["/* x */ with 1 AS a SELECT a", "(SELECT 1)"].map(isQuery)).toEqual([true, true]);
  expect(["SYSTEM STOP MERGES", "KILL QUERY WHERE 1", "INSERT INTO t SELECT 1"].map(isQuery)).toEqual([
    false,
    false,
    false,
  ]);
});

test("knows inserts whose rows come as bytes", () => {
  expect(insertStatement("INSERT INTO events FORMAT JSONEachRow")).toEqual({
    table: "events",
    columns: [],
    format: "JSONEachRow",
  });
  const parquet = insertStatement("INSERT INTO `events` (`origin`, raw) FORMAT Parquet");
  expect(parquet).toEqual({ table: "events", columns: ["origin", "raw"], format: "Parquet" });
  if (parquet !== undefined)
    expect(literalInsert(parquet, Buffer.from("PAR1"))).toBe(
      "INSERT INTO `events` (`origin`, `raw`) SELECT `origin`, `raw` FROM format(Parquet, base64Decode('UEFSMQ=='))",
    );
  expect(insertStatement("INSERT INTO events (a b) FORMAT Parquet")).toBeUndefined();
  expect(insertStatement("INSERT INTO events SELECT 1")).toBeUndefined();
  expect(insertStatement("INSERT INTO events FORMAT Native")).toBeUndefined();
});

test("quotes what goes into SET and SETTINGS and refuses other names", () => {
  expect(sqlText("a'b\\c\0")).toBe("'a\\'b\\\\c\\0'");
  expect(setParameters(new Map([["p0", "x'; DROP TABLE t --"]]))).toBe(
    "SET param_p0 = 'x\\'; DROP TABLE t --'",
  );
  expect(setParameters(new Map([["p0 = 1; --", "x"]]))).toBeUndefined();
  expect(
    settingsClause(
      new Map([
        ["max_threads", "2"],
        ["log_comment", "it's"],
      ]),
    ),
  ).toBe("\nSETTINGS max_threads = 2, log_comment = 'it\\'s'");
  expect(settingsClause(new Map([["a b", "1"]]))).toBeUndefined();
});
