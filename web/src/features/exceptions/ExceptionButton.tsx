import type { ExceptionCondition } from "@tyto/domain";
import { lazy, type ReactNode, Suspense, useState } from "react";
import { Button } from "../../ui/index.ts";

// The alert pages are there at the first load; this is not.
const ExceptionDialog = lazy(async () => ({
  default: (await import("./ExceptionDialog.tsx")).ExceptionDialog,
}));

interface ExceptionButtonProps {
  readonly label?: string;
  readonly alertId?: string;
  readonly ruleId?: string;
  /** What to begin with. */
  readonly conditions?: readonly ExceptionCondition[];
}

/** From an alert, or a value that many alerts share, to an exception. */
export function ExceptionButton({ label = "Exception…", ...start }: ExceptionButtonProps): ReactNode {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)}>{label}</Button>
      {isOpen && (
        <Suspense fallback={null}>
          <ExceptionDialog start={{ kind: "new", ...start }} onDone={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
