import type { ReactNode } from "react";
import { useSession, useSetupState } from "../../api/index.ts";
import { ErrorNote, PermissionsContext } from "../../ui/index.ts";
import { LoginPage } from "../access/LoginPage.tsx";
import { WelcomePage } from "../access/WelcomePage.tsx";
import { SetupPage } from "../access/SetupPage.tsx";
import { AppShell } from "./AppShell.tsx";

/** Decides who sees what. The URL stays as it was asked for, so that signing in leads exactly there. */
export function Gate(): ReactNode {
  const session = useSession();
  const isOut = session.data === null;
  const setup = useSetupState({ enabled: isOut });
  if (session.data !== undefined && session.data !== null) {
    return (
      <PermissionsContext value={new Set(session.data.permissions)}>
        <AppShell />
      </PermissionsContext>
    );
  }
  // The one page for who has no account yet.
  if (location.pathname === "/welcome") return <WelcomePage />;
  const failed = session.error !== null ? session : setup.error !== null ? setup : undefined;
  if (failed !== undefined) return <ErrorNote error={failed.error} onRetry={() => void failed.refetch()} />;
  if (!isOut || setup.data === undefined) return null;
  return setup.data.needed ? <SetupPage /> : <LoginPage />;
}
