import type { Diagnostic } from "@tyto/domain";
import { eachStep } from "./check-pack.ts";
import { Issues } from "./issues.ts";
import type { PackDefinition } from "./pack-definition.ts";

/** What only all packs together show: parsers of others that are not there, and parsers that nobody uses. */
export function checkAcross(packs: readonly PackDefinition[]): readonly Diagnostic[] {
  const issues = new Issues();
  const known = new Set(
    packs.flatMap(({ id, parsers }) => [...parsers.keys()].map((name) => `${id}/${name}`)),
  );
  const used = new Set<string>();
  for (const pack of packs) {
    for (const { parser } of pack.recognisers) used.add(`${pack.id}/${parser}`);
    for (const parser of pack.types.values()) used.add(`${pack.id}/${parser}`);
    for (const steps of pack.parsers.values()) {
      eachStep(steps, ({ operation, at }) => {
        if (operation.kind !== "use" || operation.reference.kind !== "parser") return;
        const name = `${operation.reference.pack ?? pack.id}/${operation.reference.parser}`;
        used.add(name);
        if (!known.has(name))
          issues.error(
            at,
            "unknown-parser",
            `there is no parser "${name}"`,
            "a pack that it is in may not have loaded",
          );
      });
    }
  }
  for (const pack of packs) {
    for (const [name, steps] of pack.parsers) {
      // `main` is what a source's configuration names with the pack alone.
      if (name === "main" || used.has(`${pack.id}/${name}`)) continue;
      const at = steps[0]?.at ?? { file: pack.file };
      const hint = "recognise for it, use it, declare a type for it, or remove it";
      issues.warning(at, "unused-parser", `nothing uses parser "${name}" of ${pack.id}`, hint);
    }
  }
  return issues.found;
}
