import { Navigate } from "@tanstack/react-router";
import type { ReactNode } from "react";

/** Signed in already: there is nothing to do at the door. */
export function ToOverview(): ReactNode {
  return <Navigate to="/" replace />;
}
