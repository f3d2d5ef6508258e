import { RE2JS } from "re2js";

export function isGlob(text: string): boolean {
  return /[*?[{]/.test(text);
}

/** `*` and `?` within a name, `**` over directories, `[a-z]`, `{a,b}`. Matched in linear time. */
export function globMatcher(glob: string): (path: string) => boolean {
  let pattern = "";
  let braces = 0;
  for (let at = 0; at < glob.length; at += 1) {
    const char = glob[at] ?? "";
    if (char === "*" && glob[at + 1] === "*") {
      const isWhole = glob[at + 2] === "/";
      pattern += isWhole ? "(?:.*/)?" : ".*";
      at += isWhole ? 2 : 1;
    } else if (char === "*") pattern += "[^/]*";
    else if (char === "?") pattern += "[^/]";
    else if (char === "{") {
      pattern += "(?:";
      braces += 1;
    } else if (char === "}" && braces > 0) {
      pattern += ")";
      braces -= 1;
    } else if (char === "," && braces > 0) pattern += "|";
    else if (char === "[" && glob.indexOf("]", at + 2) !== -1) {
      const end = glob.indexOf("]", at + 2);
      pattern += `[${glob
        .slice(at + 1, end)
        .replace(/^!/, "^")
        .replace(/[\\[]/g, "\\$&")}]`;
      at = end;
    } else pattern += char.replace(/[\\^$.|+()[\]{}*?]/g, "\\$&");
  }
  const compiled = RE2JS.compile(pattern + ")".repeat(braces), RE2JS.DOTALL);
  return (path) => compiled.matches(path);
}
