import type { ReactNode } from "react";
import { keyLabels } from "./commands/keyboard.ts";
import { useEnvironment } from "./environment.ts";

/** A binding as keys: `g a` → two caps. */
export function Keys({ keys }: { readonly keys: string }): ReactNode {
  const { isMac } = useEnvironment();
  return (
    <span style={{ display: "inline-flex", gap: 3 }}>
      {keyLabels(keys, isMac).map((label, index) => (
        <kbd key={index}>{label}</kbd>
      ))}
    </span>
  );
}
