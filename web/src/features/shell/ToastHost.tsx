import { IconX } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useStore } from "../../ui/store.ts";
import { Button, useToasts } from "../../ui/index.ts";
import css from "./AppShell.module.css";

export function ToastHost(): ReactNode {
  const toasts = useToasts();
  const shown = useStore(toasts.store);
  return (
    <div className={css["toasts"]} role="status" aria-live="polite">
      {shown.map((toast) => (
        <div
          key={toast.id}
          className={`${css["toast"] ?? ""} ${toast.tone === "error" ? (css["wrong"] ?? "") : ""}`}
        >
          <span>{toast.message}</span>
          {toast.action !== undefined && (
            <Button
              onClick={() => {
                toast.action?.run();
                toasts.dismiss(toast.id);
              }}
            >
              {toast.action.label}
            </Button>
          )}
          <Button tone="quiet" iconLabel="Dismiss" onClick={() => toasts.dismiss(toast.id)}>
            <IconX size={14} />
          </Button>
        </div>
      ))}
    </div>
  );
}
