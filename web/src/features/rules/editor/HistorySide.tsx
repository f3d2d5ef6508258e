import type { OwnRule } from "@tyto/domain";
import { type ReactNode, useState } from "react";
import { useRuleChanges, useRuleVersion, useRuleVersions } from "../../../api/index.ts";
import { Button, ErrorNote, failureOf, LogText, Skeleton, Time, useToasts } from "../../../ui/index.ts";
import css from "./Editor.module.css";
import { TextDiff } from "./TextDiff.tsx";

interface HistorySideProps {
  readonly rule: OwnRule;
  /** As it is written now. */
  readonly yaml: string;
  readonly isDirty: boolean;
  readonly onTake: (rule: OwnRule) => void;
}

/** Every version that was saved, what is different from what is written now, and the way back. */
export function HistorySide({ rule, yaml, isDirty, onTake }: HistorySideProps): ReactNode {
  const { data, error, refetch } = useRuleVersions(rule.id);
  const [chosen, setChosen] = useState<number>();
  const { restore } = useRuleChanges();
  const toasts = useToasts();
  if (error !== null) return <ErrorNote error={error} onRetry={() => void refetch()} />;
  if (data === undefined) return <Skeleton lines={4} />;
  const back = (number: number) =>
    restore.mutate(
      { id: rule.id, number, basedOn: rule.latest.number },
      {
        onSuccess: (restored) => {
          onTake(restored);
          setChosen(undefined);
          toasts.show({ message: `Version ${number} again, as version ${restored.latest.number}` });
        },
        onError: (failure) => toasts.show({ tone: "error", message: failureOf(failure).message }),
      },
    );
  return (
    <div className={css["sideBody"]}>
      <ol className={css["versions"]}>
        {data.items.map(({ number, at, by, comment }) => (
          <li key={number}>
            <button
              type="button"
              className="link"
              aria-expanded={chosen === number}
              onClick={() => setChosen(chosen === number ? undefined : number)}
            >
              Version {number}
            </button>
            <span className="muted">
              {by}, <Time value={at} as="instant" />
              {number === rule.running && " · runs"}
            </span>
            {comment !== "" && <LogText text={comment} limit={200} isExpandable={false} />}
            {chosen === number && (
              <div className={css["version"]}>
                <VersionDiff id={rule.id} number={number} yaml={yaml} />
                {number !== rule.latest.number && (
                  <Button disabled={isDirty || restore.isPending} onClick={() => back(number)}>
                    Restore version {number}
                  </Button>
                )}
                {number !== rule.latest.number && isDirty && (
                  <p className="muted small">Save what you have written first.</p>
                )}
              </div>
            )}
          </li>
        ))}
      </ol>
    </div>
  );
}

function VersionDiff({
  id,
  number,
  yaml,
}: {
  readonly id: string;
  readonly number: number;
  readonly yaml: string;
}): ReactNode {
  const { data, error } = useRuleVersion(id, number);
  if (error !== null) return <ErrorNote error={error} />;
  if (data === undefined) return <Skeleton lines={3} />;
  return <TextDiff label={`From version ${number} to what is written now`} before={data.yaml} after={yaml} />;
}
