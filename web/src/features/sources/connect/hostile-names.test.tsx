import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import { ConnectionState } from "./ConnectionState.tsx";
import { Snippet } from "./Snippet.tsx";
import { TestResult } from "./TestResult.tsx";

const HOSTILE = `<img src=x onerror=alert(1)>\u202egnp.exe`;

describe("what a peer says of itself", () => {
  it("is text in a test's checks and in a state, without signs that turn it round", () => {
    const check = { name: HOSTILE, ok: false, message: HOSTILE, hint: HOSTILE };
    const status = { state: "failing", reason: HOSTILE, hint: null, since: "", nextTryAt: null } as const;
    for (const element of [
      <TestResult key="test" test={{ ok: false, checks: [check] }} />,
      <ConnectionState key="state" connection={{ status }} />,
    ]) {
      const html = renderToStaticMarkup(element);
      expect(html).toContain("&lt;img src=x");
      expect(html).not.toContain("<img");
      expect(html).not.toContain("\u202e");
    }
  });

  it("says by word what the mark says by colour", () => {
    const html = renderToStaticMarkup(
      <TestResult
        test={{ ok: false, checks: [{ name: "token", ok: false, message: "refused", hint: "Make one" }] }}
      />,
    );
    expect(html).toContain('aria-label="Failed"');
    expect(html).toContain("It does not work yet.");
    expect(html).toContain("Make one");
  });

  it("is text in a snippet", () => {
    const html = renderToStaticMarkup(<Snippet place="Shell" text={`curl http://${HOSTILE}/`} />);
    expect(html).not.toContain("<img");
    expect(html).toContain('tabindex="0"');
  });
});
