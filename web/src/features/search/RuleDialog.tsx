import { type ReactNode, useEffect } from "react";
import { type SearchMode, useRuleDraft } from "../../api/index.ts";
import { Button, CopyButton, Dialog, DialogFoot, ErrorNote, Skeleton } from "../../ui/index.ts";
import css from "./SearchTools.module.css";

interface RuleDialogProps {
  readonly mode: SearchMode;
  readonly query: string;
  readonly onClose: () => void;
}

/** The search's filter as a Sigma rule, to be finished by a person. */
export function RuleDialog({ mode, query, onClose }: RuleDialogProps): ReactNode {
  const { mutate, data, error } = useRuleDraft();
  useEffect(() => mutate({ mode, query }), [mutate, mode, query]);
  return (
    <Dialog title="A rule of this search" shape="wide" onClose={onClose}>
      {error !== null ? (
        <ErrorNote error={error} />
      ) : data === undefined ? (
        <Skeleton lines={6} />
      ) : (
        <>
          <p className="muted">
            Give it a title and say why it matters, add cases, and put it into a folder that{" "}
            <code>--rules</code> names.
          </p>
          <pre className={css["yaml"]} tabIndex={0} aria-label="The rule in Sigma">
            {data.yaml}
          </pre>
          {data.leftOut.length > 0 && (
            <>
              <h3>Left out</h3>
              <ul>
                {data.leftOut.map((what) => (
                  <li key={what} className="small">
                    {what}
                  </li>
                ))}
              </ul>
            </>
          )}
        </>
      )}
      <DialogFoot>
        <span className="grow" />
        {data !== undefined && <CopyButton text={data.yaml} label="Copy as YAML" />}
        <Button onClick={onClose}>Close</Button>
      </DialogFoot>
    </Dialog>
  );
}
