import { describe, expect, it } from "vitest";
import { rankCommands } from "../../features/shell/rank-commands.ts";
import { chordOf, isCharacterKey, isTyping, keyLabels, type KeyPress, matchKeys } from "./keyboard.ts";
import { type Command, CommandRegistry } from "./registry.ts";

const press = (key: string, modifiers: Partial<KeyPress> = {}): KeyPress => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...modifiers,
});

describe("chords", () => {
  it.each([
    [press("j"), "j"],
    [press("J"), "j"],
    [press("J", { shiftKey: true }), "Shift+J"],
    [press("?", { shiftKey: true }), "?"],
    [press("k", { ctrlKey: true }), "Mod+k"],
    [press("K", { metaKey: true, shiftKey: true }), "Mod+k"],
    [press("Escape"), "Escape"],
    [press("e", { altKey: true }), undefined],
    [press("Shift", { shiftKey: true }), undefined],
  ])("%j", (event, expected) => {
    expect(chordOf(event)).toBe(expected);
  });

  it("knows which keys can be switched off", () => {
    expect(["e", "?", "Shift+J"].every(isCharacterKey)).toBe(true);
    expect(["Mod+k", "Escape", "Enter"].some(isCharacterKey)).toBe(false);
  });

  it("are written for people", () => {
    expect(keyLabels("g a", false)).toEqual(["g", "a"]);
    expect(keyLabels("Mod+k", true)).toEqual(["⌘K"]);
    expect(keyLabels("Mod+k", false)).toEqual(["Ctrl K"]);
  });
});

describe("matching keys", () => {
  const bindings = new Set(["e", "g a", "g o", "Mod+k"]);

  it("runs a single key at once", () => {
    expect(matchKeys("", "e", bindings)).toEqual({ kind: "run", keys: "e" });
    expect(matchKeys("", "z", bindings)).toEqual({ kind: "none" });
  });

  it("waits for the second key of a sequence", () => {
    expect(matchKeys("", "g", bindings)).toEqual({ kind: "wait", prefix: "g" });
    expect(matchKeys("g", "a", bindings)).toEqual({ kind: "run", keys: "g a" });
  });

  it("does nothing after a sequence that leads nowhere", () => {
    expect(matchKeys("g", "e", bindings)).toEqual({ kind: "none" });
  });
});

describe("typing", () => {
  it.each([
    [{ tagName: "INPUT", type: "text" }, true],
    [{ tagName: "INPUT", type: "password" }, true],
    [{ tagName: "INPUT", type: "checkbox" }, false],
    [{ tagName: "textarea" }, true],
    [{ tagName: "SELECT" }, true],
    [{ tagName: "DIV", isContentEditable: true }, true],
    [{ tagName: "BUTTON" }, false],
    [null, false],
  ])("%j", (target, expected) => {
    expect(isTyping(target)).toBe(expected);
  });
});

const command = (id: string, label: string, keys?: readonly string[]): Command => ({
  id,
  label,
  group: "Alert",
  run: () => undefined,
  ...(keys === undefined ? {} : { keys }),
});

describe("the registry", () => {
  it("gives a key to the screen mounted last, and back when it goes", () => {
    const registry = new CommandRegistry();
    const [shell, page] = [Symbol("shell"), Symbol("page")];
    registry.register(shell, [command("a", "Shell", ["e"])]);
    registry.register(page, [command("b", "Page", ["e", "g a"])]);
    expect(registry.find("e")?.id).toBe("b");
    expect(registry.bindings()).toEqual(new Set(["e", "g a"]));
    registry.unregister(page);
    expect(registry.find("e")?.id).toBe("a");
  });
});

describe("the palette", () => {
  const commands = [
    command("a", "Close with a reason"),
    command("b", "Acknowledge"),
    { ...command("c", "Next"), isQuiet: true },
  ];

  it("finds commands by all words in any order, those that begin so first", () => {
    expect(rankCommands(commands, "reason close").map((one) => one.id)).toEqual(["a"]);
    expect(rankCommands(commands, "a").map((one) => one.id)).toEqual(["b", "a"]);
    expect(rankCommands(commands, "").map((one) => one.id)).toEqual(["a", "b"]);
  });
});
