import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Button, buttonClass, CopyButton, Empty, failureOf, Page } from "../../ui/index.ts";

export function NotFoundPage(): ReactNode {
  return (
    <Page title="Not found">
      <Empty
        title="There is no such page"
        action={
          <Link to="/" className={buttonClass()}>
            Go to the overview
          </Link>
        }
      >
        The address may be mistyped, or from another version of Tyto.
      </Empty>
    </Page>
  );
}

/** What a screen shows that broke; the rest of the console still works. */
export function BrokenPage({
  error,
  reset,
}: {
  readonly error: unknown;
  readonly reset: () => void;
}): ReactNode {
  const { message } = failureOf(error);
  const stack = error instanceof Error ? (error.stack ?? message) : message;
  return (
    <Page title="This screen broke">
      <Empty
        title="This screen broke"
        action={
          <>
            <Button tone="primary" onClick={reset}>
              Try again
            </Button>
            <CopyButton text={stack} label="Copy the report" />
          </>
        }
      >
        It is a fault of Tyto, not of your data: {message}
      </Empty>
    </Page>
  );
}
