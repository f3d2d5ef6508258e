import { useNavigate } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { useCheckDashboard, useDashboardChanges } from "../../api/index.ts";
import {
  Button,
  Dialog,
  DialogFoot,
  ErrorNote,
  Field,
  formatAmount,
  LogText,
  TextArea,
} from "../../ui/index.ts";
import css from "./Dashboards.module.css";

const MAX_TEXT = 500_000;

/** A dashboard from a file or from the clipboard. What is wrong with it is said with its place, before anything is kept. */
export function ImportDashboard({ onClose }: { readonly onClose: () => void }): ReactNode {
  const [text, setText] = useState("");
  const check = useCheckDashboard();
  const { create } = useDashboardChanges();
  const navigate = useNavigate();
  const found = check.data;
  const change = (next: string) => {
    setText(next);
    check.reset();
  };
  const take = () =>
    check.mutate(text, {
      onSuccess: ({ dashboard }) => {
        if (dashboard === null) return;
        create.mutate(
          { dashboard, shared: false },
          {
            onSuccess: ({ id }) =>
              void navigate({ to: "/dashboards/$dashboardId", params: { dashboardId: id } }),
          },
        );
      },
    });
  return (
    <Dialog title="Import a dashboard" shape="wide" onClose={onClose}>
      <div className={css["editor"]}>
        <Field label="File" hint="YAML or JSON, as Export writes it">
          {(control) => (
            <input
              {...control}
              type="file"
              accept=".yml,.yaml,.json"
              onChange={(event) => {
                const [file] = event.target.files ?? [];
                if (file !== undefined && file.size <= MAX_TEXT) void file.text().then(change);
              }}
            />
          )}
        </Field>
        <Field label="Text">
          {(control) => (
            <TextArea
              {...control}
              isMono
              rows={12}
              value={text}
              maxLength={MAX_TEXT}
              onChange={(event) => change(event.target.value)}
            />
          )}
        </Field>
        {found !== undefined && found.problems.length > 0 && (
          <div role="alert" className={css["problems"]}>
            <b>{formatAmount(found.problems.length, "problem")}</b>
            <ul>
              {found.problems.map((problem, at) => (
                <li key={at}>
                  <span className="mono">
                    {problem.line ?? 1}:{problem.column ?? 1}
                  </span>{" "}
                  <LogText text={problem.message} limit={300} />
                  {problem.hint !== null && (
                    <span className="muted">
                      {" "}
                      · <LogText text={problem.hint} limit={300} />
                    </span>
                  )}
                </li>
              ))}
            </ul>
          </div>
        )}
        {(check.error ?? create.error) !== null && <ErrorNote error={check.error ?? create.error} />}
      </div>
      <DialogFoot>
        <Button onClick={onClose}>Cancel</Button>
        <Button
          tone="primary"
          disabled={text.trim() === "" || check.isPending || create.isPending}
          onClick={take}
        >
          Import
        </Button>
      </DialogFoot>
    </Dialog>
  );
}
