import { describe, expect, it } from "vitest";
import { passwordProblem, tokenOfFragment } from "./setup-form.ts";

describe("setting up", () => {
  it("counts characters, not code units", () => {
    expect(passwordProblem("🦉".repeat(6), "ana")).toContain("this has 6");
    expect(passwordProblem("correct horse battery", "ana")).toBeUndefined();
    expect(passwordProblem("anastasia.long", "AnaStasia.Long")).toBe("The username is no password.");
  });

  it("takes the token from the fragment", () => {
    expect(tokenOfFragment("#token=abc-123")).toBe("abc-123");
    expect(tokenOfFragment("")).toBe("");
  });
});
