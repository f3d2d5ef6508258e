import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import { LogText } from "./LogText.tsx";
import { Sentence } from "./Sentence.tsx";

describe("log text on the page", () => {
  it("is never markup and never a link", () => {
    const html = renderToStaticMarkup(<LogText text={'<img src=x onerror="alert(1)"> http://example.com'} />);
    expect(html).not.toContain("<img");
    expect(html).not.toContain("<a ");
    expect(html).toContain("&lt;img");
  });

  it("names what would be invisible", () => {
    const html = renderToStaticMarkup(<LogText text={"a\u202eb"} />);
    expect(html).toContain("U+202E");
    expect(html).not.toContain("\u202e");
  });

  it("cuts long values, with a way to the rest", () => {
    const html = renderToStaticMarkup(<LogText text={"x".repeat(5_000)} limit={100} />);
    expect(html.length).toBeLessThan(600);
    expect(html).toContain("4,900 characters");
  });

  it("marks evidence inside", () => {
    expect(renderToStaticMarkup(<LogText text="Failed password" marks={["failed"]} />)).toContain(
      "<mark>Failed</mark>",
    );
  });

  it("sets an alert's names in bold, as text", () => {
    const html = renderToStaticMarkup(<Sentence text="**<b>root</b>** failed on **web-01**" />);
    expect(html.match(/<b>/g)).toHaveLength(2);
    expect(html).toContain("&lt;b&gt;root");
  });
});
