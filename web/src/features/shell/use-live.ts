import type { LiveMessage } from "@tyto/domain";
import { useMatch } from "@tanstack/react-router";
import { useCallback } from "react";
import { useLiveAlerts, useUsername } from "../../api/index.ts";
import { useToasts } from "../../ui/index.ts";

const VERBS: Readonly<Record<string, string>> = {
  acknowledge: "acknowledged",
  assign: "assigned",
  close: "closed",
  reopen: "reopened",
  note: "added a note to",
  tag: "tagged",
};

/** Hears what changes, and says so when somebody else changes the alert that one is looking at. */
export function useLive(): void {
  const me = useUsername();
  const toasts = useToasts();
  const page = useMatch({ from: "/alerts/$alertId", shouldThrow: false });
  const queue = useMatch({ from: "/alerts", shouldThrow: false });
  const open = page?.params.alertId ?? queue?.search.alert;
  const onChange = useCallback(
    ({ id, actor, change }: Extract<LiveMessage, { kind: "alert" }>) => {
      const verb = VERBS[change];
      if (id !== open || actor === me || actor === "detection" || verb === undefined) return;
      toasts.show({ message: `${actor} ${verb} this alert just now. The newest state is shown.` });
    },
    [me, toasts, open],
  );
  useLiveAlerts(onChange);
}
