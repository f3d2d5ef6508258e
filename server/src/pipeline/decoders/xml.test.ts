import { describe, expect, it } from "vitest";
import { createNormaliser } from "../normaliser.ts";
import { ownFields, testPack, testRecord, testSnapshot } from "../testing/records.ts";

function outcomeOf(text: string, options = "") {
  const pack = testPack(
    "acme",
    `namespaces: [acme]\nrecognise: [{ match: '^.*$', parser: main }]\nparsers:\n  main:\n    - xml: { into: acme, ${options} otherwise: { set: { acme.failed: "yes" } } }\n`,
  );
  const [outcome] = createNormaliser({ snapshot: testSnapshot(pack) }).normalise([testRecord(text)]);
  return outcome;
}

function fieldsOf(text: string, options = ""): unknown {
  const outcome = outcomeOf(text, options);
  if (outcome?.kind !== "event")
    return outcome?.kind === "quarantined" ? outcome.record.reason : outcome?.kind;
  const { message: _, ...fields } = ownFields(outcome.event);
  return fields;
}

describe("decoding XML", () => {
  it.each<readonly [string, string, unknown]>([
    [
      "texts and attributes",
      `<a x='1' y="2"><b>t</b><c z='&#x33;'/></a>`,
      { "acme.a.@x": "1", "acme.a.@y": "2", "acme.a.b": "t", "acme.a.c.@z": "3" },
    ],
    ["what comes twice", "<a><b>1</b><b>2</b><b>3</b></a>", { "acme.a.b": ["1", "2", "3"] }],
    [
      "references, and no others",
      "<a>&lt;&gt;&amp;&quot;&apos;&#65;&#x42;&own;&#x110000;</a>",
      { "acme.a": "<>&\"'AB&own;&#x110000;" },
    ],
    ["CDATA and comments", "<a>x<!-- <b>no</b> --><![CDATA[<y>&amp;]]></a>", { "acme.a": "x<y>&amp;" }],
    [
      "prefixes",
      "<s:a xmlns:s='u' xmlns='v' s:k='1'><s:b>1</s:b></s:a>",
      { "acme.a.@k": "1", "acme.a.b": "1" },
    ],
    [
      "a declaration and white space",
      "<?xml version='1.0'?>\n <a>\n  <b> t </b>\n</a>\n",
      { "acme.a.b": " t " },
    ],
    ["line ends in values", "<a>1\r\n2</a>", { "acme.a": "1\r\n2" }],
    ["an element that is called __proto__", "<a><__proto__>1</__proto__></a>", { "acme.a.__proto__": "1" }],
    ["a text that is cut in a value", "<a><b>1</b><c>2", { "acme.a.b": "1" }],
    ["a text that is cut in a tag", "<a><b>1</b><c x='", { "acme.a.b": "1" }],
    ["no text at all", "", { "acme.failed": "yes" }],
    ["text", "hello", { "acme.failed": "yes" }],
    ["JSON", `{"a":"<b>"}`, { "acme.failed": "yes" }],
    ["ends that do not fit", "<a><b>1</a></b>", { "acme.failed": "yes" }],
    ["two roots", "<a>1</a><b>2</b>", { "acme.failed": "yes" }],
    ["a document type", "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", { "acme.failed": "yes" }],
    ["depth", `${"<a>".repeat(100)}x`, "too-deep"],
    ["too many values", `<a>${"<b>1</b>".repeat(10_001)}</a>`, "too-many-fields"],
  ])("takes %s", (_name, text, expected) => {
    expect(fieldsOf(text)).toEqual(expected);
  });

  it("sends parts to namespaces of their own, and calls elements by an attribute", () => {
    const options = "parts: { a.data: acme.d, a.user.*: acme.u }, named: { v: n },";
    const text =
      "<a><data q='9'><v n='x &amp; y'>1</v><v>2</v><v n=''>3</v></data><user><z><k>4</k></z></user></a>";
    expect(fieldsOf(text, options)).toEqual({
      "acme.d.@q": "9",
      "acme.d.x & y": "1",
      "acme.d.v": ["2", "3"],
      "acme.u.k": "4",
    });
  });

  it("takes time in proportion to the text, whatever it is", () => {
    const hostile = ["<", "<a ", "<a b='", "&#", "<!--", "<a><![CDATA[", "</", "<a x=1 ", "<a>&lt"];
    const started = performance.now();
    for (const part of hostile) outcomeOf(part.repeat(200_000 / part.length));
    expect(performance.now() - started).toBeLessThan(3_000);
  });

  it("takes the root for the namespace and names attributes like elements where it is told to", () => {
    expect(
      fieldsOf(
        "<log id='1'><at>noon</at><who ip='192.0.2.1'/></log>",
        'parts: { "*": acme }, attributes: plain,',
      ),
    ).toEqual({ "acme.id": "1", "acme.at": "noon", "acme.who.ip": "192.0.2.1" });
  });

  it("refuses a layout that cannot be", () => {
    expect(() => outcomeOf("", "attributes: at,")).toThrow('no way of naming "at"');
    expect(() => outcomeOf("", "parts: { a.*.b: acme.d },")).toThrow("may only stand at the end");
    expect(() => outcomeOf("", "parts: { a.b: other.d },")).toThrow("other.d");
  });
});
