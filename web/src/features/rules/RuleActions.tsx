import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { useDeletedRules, useRuleChanges } from "../../api/index.ts";
import {
  ActionMenu,
  Button,
  buttonClass,
  Dialog,
  DialogFoot,
  downloadText,
  ErrorNote,
  failureOf,
  Field,
  formatAmount,
  LogText,
  Skeleton,
  TextArea,
  Time,
  useToasts,
} from "../../ui/index.ts";
import css from "./Rules.module.css";

/** A new rule, and rules as files. */
export function RuleActions(): ReactNode {
  const [dialog, setDialog] = useState<"none" | "import" | "deleted">("none");
  const save = useExportFile();
  const done = () => setDialog("none");
  return (
    <>
      <ActionMenu
        label="More"
        actions={[
          { label: "Import rules…", run: () => setDialog("import") },
          { label: "Export own rules", run: save },
          { label: "Deleted rules…", run: () => setDialog("deleted") },
        ]}
      />
      <Link
        to="/rules/edit/$ruleId"
        params={{ ruleId: "new" }}
        search={{}}
        className={buttonClass("primary")}
      >
        New rule
      </Link>
      {dialog === "import" && <ImportDialog onClose={done} />}
      {dialog === "deleted" && <DeletedDialog onClose={done} />}
    </>
  );
}

/** One file of YAML documents; cases are in the API's export only. */
function useExportFile(): () => void {
  const changes = useRuleChanges();
  const toasts = useToasts();
  return () =>
    changes.export.mutate(undefined, {
      onSuccess: ({ items }) => {
        if (items.length === 0) {
          toasts.show({ message: "There are no own rules yet" });
          return;
        }
        const text = items.map(({ yaml }) => `${yaml.trimEnd()}\n`).join("---\n");
        downloadText("own-rules.yml", "application/yaml", text);
        toasts.show({ message: `${formatAmount(items.length, "rule")} in own-rules.yml` });
      },
      onError: (error) => toasts.show({ tone: "error", message: failureOf(error).message }),
    });
}

function ImportDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const [yaml, setYaml] = useState("");
  const { import: take } = useRuleChanges();
  return (
    <Dialog title="Import rules" shape="wide" onClose={onClose}>
      <p className="muted">
        Sigma rules in one or more YAML documents. Rules that are here already get a new version, by their
        ids; new ones are switched off.
      </p>
      <input
        type="file"
        accept=".yml,.yaml"
        aria-label="A file of rules"
        onChange={(event) => void event.target.files?.[0]?.text().then(setYaml)}
      />
      <Field label="Rules">
        {(control) => (
          <TextArea
            {...control}
            isMono
            rows={12}
            value={yaml}
            onChange={(event) => setYaml(event.target.value)}
          />
        )}
      </Field>
      {take.error !== null && <ErrorNote error={take.error} />}
      {take.data !== undefined && (
        <div role="status">
          <p>
            {take.data.created.length} new, {take.data.updated.length} changed, {take.data.same.length} the
            same, {take.data.refused.length} refused
          </p>
          <ul>
            {take.data.refused.map(({ title, reason }, index) => (
              <li key={index}>
                <LogText text={`${title === "" ? "Untitled" : title}: ${reason}`} limit={300} />
              </li>
            ))}
          </ul>
        </div>
      )}
      <DialogFoot>
        <span className="grow" />
        <Button onClick={onClose}>Close</Button>
        <Button
          tone="primary"
          disabled={yaml.trim() === "" || take.isPending}
          onClick={() => take.mutate({ yaml })}
        >
          Import
        </Button>
      </DialogFoot>
    </Dialog>
  );
}

function DeletedDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const { data, error } = useDeletedRules();
  const { bringBack } = useRuleChanges();
  return (
    <Dialog title="Deleted rules" onClose={onClose}>
      {error !== null ? (
        <ErrorNote error={error} />
      ) : data === undefined ? (
        <Skeleton lines={3} />
      ) : data.items.length === 0 ? (
        <p className="muted">No own rule was deleted.</p>
      ) : (
        <ul className={css["deleted"]}>
          {data.items.map(({ id, title, deletedAt }) => (
            <li key={id}>
              <LogText text={title} limit={120} isExpandable={false} />
              <span className="grow" />
              {deletedAt !== null && (
                <span className="muted">
                  <Time value={deletedAt} />
                </span>
              )}
              <Button onClick={() => bringBack.mutate(id)}>Bring back</Button>
            </li>
          ))}
        </ul>
      )}
    </Dialog>
  );
}
